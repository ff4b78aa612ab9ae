"""Numbers and names in sentences, written the same way on every page, on the command line and in reports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from string import Formatter

from pdcn.inert import short


def minus(text: str) -> str:
    """A number with a true minus sign.

    >>> minus(f"{-0.2:.2f}")
    '−0.20'
    """
    return text.replace("-", "−")


def signed(text: str) -> str:
    """A number that was written with its sign, with a true minus; what is rounded to nothing has no sign.

    >>> signed("+1.2"), signed("-0.5%"), signed("-0.0%")
    ('+1.2', '−0.5%', '0.0%')
    """
    return minus(text) if text.strip("+-0.%") else text[1:]


def points(share: float) -> str:
    """A difference in percentage points, signed, one decimal more than recall has.

    >>> points(0.0123), points(-0.002), points(0.00001)
    ('+1.23', '−0.20', '0.00')
    """
    return signed(f"{100 * share:+.2f}")


def span(low: float, high: float, written: Callable[[float], str] = points) -> str:
    """An interval, by default of differences in percentage points.

    >>> span(-0.004, 0.02)
    '[−0.40, +2.00]'
    """
    return f"[{written(low)}, {written(high)}]"


def percent(value: float | None) -> str:
    """A relative difference, signed; a dash where there is nothing to be relative to.

    >>> percent(4.54), percent(-0.5), percent(-0.04), percent(None)
    ('+4.5%', '−0.5%', '0.0%', '—')
    """
    return "—" if value is None else signed(f"{value:+.1f}%")


def chance(p: float) -> str:
    """A p-value as one writes it.

    >>> chance(0.0301), chance(0.00002)
    ('p = 0.030', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def micro(time: float) -> str:
    """A time in words, from microseconds; a dash where there is none.

    >>> micro(54.14), micro(7391.2), micro(0.4), micro(float("nan"))
    ('54 µs', '7.4 ms', '0.4 µs', '—')
    """
    if time != time:
        return "—"
    if time >= 1_000:
        return f"{time / 1e3:,.1f} ms"
    return f"{time:.0f} µs" if time >= 10 else f"{time:.1f} µs"


def size(count: float) -> str:
    """Bytes as one says them.

    >>> size(2.1e4), size(3.4e5), size(612e6), size(41e9)
    ('21 kB', '0.3 MB', '0.6 GB', '41.0 GB')
    """
    if count < 0.5e5:
        return f"{count / 1e3:.0f} kB"
    return f"{count / 1e9:.1f} GB" if count >= 0.5e8 else f"{count / 1e6:.1f} MB"


def duration(seconds: float) -> str:
    """A time as one says it, no sharper than an estimate is.

    >>> [duration(s) for s in (4.2, 81, 700, 9_000, 2e6)]
    ['5 s', '1 min 20 s', '12 min', '2.5 hours', '23 days']
    """
    if seconds < 60:
        return f"{5 * max(1, round(seconds / 5))} s"
    if seconds < 300:
        whole = 10 * round(seconds / 10)
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    if seconds < 5_400:
        return f"{round(seconds / 60)} min"
    if seconds < 172_800:
        return f"{seconds / 3_600:.1f} hours"
    return f"{round(seconds / 86_400)} days"


def rank_words(rank: float) -> str:
    """A rank as people count, from 1; half a rank, which a tie makes, lies between two places.

    >>> rank_words(0), rank_words(1_234.0), rank_words(2.5)
    ('1', '1,235', '3–4')
    """
    return f"{rank + 1:,.0f}" if rank == int(rank) else f"{int(rank) + 1:,}–{int(rank) + 2:,}"


class Filled(str):
    """A sentence with its gaps filled. It remembers what was filled in, until it is copied, joined or kept."""

    __slots__ = ("known", "sentence")
    sentence: str
    known: dict[str, object]

    def __new__(cls, sentence: str, known: dict[str, object]) -> Filled:
        found = super().__new__(cls, sentence.format(**known))
        found.sentence, found.known = str(sentence), known
        return found

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def own_words(text: str) -> list[tuple[int, int]]:
    """Where the words of a text stand that are this house's own: all of a sentence, none of what was filled into one
    unless that is a sentence itself, and nothing of any other text.

    >>> said = Sentence("{who} found {what}.", who="we", what="it")(who="seed", what=Sentence("two seeds"))
    >>> [said[start:end] for start, end in own_words(said)], own_words("a seed")
    ([' found ', 'two seeds', '.'], [])
    """
    if isinstance(text, Sentence):
        return [(0, len(text))]
    if not isinstance(text, Filled):
        return []
    found, at, formatter = [], 0, Formatter()
    for literal, name, form, conversion in formatter.parse(text.sentence):
        if literal:
            found.append((at, at + len(literal)))
            at += len(literal)
        if name is not None:
            value, _ = formatter.get_field(name, (), text.known)
            if not form and not conversion and isinstance(value, (Sentence, Filled)):
                found += [(at + start, at + end) for start, end in own_words(value)]
            at += len(format(formatter.convert_field(value, conversion), form or ""))
    return found if at == len(text) else []


SAID: dict[str, Sentence] = {}
"""Every sentence of this house that was made so far, by its text."""


class Sentence(str):
    """A whole sentence that is said, with gaps for what is known only then, and an example of each.

    Lists of these can be read and edited by whoever knows no Python beyond strings; a test fills each with its example.

    >>> found = Sentence("Sizes match: {arm} is {share} larger.", arm="parallel", share="0.1%")
    >>> found(arm="linear", share="2%"), found.example
    ('Sizes match: linear is 2% larger.', 'Sizes match: parallel is 0.1% larger.')
    """

    __slots__ = ("gaps",)
    gaps: dict[str, object]

    def __new__(cls, text: str, **gaps: object) -> Sentence:
        found = super().__new__(cls, text)
        found.gaps = gaps
        named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        if named != {*gaps}:
            raise ValueError(f"expected an example for each of {sorted(named)}, got {sorted(gaps)}: {text}")
        SAID[str(text)] = found
        return found

    def __call__(self, **known: object) -> str:
        """With its gaps filled; KeyError where one is not given."""
        return Filled(self, known)

    @property
    def example(self) -> str:
        """With its gaps filled as an example."""
        return self.format(**self.gaps)


# what is said where files or settings are wrong; modules of the ground have no list of their own

HOME_UNUSABLE = Sentence(
    "PDCN_HOME: expected a folder that can be written, got {path} ({why})", path="/data", why="Not a directory"
)
DISK_FULL = Sentence("The disk is full; make room in {path}.", path="/data")
UNWRITABLE = Sentence("{path} can't be written ({why}).", path="/data", why="Input/output error")
DEMONSTRATION = Sentence(
    "This is a demonstration: look at everything; nothing is trained, measured, named, imported or deleted here."
)
NO_LIMIT = Sentence(
    "{name}: expected a whole number from 1 up; without one, {default} holds", name="PDCN_MOST_WAITING", default=3
)
READ_ONLY = Sentence("{path} can't be written: runs can be looked at, not made or deleted.", path="/data")
WRONG_VALUE = Sentence(
    "{key}: {expected}, got {value}", key="epochs", expected="expected a whole number", value='"two"'
)
WRONG = Sentence("{key}: {why}", key="epochs", why="expected a whole number")
NO_WHOLE_NUMBER = Sentence("no whole number")
NO_NUMBER = Sentence("no number")
TOO_LARGE = Sentence("too large a number")
NO_VALUE = Sentence("none")
NO_SETTING = Sentence("no such setting")
ONE_OF = Sentence("one of {known}", known="journey, planted")
EXPECTED = Sentence("expected {what}", what="a whole number")
NO_SUCH_SETTING = Sentence("{key}: no such setting; expected one of {known}", key="epoch", known="epochs, seeds")
NOT_FOR_THIS = Sentence(
    "{key}: expected with {needs} only, which {source} data and the task of {task} do not have together",
    key="heads",
    needs="outcomes and retrieval",
    source="planted",
    task="retrieval",
)
OF_ANOTHER_SOURCE = Sentence(
    "{key}: belongs to --data {own}, but the data is {source}", key="events", own="planted", source="journey"
)

NO_SUCH_ARM = Sentence("expected an arm made of {known}; got {arm}", known="parallel, sequential", arm="'paralel'")
NO_SUCH_CROSSES = Sentence(
    "expected one of {known} behind the tilde; got {arm}", known="full, gated", arm="'parallel~gatd'"
)
CROSSES_ARE_SET = Sentence(
    "expected a wiring whose crosses can be chosen before the tilde; got {arm}", arm="'edcn~gated'"
)
TOO_MANY_WIDTHS = Sentence("expected at most 8 widths between 1 and 4096, such as 64,64")
NO_WIDTH = Sentence("expected at least one width, such as 64,64")
NOTHING_TO_MOVE = Sentence("expected one or more of deep, depth, rank, head, each once")
NO_SUCH_SOURCE = Sentence("expected a source of data, one of {known}", known="journey, planted")
NO_ARM = Sentence("expected at least one arm, such as parallel,sequential")
ARM_TWICE = Sentence("expected every arm once")
OUTPUTS_DIFFER = Sentence("expected both towers to end at one output width, got {query} and {item}", query=32, item=16)
NO_SUCH_BASELINE = Sentence(
    "baseline: expected auto or an arm that runs, {arms}; got {value}", arms="parallel, sequential", value="'deep'"
)
NO_SUCH_BLOCK = Sentence(
    "move: expected a block that the towers have (rank: low-rank or mixture crosses; head: hidden head widths), got "
    "{move}",
    move="rank",
)
SEEDS_UNTIL_SURE = Sentence(
    "seeds: expected from 2 to {most}, fewer than the most seeds, to run until sure; got {seeds}", most=14, seeds=20
)
NO_OUTCOMES = Sentence(
    "outcomes: expected to be left alone with {source} data, which has one outcome", source="planted"
)
NO_WEIGHT = Sentence("engagement_weight: expected one of the weights of outcomes above 0, got 0 and 0")
SERVED_WITHOUT_WEIGHT = Sentence(
    "{served}_weight: expected a weight above 0 for the head that is served, got 0", served="conversion"
)
NO_RANKING = Sentence("task: expected ranking where its settings are given, got retrieval")
ONE_NETWORK = Sentence(
    "arms: expected one wiring in each, as a ranking model has one network; got {arm}", arm="'parallel-sequential'"
)
NO_ITEM_TOWER = Sentence("item_deep: expected no blocks of an item tower, as a ranking model has one network")
NO_SEQUENCE = Sentence(
    "sequence: expected mean with data without earlier actions in order, got {asked} with {source}",
    asked="transformer",
    source="planted",
)
NO_WORLDS_OF_OUTCOMES = Sentence(
    "training_sets: expected one or bootstrap, as worlds with several outcomes differ in how often each comes; got "
    "worlds"
)
NO_WORLDS = Sentence("training_sets: expected one or bootstrap, as only generated data have other worlds; got worlds")
SETS_AND_SEEDS = Sentence(
    "sets: expected 0, or {fewest} or more with at least two seeds for each; got {sets} for {seeds} seeds",
    fewest=3,
    sets=4,
    seeds=5,
)
SETS_UNTIL_SURE = Sentence("sets: expected 0 in a run until sure, whose seeds are not split over sets")
TOO_LONG_OR_DEEP = Sentence("its numbers are too long or its brackets too deep")
NOT_JSON = Sentence(
    "expected an experiment as JSON, but the text is not JSON: {why}", why="Expecting value: line 1 column 1 (char 0)"
)
NO_RESULT = Sentence(
    "run {run}: expected a result, but it {state}: {why}",
    run="20261126-101010-abcd",
    state="failed",
    why="The machine ran out of memory.",
)


def plural(count: int, unit: str) -> str:
    """So many of a unit.

    >>> plural(1, "seed"), plural(2, "thread"), plural(0, "run"), plural(1_200, "step")
    ('1 seed', '2 threads', '0 runs', '1,200 steps')
    """
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def listed(parts: Iterable[object]) -> str:
    """What one counts off, as one says it.

    >>> listed(["a", "b", "c"]), listed([0, 2]), listed(["a"])
    ('a, b and c', '0 and 2', 'a')
    """
    *others, last = map(str, parts)
    return f"{', '.join(others)} and {last}" if others else last


def capital(text: str) -> str:
    """The text as a sentence begins: its first letter large, all others as they are.

    >>> capital("recall@100 of MRR"), capital("")
    ('Recall@100 of MRR', '')
    """
    return text[:1].upper() + text[1:]


CALLED = {
    "history": "own history",
    "pure_svd": "PureSVD",
    "item_knn": "item-kNN",
    "item_rate": "the item's rate",
    "user_rate": "the user's rate",
    "both_rates": "both rates",
    "constant_rate": "one rate for all",
    "wide_deep": "wide and deep",
    "fcn": "FCN",
    "edcn": "EDCN",
    "low_rank": "low-rank",
    "dcn_v1": "DCN V1",
}
"""Names that a person says otherwise than they are written."""


def spoken(arm: str) -> str:
    """An arm's or a baseline's name as a person says it.

    >>> spoken("stacked_parallel"), spoken("parallel-sequential"), spoken("pure_svd"), spoken("parallel~dcn_v1")
    ('stacked parallel', 'parallel queries with sequential items', 'PureSVD', 'parallel (DCN V1)')
    """
    if arm in CALLED:
        return CALLED[arm]
    safe = re.sub(r"[^\w ~-]|--", "\N{REPLACEMENT CHARACTER}", short(arm))  # names in a file may be any text
    query, _, item = (_tower(name) for name in safe.partition("-"))
    return f"{query} queries with {item} items" if item else query


def _tower(name: str) -> str:
    """The name of a tower's wiring, with that of its crossing where it has one behind a tilde."""
    wiring, _, crossing = (CALLED.get(one, one.replace("_", " ")) for one in name.partition("~"))
    return f"{wiring} ({crossing})" if crossing else wiring
