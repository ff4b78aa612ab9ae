// The bar below the slides: it turns them by key, by press, and says how large the stage is. Python draws the slides.

const MOVES = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }; // PageUp and PageDown: what a clicker sends
const STAGE = [1280, 720]; // pixels for which the slides are laid out
const NARROW = 700; // pixels of a screen on which slides are read like any page
const IN_HAND = 0.62; // how large figures are there: their letters are as large as those of any page
const SHOWN = new WeakMap();

function filled(text, known) {
  return text.replace(/\{(\w+)\}/g, (_, name) => known[name]);
}

function bar(root, say, names) {
  const steps = Object.keys(names);
  const told = []; // slides that Python was told and has not drawn yet
  let tell = () => {}; // of a name and a value
  let at = 0;
  let scale = 1;
  let said; // the scale that Python was told: letters of figures have a size of their own

  const list = root.querySelector("ol");
  const buttons = steps.map((step, place) => {
    const button = globalThis.document.createElement("button");
    button.type = "button";
    button.textContent = names[step];
    button.addEventListener("click", () => go(place));
    const line = globalThis.document.createElement("li");
    line.append(button);
    list.append(line);
    return button;
  });
  const turns = [...root.querySelectorAll("[data-go]")];
  const full = root.querySelector("[data-full]");
  const leave = root.querySelector("[data-leave]");

  function show() {
    buttons.forEach((button, place) => {
      if (place === at) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    for (const turn of turns) turn.disabled = steps[at + Number(turn.dataset.go)] === undefined;
    const text = filled(say.place, { at: at + 1, all: steps.length, name: names[steps[at]] });
    const place = root.querySelector(".place");
    if (place.textContent !== text) place.textContent = text;
  }

  function go(place) {
    const next = Math.min(steps.length - 1, Math.max(0, place));
    if (next === at) return;
    at = next;
    told.push(steps[at]);
    show();
    tell("slide", steps[at]);
  }

  function away() {
    globalThis.document.querySelector(".st-key-unseen-present-leave a")?.click();
  }

  function pressed(event) {
    if (!root.isConnected) {
      globalThis.removeEventListener("keydown", pressed, true);
      return;
    }
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key in MOVES) go(at + MOVES[event.key]);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(steps.length - 1);
    else if (event.key === "Escape") away();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function fit() {
    if (!root.isConnected) {
      globalThis.removeEventListener("resize", fit);
      return;
    }
    const { innerWidth, innerHeight } = globalThis;
    const room = Math.min(innerWidth / STAGE[0], innerHeight / STAGE[1]);
    const narrow = innerWidth < NARROW;
    scale = narrow ? IN_HAND : Math.floor(100 * room) / 100;
    globalThis.document.documentElement.style.setProperty("--stage-scale", narrow ? 1 : scale);
    if (scale !== said) {
      said = scale;
      tell("scale", scale);
    }
  }

  root.setAttribute("aria-label", say.bar);
  for (const [place, name] of [say.back, say.on].entries()) turns[place].setAttribute("aria-label", name);
  turns.forEach((turn) => turn.addEventListener("click", () => go(at + Number(turn.dataset.go))));
  full.textContent = say.full;
  full.hidden = !globalThis.document.fullscreenEnabled;
  full.addEventListener("click", () => {
    if (globalThis.document.fullscreenElement) globalThis.document.exitFullscreen();
    else globalThis.document.documentElement.requestFullscreen();
  });
  leave.textContent = say.leave;
  leave.title = say.keys;
  leave.addEventListener("click", away);
  globalThis.addEventListener("keydown", pressed, true);
  globalThis.addEventListener("resize", fit);
  return {
    update: (data, told_to) => {
      tell = told_to;
      said ??= data.scale;
      fit();
      const place = told.indexOf(data.slide);
      if (place >= 0) told.splice(0, place + 1); // what was told before it was overtaken
      else if (told.length === 0 || steps[at] === data.slide) at = Math.max(0, steps.indexOf(data.slide));
      show();
    },
  };
}

// What Streamlit calls when the component is there, and again whenever its data change.
export default function mount({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".bar");
  if (!SHOWN.has(root)) SHOWN.set(root, bar(root, data.say, data.names));
  SHOWN.get(root).update(data, setStateValue);
}
