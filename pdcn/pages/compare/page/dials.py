"""Settings as widgets, which stand as in the run on show until the address or a person says otherwise.

Every dial is bound to the address under its own key. The address names the run, so it need not name the dials that
stand as in that run; a link that is to last names them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pdcn.config import TWO_TOWERS, Experiment, offered
from pdcn.dial import Dial
from pdcn.dials import OWN_ITEM_TOWER, assemble, command_of, dials, dials_in_address, named_data, quick, read
from pdcn.inert import code, named, words
from pdcn.pages.compare import words as say
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError
from pdcn.shell.address import PARAMETER
from pdcn.shell.class_link import class_link, link_for_others
from pdcn.shell.hidden import hidden
from pdcn.shell.inputs import UNSEEN, labelled, number_input
from pdcn.shell.parts import remark, unfolded
from pdcn.shell.pictures import with_picture
from pdcn.shell.terms import with_terms
from pdcn.sources import SOURCES
from pdcn.wirings import WIRINGS
from pdcn.words import listed, spoken

CHOICES_IN_A_ROW = 3
FIRST = ("task", "data")
"""What is to be learned, and from what: they decide which other dials there are."""
OWN = Dial(OWN_ITEM_TOWER, (OWN_ITEM_TOWER,), "bool", False, say.ITEM_TOWER, say.ITEM_TOWER_HELP, "more")
"""Not a setting: whether those of an item tower are there."""
LINK = "what_the_link_said"
"""Where it is kept what a link asked for in vain."""
TAKE = "take-with-you"
"""The key of the fold with the command and the link."""
SET_TO = "dials_of"
"""Where it is kept which run the dials were last set to."""


def panel(notices: st.delta_generator.DeltaGenerator, folder: RunFolder) -> Experiment | None:
    """All dials, few first and the rest under "More"; the experiment they make, or None with the reason."""
    # what the link asks for, once; before the widgets are drawn: Streamlit drops what they can't take, without a word
    asked = {} if LINK in st.session_state else {key: st.query_params.get_all(key) for key in st.query_params}
    for key, value in named_data(st.query_params.get("data", "")).items():  # a link may call data by its own name
        st.query_params[key] = st.session_state[key] = value
        asked.pop(key, None)
    shown = folder.experiment
    if st.session_state.setdefault(SET_TO, folder.run) != folder.run:  # another run came on show
        st.session_state[SET_TO] = folder.run
        set_dials(shown)
    by_key = {dial.key: _standing(dial, shown) for dial in dials()}
    values: dict[str, Any] = {key: _widget(by_key[key]) for key in FIRST}
    open_here = [d for d in by_key.values() if d.fits(values["data"], values["task"]) and d.key not in FIRST]
    shared = [d for d in open_here if d.path[0] != "item_network"]
    first = [d for d in shared if d.level == "main"]
    values |= _widgets(first)
    more, out_of_sight = [d for d in shared if d.level == "more"], hidden()
    nothing_more = {*(d.key for d in more), OWN_ITEM_TOWER} <= out_of_sight
    with st.container(key=f"{UNSEEN}more" if nothing_more else "more-dials").expander(say.MORE):
        for title, group in _groups(more):
            if not {d.key for d in group} <= out_of_sight:
                st.caption(title)
            values |= _widgets(group)
        towers = TWO_TOWERS in offered(values["data"], values["task"])
        own = towers and _widget(replace(OWN, default=shown.item_network is not None))
        if own:
            values |= _widgets([d for d in open_here if d.path[0] == "item_network"])
    now = {**values, OWN_ITEM_TOWER: own}
    said, then = st.session_state.setdefault(LINK, (misread(asked, now), now))
    if said and then == now:  # it stays until a dial is moved
        lines = "\n".join(f"- {one}" for one in said)
        notices.warning(f"{say.NOT_UNDERSTOOD}\n{lines}", icon=":material/link_off:")
    if None in values.values():  # a text that is no value; its widget says so
        return None
    try:
        experiment = assemble(values)
    except SettingError as error:
        notices.error(say.DO_NOT_FIT(why=words(error)), icon=":material/tune:")
        return None
    if experiment.item_network == experiment.network:  # one name for one experiment
        return experiment.model_copy(update={"item_network": None})
    return experiment


def _standing(dial: Dial, shown: Experiment) -> Dial:
    """The dial, which begins where the run on show has it."""
    value = read(shown, dial)
    value = dial.default if value is None else value
    if dial.key == "task" and value not in dial.choices:  # one that is not offered to everybody
        return replace(dial, default=value, choices=(*dial.choices, value))
    if dial.kind == "arm":
        return replace(dial, default=value, choices=tuple(dict.fromkeys((value, dial.default, *WIRINGS))))
    if dial.kind == "name":  # that of data which is gone stays, and is told
        known = _names_of(dial)  # none of them is the default: an address leaves that out, and names may come and go
        names = (*known, value) if value else ("", *known) if known else ()
        return replace(dial, default=value, choices=tuple(dict.fromkeys(names)))
    if dial.kind == "choice" and value not in dial.choices:  # such as a task that only a file can ask for
        return replace(dial, default=value, choices=(*dial.choices, value))
    return replace(dial, default=value)


def _names_of(dial: Dial) -> Sequence[str]:
    """What there is of data that has names of its own."""
    names = SOURCES[dial.source].names if dial.source in SOURCES else None
    return names() if names else ()


def misread(asked: Mapping[str, list[str]], values: Mapping[str, Any]) -> list[str]:
    """A sentence for every parameter of a link, by key, that its dial does not stand on; `values` are those of the
    dials.

    Keys that are no dial's belong to the pages. What a text box shows as it came, its own error explains.

    >>> misread({"epochs": ["-4"], "run": ["x"]}, {"epochs": 2})
    ['epochs: expected a whole number between 1 and 200, got `-4`; 2 is used']
    """
    found = []
    for dial in (*dials(), OWN):
        if dial.key not in asked:
            continue
        text = ",".join(asked[dial.key]) if dial.several else asked[dial.key][-1]
        if dial.key not in values:
            needed = f"data={dial.source}" if dial.source else f"{OWN_ITEM_TOWER}=true"
            if dial.needs and not dial.fits(str(values.get("data")), str(values.get("task"))):
                needed = listed(dial.needs)
            found.append(say.NOT_USED(key=dial.key, needed=needed))
            continue
        used = values[dial.key]
        try:
            taken = used is None or dial.parse(text) == used
        except SettingError:
            taken = False
        if not taken:
            expected = dial.expected()
            if dial.several:
                expected = expected.replace("separated by commas", "each as a parameter of its own")
            known = {"key": dial.key, "got": code(text), "used": named(dial.text(used)) or say.NONE}
            found.append(say.USED_INSTEAD(expected=expected, **known))
    return found


def _groups(found: list[Dial]) -> Iterable[tuple[str, list[Dial]]]:
    for part, title in say.GROUPS.items():
        if group := [d for d in found if (d.path[0] if d.path[0] in say.GROUPS else "") == part]:
            yield title, group


def _widgets(group: Iterable[Dial]) -> dict[str, Any]:
    """Values by key; None where a text could not be read."""
    values: dict[str, Any] = {}
    for dial in group:
        try:
            values[dial.key] = _widget(dial)
        except SettingError as error:
            st.error(words(error), icon=":material/tune:")
            values[dial.key] = None
    return values


def _widget(dial: Dial) -> Any:
    """One dial as the widget that fits its kind."""
    label = say.OF_ITEM_TOWER(label=dial.label) if dial.path[0] == "item_network" else dial.label
    common: dict[str, Any] = {"label": label, "key": dial.key, "help": with_picture(dial.hover)}
    common |= {"bind": "query-params", "persist_state": "session"}
    if any(dial.said_of_one(one) != str(one) for one in _options(dial)):
        return _labelled(dial, common)
    if dial.kind == "bool":
        return st.toggle(value=dial.default, **common)
    if dial.kind == "choice" or (dial.kind == "name" and dial.choices):
        return _list(dial, **common, **_standing_on(dial))
    if dial.kind in ("text", "name"):
        return st.text_input(value=dial.default, **common)
    if dial.kind == "widths":
        return dial.parse(st.text_input(value=dial.text(dial.default), **common))
    number = int if dial.kind == "int" else float
    assert dial.low is not None
    assert dial.high is not None
    return number_input(
        st,
        label,
        number(dial.low),
        number(dial.high),
        number(dial.default),
        key=dial.key,
        help=dial.hover,
        told=True,
        step=1 if dial.kind == "int" else max(0.0001, dial.default / 10 or 0.1),
        format="%d" if dial.kind == "int" else "%g",
        persist_state="session",
    )


def _options(dial: Dial) -> list[Any]:
    """What a dial offers to choose from; other arms can be typed."""
    if dial.kind == "arms":
        return list(dict.fromkeys((*WIRINGS, *dial.default)))
    return list(dial.choices) if dial.kind in ("choice", "names", "arm", "name") else []


def _labelled(dial: Dial, common: Mapping[str, Any]) -> Any:
    """A dial whose options people read by other names than links write."""
    about = with_picture(dial.hover)
    if dial.kind == "arms":
        controls = [
            say.A_CONTROL(arm=spoken(name), what=w.words, rules_out=w.rules_out)
            for name, w in WIRINGS.items()
            if w.rules_out
        ]
        about = "\n".join([about, "", say.CONTROLS, "", *controls])
    seen = partial(_list, dial, label=common["label"], help=about, format_func=dial.said_of_one)
    value = labelled(dial.key, partial(_list, dial, **common, **_standing_on(dial)), seen)
    return tuple(value) if dial.several else value


def _standing_on(dial: Dial) -> dict[str, Any]:
    """Where a list begins, as its widget wants to know it."""
    options = _options(dial)
    if dial.several:
        return {"default": list(dial.default)}
    if dial.kind == "choice" and len(options) <= CHOICES_IN_A_ROW:
        return {"default": dial.default}
    return {"index": options.index(dial.default)}


def _list(dial: Dial, **common: Any) -> Any:
    """The list that fits what a dial offers: few options beside each other, many in a list that opens."""
    options = _options(dial)
    if dial.kind == "arms":
        return st.multiselect(options=options, accept_new_options=True, **common)
    if dial.kind == "names":
        return st.pills(options=options, selection_mode="multi", **common)
    if dial.kind == "choice" and len(options) <= CHOICES_IN_A_ROW:
        return st.segmented_control(options=options, required=True, **common)
    if dial.kind == "name":
        return st.selectbox(options=options, format_func=lambda name: name or say.CHOOSE, **common)
    return st.selectbox(options=options, accept_new_options=dial.kind == "arm", **common)


def set_dials(experiment: Experiment) -> None:
    """Put every dial where the experiment has it; to be called before the dials are drawn."""
    for dial in dials():
        value = _standing(dial, experiment).default
        if dial.kind == "widths":
            value = dial.text(value)
        st.session_state[dial.key] = list(value) if dial.several else value
    st.session_state[OWN_ITEM_TOWER] = experiment.item_network is not None


def offer_dials(shown: Experiment, chosen: Experiment | None) -> None:
    """Where the dials describe another experiment than the run on show: say so, louder where they are for other data,
    and offer to set them."""
    if chosen == shown:
        return
    note, button = st.columns([3, 1], vertical_alignment="center")
    if chosen is not None and chosen.data.source != shown.data.source:
        of = {"shown": SOURCES[shown.data.source].label, "chosen": SOURCES[chosen.data.source].label}
        note.info(with_terms(say.CHANGED_DATA(**of)), icon=":material/tune:")
    else:
        note.caption(with_terms(say.CHANGED))
    button.button(say.SET_BACK, on_click=set_dials, args=(shown,), type="tertiary", icon=":material/tune:")


def quick_button(experiment: Experiment | None) -> None:
    """Sets the dials to the smallest honest setting of their data, as --quick does; names and free text stay."""
    now = experiment or Experiment()
    own = (one for one in dials() if one.kind in ("text", "name") and one.source == now.data.source)
    named_data = {one.key: read(now, one) for one in own}
    st.button(
        say.QUICK,
        on_click=set_dials,
        args=(assemble(quick({"data": now.data.source, "task": now.task, **named_data})),),
        type="tertiary",
        icon=":material/bolt:",
        width="stretch",
        help=with_picture(say.QUICK_HELP),
    )


def take_away(experiment: Experiment, run: str) -> None:
    """The same experiment as a command, a link and a file, and the link for a class."""
    unfolded(TAKE, say.TAKE, _take_with_you, experiment, run)
    class_link("compare", dials_in_address(experiment))


def _take_with_you(experiment: Experiment, run: str) -> None:
    remark(say.TAKE_COMMAND)
    st.code(command_of(experiment), language="bash", wrap_lines=True)
    remark(say.TAKE_LINK)
    page = (st.context.url or "").split("?")[0]
    link_for_others(link_of(experiment, run, page))
    remark(say.TAKE_JSON)
    st.download_button("experiment.json", experiment.to_json, "experiment.json", "application/json")


def link_of(experiment: Experiment, run: str, page: str) -> str:
    """A link to `page` with a run on show, which says of every dial where it stands in the experiment.

    Of all of them, so that it leads to the same experiment when defaults have changed, and beside any run.
    """
    return f"{page}?{urlencode({PARAMETER: run, **dials_in_address(experiment)}, doseq=True)}"
