// The maths of the playground: data, both networks, their gradients and Adam. No DOM; all numbers are float64.
//
// x_l = x0 * (W_l x_{l-1} + b_l) + x_{l-1} (DCN-V2, arXiv 2008.13535, Eq. 1); h = relu(V z + c); y = head . features.
// sequential: z = x_L, head reads h. parallel: z = x0, head reads x_L and h, one after the other.
// Letters: D features, L cross layers, H hidden units. Matrices are rows [out][in], one after the other.

export const WIRINGS = ["sequential", "parallel"];
export const POINTS = 256; // of training, and as many of the test
export const BATCH = 32;
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
const MOST_RECORDS = 400;
const FIRST_EVERY = 8; // steps from one record of the losses to the next, until there are too many; frames end there, too

export const FEATURES = {
  x1: (x1, _x2) => x1,
  x2: (_x1, x2) => x2,
  sq1: (x1, _x2) => x1 * x1,
  sq2: (_x1, x2) => x2 * x2,
  sin1: (x1, _x2) => Math.sin(Math.PI * x1),
  sin2: (_x1, x2) => Math.sin(Math.PI * x2),
};

// Scaled to a variance of 1 over the square [-1, 1] x [-1, 1], so a loss of 1 is that of always saying the mean, 0.
export const TARGETS = {
  product: (x1, x2) => 3 * x1 * x2,
  tilted: (x1, x2) => Math.sqrt(18 / 5) * (x1 * x2 + (x1 + x2) / 2),
  circle: (x1, x2) => Math.sqrt(45 / 8) * (x1 * x1 + x2 * x2 - 2 / 3),
  line: (x1, x2) => Math.sqrt(3 / 2) * (x1 + x2),
  third: (x1, x2) => Math.sqrt(15) * x1 * x1 * x2,
};

// FNV-1a of the letters of a text, as a whole number of 32 bits.
function hashed(text) {
  let found = 2166136261;
  for (let at = 0; at < text.length; at++) found = Math.imul(found ^ text.charCodeAt(at), 16777619);
  return found >>> 0;
}

// Uniform numbers of [0, 1): mulberry32, a stream of its own for each name.
export function stream(seed, name) {
  let state = hashed(`${seed}/${name}`);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// The features of a point, x0 (D).
export function lifted(names, x1, x2) {
  return Float64Array.from(names, (name) => FEATURES[name](x1, x2));
}

// Points of the square with their features and targets; noise is normal (Box and Muller), of that standard deviation.
function draw(settings, name, noise) {
  const place = stream(settings.seed, `${name} points`);
  const luck = stream(settings.seed, `${name} noise`);
  const points = [];
  for (let at = 0; at < POINTS; at++) {
    const x1 = 2 * place() - 1;
    const x2 = 2 * place() - 1;
    const normal = Math.sqrt(-2 * Math.log(1 - luck())) * Math.cos(2 * Math.PI * luck());
    const target = TARGETS[settings.target](x1, x2) + noise * normal;
    points.push({ x1, x2, x0: lifted(settings.features, x1, x2), target });
  }
  return points;
}

// Hidden units of a wiring: the parallel head also reads D crosses, and one unit less is nearer to equal where D > 2.
export function hiddenUnits(wiring, D, H) {
  return wiring === "parallel" && D > 2 ? H - 1 : H;
}

// Where each tensor stands in the flat weights, in the order of the forward pass.
function laidOut(wiring, D, L, H) {
  const tensors = [];
  let start = 0;
  const add = (kind, layer, rows, columns) => {
    tensors.push({ kind, layer, rows, columns, start });
    start += rows * columns;
  };
  for (let layer = 1; layer <= L; layer++) {
    add("cross", layer, D, D);
    add("crossBias", layer, D, 1);
  }
  add("deep", 0, H, D);
  add("deepBias", 0, H, 1);
  add("head", 0, 1, wiring === "parallel" ? D + H : H);
  add("headBias", 0, 1, 1);
  return { tensors, size: start };
}

// A network with its first weights: uniform with variance 1 / inputs, a stream a row, so rows agree between wirings;
// biases are zero.
export function network(wiring, settings) {
  const D = settings.features.length;
  const L = settings.layers;
  const H = hiddenUnits(wiring, D, settings.width);
  const { tensors, size } = laidOut(wiring, D, L, H);
  const weights = new Float64Array(size);
  for (const { kind, layer, rows, columns, start } of tensors) {
    if (kind.endsWith("Bias")) continue;
    const bound = Math.sqrt(3 / columns);
    for (let row = 0; row < rows; row++) {
      const next = stream(settings.seed, `${kind} ${layer} ${row}`);
      for (let column = 0; column < columns; column++) {
        weights[start + row * columns + column] = bound * (2 * next() - 1);
      }
    }
  }
  const zeros = () => new Float64Array(size);
  const [deep, deepBias, head, headBias] = tensors.slice(2 * L).map((one) => one.start);
  const places = { deep, deepBias, head, headBias };
  return { wiring, D, L, H, tensors, places, weights, gradient: zeros(), first: zeros(), second: zeros(), updates: 0 };
}

// Room for what one point makes: crosses (L + 1, D), the first of which are x0, and hidden units (H).
export function room(net) {
  return { crosses: new Float64Array((net.L + 1) * net.D), hidden: new Float64Array(net.H) };
}

// The output for x0 (D); what was made on the way is left in `made`.
export function forward(net, x0, made) {
  const { D, L, H, weights, places } = net;
  const { crosses, hidden } = made;
  crosses.set(x0);
  for (let layer = 0, W = 0; layer < L; layer++, W += D * D + D) {
    const below = layer * D;
    for (let row = 0; row < D; row++) {
      let sum = weights[W + D * D + row];
      for (let column = 0; column < D; column++) sum += weights[W + row * D + column] * crosses[below + column];
      crosses[below + D + row] = x0[row] * sum + crosses[below + row];
    }
  }
  const read = net.wiring === "parallel" ? 0 : L * D;
  let head = places.head;
  let output = weights[places.headBias];
  if (net.wiring === "parallel") {
    for (let column = 0; column < D; column++) output += weights[head + column] * crosses[L * D + column];
    head += D;
  }
  for (let row = 0; row < H; row++) {
    let sum = weights[places.deepBias + row];
    for (let column = 0; column < D; column++) sum += weights[places.deep + row * D + column] * crosses[read + column];
    hidden[row] = sum > 0 ? sum : 0;
    output += weights[head + row] * hidden[row];
  }
  return output;
}

// Adds the gradient of one point to `net.gradient`, where `slope` is that of the loss by the output.
function backward(net, made, slope) {
  const { D, L, H, weights, gradient, places } = net;
  const { crosses, hidden } = made;
  const parallel = net.wiring === "parallel";
  const back = new Float64Array(D); // of the loss by the output of the cross network
  let head = places.head;
  gradient[places.headBias] += slope;
  if (parallel) {
    for (let column = 0; column < D; column++) {
      gradient[head + column] += slope * crosses[L * D + column];
      back[column] = slope * weights[head + column];
    }
    head += D;
  }
  const read = parallel ? 0 : L * D;
  for (let row = 0; row < H; row++) {
    if (hidden[row] <= 0) continue; // relu: no slope where nothing comes through; its head weight meets a zero
    gradient[head + row] += slope * hidden[row];
    const own = slope * weights[head + row];
    gradient[places.deepBias + row] += own;
    for (let column = 0; column < D; column++) {
      gradient[places.deep + row * D + column] += own * crosses[read + column];
      if (!parallel) back[column] += own * weights[places.deep + row * D + column];
    }
  }
  for (let layer = L - 1, W = (L - 1) * (D * D + D); layer >= 0; layer--, W -= D * D + D) {
    const below = layer * D;
    const further = Float64Array.from(back);
    for (let row = 0; row < D; row++) {
      const own = back[row] * crosses[row]; // x0
      gradient[W + D * D + row] += own;
      for (let column = 0; column < D; column++) {
        gradient[W + row * D + column] += own * crosses[below + column];
        further[column] += own * weights[W + row * D + column];
      }
    }
    back.set(further);
  }
}

// One step of Adam (arXiv 1412.6980) on the mean squared error of a batch.
export function train(net, batch, rate) {
  const { weights, gradient, first, second } = net;
  const made = room(net);
  gradient.fill(0);
  for (const { x0, target } of batch) backward(net, made, (2 * (forward(net, x0, made) - target)) / batch.length);
  net.updates += 1;
  const step = rate / (1 - BETA1 ** net.updates);
  const spread = Math.sqrt(1 - BETA2 ** net.updates);
  for (let at = 0; at < weights.length; at++) {
    first[at] = BETA1 * first[at] + (1 - BETA1) * gradient[at];
    second[at] = BETA2 * second[at] + (1 - BETA2) * gradient[at] * gradient[at];
    weights[at] -= (step * first[at]) / (Math.sqrt(second[at]) / spread + EPSILON);
  }
}

// The mean squared error over points.
export function loss(net, points) {
  const made = room(net);
  let sum = 0;
  for (const { x0, target } of points) sum += (forward(net, x0, made) - target) ** 2;
  return sum / points.length;
}

// Both networks with their data, before the first step. The test has no noise: it asks for the surface itself.
export function game(settings) {
  const nets = Object.fromEntries(WIRINGS.map((wiring) => [wiring, network(wiring, settings)]));
  const points = draw(settings, "train", settings.noise);
  const found = { settings, nets, train: points, test: draw(settings, "test", 0), steps: 0 };
  return recorded({ ...found, order: [], luck: stream(settings.seed, "order"), records: [], every: FIRST_EVERY });
}

// The train and test loss of both networks now; worked out once, until a step or an edit changes them.
export function losses(playing) {
  const of = (net) => ({ train: loss(net, playing.train), test: loss(net, playing.test) });
  playing.lost ??= Object.fromEntries(WIRINGS.map((wiring) => [wiring, of(playing.nets[wiring])]));
  return playing.lost;
}

function recorded(playing) {
  if (playing.steps % playing.every === 0) {
    playing.records.push({ steps: playing.steps, ...losses(playing) });
    if (playing.records.length > MOST_RECORDS) {
      playing.every *= 2;
      playing.records = playing.records.filter((one) => one.steps % playing.every === 0);
    }
  }
  return playing;
}

// The next batch: every point once, in an order drawn anew (Fisher and Yates), then again.
export function nextBatch(playing) {
  if (playing.order.length === 0) {
    playing.order = playing.train.map((_, at) => at);
    for (let at = POINTS - 1; at > 0; at--) {
      const other = Math.floor(playing.luck() * (at + 1));
      [playing.order[at], playing.order[other]] = [playing.order[other], playing.order[at]];
    }
  }
  return playing.order.splice(0, BATCH).map((at) => playing.train[at]);
}

// Write a weight by hand.
export function edit(playing, { wiring, index, value }) {
  playing.nets[wiring].weights[index] = value;
  playing.lost = undefined;
}

// One step of both networks on the same batch, and then the weights that were written by hand after it.
export function advance(playing, edits = []) {
  const batch = nextBatch(playing);
  for (const wiring of WIRINGS) train(playing.nets[wiring], batch, playing.settings.rate);
  playing.steps += 1;
  playing.lost = undefined;
  recorded(playing);
  for (const one of edits) if (one.at === playing.steps) edit(playing, one);
}
