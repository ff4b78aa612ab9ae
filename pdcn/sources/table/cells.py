"""Cells of text as numbers and moments: how a column writes them, and the terms of a query that read them.

A form of numbers is the mark of their decimals, "." or ",". A form of moments is "epoch:1000" for milliseconds since
1970, or the formats of strptime that the column uses, joined by "|"; behind "words:" they are those of the cells once
the words in them are as `PLAINLY` has them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from pdcn.sources.table.engine import literal

NOTHING = frozenset({"na", "n/a", "nan", "null", "none", "\\n", "-", "?", "nil", "missing"})
"""What stands for no number, in small letters."""
POINT = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?(?<=[\d.])([eE][+-]?\d+)?")
COMMA = re.compile(r"[+-]?(\d+|\d{1,3}([. '\u00a0\u202f]\d{3})+)(,\d+)?")
DOUBTFUL = re.compile(r"[+-]?\d{1,3},\d{3}")
AROUND = re.compile(r"^[$€£¥]\s*|\s*[$€£¥%]$")
ENOUGH = 0.95
"""The share of a column's cells that have to be written in a form."""
MONTH = r"[A-Za-z]{3,9}\.?"
DATE = re.compile(
    rf"(?P<a>\d{{1,4}}|{MONTH})(?P<s1>[-/.]\s?|\s|,\s)(?P<b>\d{{1,2}}|{MONTH})(?P<s2>[-/.]|\s|,\s)(?P<c>\d{{1,4}})"
    r"(?P<rest>(?:[T\s]|,\s)\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*"
    r"(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
CLOCK = re.compile(r"\d{1,2}:\d{2}(?P<seconds>:\d{2})?(?:[.,]\d+)?\s*(?P<half>[AaPp])?")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WORDS = "words:"
"""Beginning of the form of moments whose cells have words that have to be written plainly first."""
MONTH_WORDS = {
    "Jan": "january januar janvier janv enero ene gennaio gen januari janeiro",
    "Feb": "february februar février févr fév febrero febbraio februari fevereiro fev",
    "Mar": "march märz mär mars marzo maart mrt março",
    "Apr": "april avril avr abril abr aprile",
    "May": "mai mayo maggio mag mei maio",
    "Jun": "june juni juin junio giugno giu junho",
    "Jul": "july juli juillet juil julio luglio lug julho",
    "Aug": "august août agosto ago augustus",
    "Sep": "september septembre sept septiembre settembre set setembro",
    "Oct": "october oktober okt octobre octubre ottobre ott outubro out",
    "Nov": "november novembre noviembre novembro",
    "Dec": "december dezember dez décembre déc diciembre dic dicembre dezembro",
}
"""Names of months in English, German, French, Spanish, Italian, Dutch and Portuguese, which strptime does not read."""
PLAINLY: tuple[tuple[str, str], ...] = (
    (r"\s{2,}", " "),
    (r"^(?i:mon|tue|wed|thu|fri|sat|sun)[A-Za-z]*[.,]?\s+", ""),
    (r"\s*[年月]\s*", "-"),
    (r"\s*日", ""),
    (r"\s+(?i:de|del|di)\s+", " "),
    *(
        (rf"(^|[\s./-])(?i:{'|'.join(sorted(words.split(), key=len, reverse=True))})($|[\s./,-])", rf"\1{month}\2")
        for month, words in MONTH_WORDS.items()
    ),
    (r"^([A-Z][a-z]{2}\s+\d{1,2})\s+(\d{1,2}:\d\d:\d\d)\s+(\d{4})$", r"\1 \3 \2"),
    (r"^((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])([0-5]\d)([0-5]\d)$", r"\1-\2-\3 \4:\5:\6"),
)
"""Patterns and what stands for them in a date, in turn: a weekday before it, the signs of Chinese and Japanese dates,
"de" in it, months by their English beginnings, a year behind the time of day, and all of it in one number."""
EPOCHS = (1, 1_000, 1_000_000, 1_000_000_000)
EARLIEST, LATEST = 315_532_800, 4_102_444_800
"""Seconds since 1970 of the years 1980 and 2100, between which epochs are believed."""


@dataclass(frozen=True)
class Written:
    """How a column writes numbers or moments: `form` as above, what is `doubtful` of it, and what else is `mixed` in.

    `order` is of dates: "dmy" day first, "mdy" month first, "ymd" year first.
    """

    form: str
    doubtful: bool = False
    mixed: tuple[str, ...] = ()
    order: str = ""


def plain_number(text: str) -> str:
    """A cell without what stands around its number, such as a currency.

    >>> plain_number("$ 3.50"), plain_number("12 %")
    ('3.50', '12')
    """
    return AROUND.sub("", text.strip())


def number_form(cells: Iterable[str]) -> Written | None:
    """How cells write numbers; None where they are none.

    >>> number_form(["1.5", "2"]), number_form(["1.234,50", "2,5"]), number_form(["1,234", "5,000"])
    (Written(form='.', doubtful=False, mixed=(), order=''), Written(form=',', doubtful=False, mixed=(), order=''), \
Written(form='.', doubtful=True, mixed=(), order=''))
    >>> number_form(["a", "b"]), number_form(["NA", ""])
    (None, None)
    """
    texts = [plain_number(cell) for cell in cells if cell.strip().lower() not in NOTHING]
    texts = [text for text in texts if text]
    if not texts:
        return None
    point, comma = (sum(bool(form.fullmatch(text)) for text in texts) for form in (POINT, COMMA))
    if max(point, comma) < ENOUGH * len(texts):
        return None
    doubtful = point == comma and any(DOUBTFUL.fullmatch(text) for text in texts)
    return Written("," if comma > point else ".", doubtful)


def padded(cells: Iterable[str]) -> bool:
    """Whether whole numbers have noughts before them, as codes have and amounts don't.

    >>> padded(["007", "010"]), padded(["7", "0", "0.5"])
    (True, False)
    """
    return any(re.fullmatch(r"0\d+", cell) for cell in cells)


def like_a_value(text: str) -> bool:
    """Whether a cell is a number or a moment, which no name of a column is.

    >>> like_a_value("3.5"), like_a_value("2026-11-03 10:15"), like_a_value("user")
    (True, True, False)
    """
    plain = plain_number(text)
    return bool(plain) and bool(POINT.fullmatch(plain) or COMMA.fullmatch(plain) or DATE.fullmatch(plain))


def moment_form(cells: Sequence[str]) -> Written | None:
    """How cells write moments; None where they are none.

    >>> moment_form(["03.11.2026 10:15", "14.11.2026"]).form
    '%d.%m.%Y %H:%M|%d.%m.%Y'
    >>> moment_form(["11/1/2000", "11/13/2000"]).form, moment_form(["881250949", "891717742"]).form
    ('%m/%d/%Y', 'epoch:1')
    >>> moment_form(["01/02/2026", "03/02/2026"]).doubtful, moment_form(["7", "8"])
    (True, None)
    """
    texts = [cell.strip() for cell in cells if cell.strip().lower() not in NOTHING]
    if not texts:
        return None
    return _epoch(texts) or _dates(texts)


def plainly(text: str) -> str:
    """A date with the words that are read in place of others.

    >>> plainly("3. März 2026"), plainly("Tue, 3 March 2026"), plainly("3 de marzo de 2026"), plainly("2026年3月3日")
    ('3. Mar 2026', '3 Mar 2026', '3 Mar 2026', '2026-3-3')
    """
    for pattern, instead in PLAINLY:
        text = re.sub(pattern, instead, text)
    return text


def _plainly_term(cell: str) -> str:
    """The term of a query that does the same."""
    for pattern, instead in PLAINLY:
        cell = f"regexp_replace({cell}, {literal(pattern)}, {literal(instead)}, 'g')"
    return cell


def _epoch(texts: Sequence[str]) -> Written | None:
    if not all(re.fullmatch(r"\d{9,20}(\.\d+)?|\d(\.\d+)?[eE]\+?(09|1[0-8]|9)", text) for text in texts):
        return None
    numbers = [float(text) for text in texts]
    for scale in EPOCHS:
        if EARLIEST * scale <= min(numbers) and max(numbers) <= LATEST * scale:
            return Written(f"epoch:{scale}")
    return None


def _dates(texts: Sequence[str]) -> Written | None:
    if all(COMPACT.fullmatch(text) for text in texts):
        return Written("%Y%m%d", order="ymd")
    first = texts[:100]
    if 2 * sum(bool(DATE.fullmatch(plainly(text))) for text in first) < len(first):
        return None  # which spares many columns the others
    plain = [plainly(text) for text in texts]
    if plain == [*texts]:
        return _written_dates(texts)
    found = _written_dates(plain)
    return found and replace(found, form=f"{WORDS}{found.form}")


def _written_dates(texts: Sequence[str]) -> Written | None:
    found = [match for text in texts if (match := DATE.fullmatch(text))]
    if len(found) < ENOUGH * len(texts):
        return None
    numeric = [m for m in found if m["a"].isdigit() and m["b"].isdigit() and len(m["a"]) <= 2]
    order, doubtful, both = _order([(int(m["a"]), int(m["b"]), m["c"]) for m in numeric])
    if numeric and all("." in m["s1"] for m in numeric) and order == "dmy":  # nobody writes months before dots first
        doubtful = False
    layouts = Counter(layout for match in found if (layout := _layout(match, order)))
    if sum(layouts.values()) < ENOUGH * len(texts):
        return None
    days = Counter(dict.fromkeys(map(_day, layouts), 0))
    for layout, count in layouts.items():
        days[_day(layout)] += count
    mixed = [layout for layout, _ in days.most_common()[1:]]
    if both:
        mixed.append("%m/%d/%Y" if order == "dmy" else "%d/%m/%Y")
    years = any(len(m["a"]) == 4 for m in found)
    said = order if numeric else "ymd" if years else ""
    return Written("|".join(layout for layout, _ in layouts.most_common()), doubtful, tuple(mixed), said)


def _day(layout: str) -> str:
    """The format of a moment without its time of day.

    >>> _day("%d.%m.%Y %H:%M"), _day("%d %b %Y")
    ('%d.%m.%Y', '%d %b %Y')
    """
    return re.sub(r" %[HI]:.*", "", layout)


def _order(pairs: Sequence[tuple[int, int, str]]) -> tuple[str, bool, bool]:
    """Whether days or months come first, whether that is doubtful, and whether both do.

    >>> _order([(13, 1, "2026")]), _order([(1, 13, "2026")])
    (('dmy', False, False), ('mdy', False, False))
    """
    day, month = sum(pair[0] > 12 for pair in pairs), sum(pair[1] > 12 for pair in pairs)
    if day or month:
        return ("dmy" if day >= month else "mdy"), False, bool(day and month)
    spans = {}
    for order, (d, m) in {"dmy": (0, 1), "mdy": (1, 0)}.items():
        days = [date(2000 + int(pair[2]) % 100, max(1, int(pair[m])), max(1, int(pair[d]))) for pair in pairs]
        spans[order] = (max(days) - min(days)).days if days else 0
    return ("mdy" if spans["mdy"] < spans["dmy"] else "dmy"), bool(pairs), False


def _layout(match: re.Match[str], order: str) -> str:
    """The format of one date; nothing where it has none."""
    a, b, c = match["a"], match["b"], match["c"]

    def month(text: str) -> str:
        word = text.lower().rstrip(".")
        if word[:3] not in MONTHS:
            return ""
        return "%b" if len(word) == 3 else "%B"

    year = "%Y" if len(c) == 4 else "%y"
    if len(a) == 4 and a.isdigit():
        parts = ("%Y", "%m" if b.isdigit() else month(b), "%d")
    elif not a.isdigit():
        parts = (month(a), "%d", year)
    elif not b.isdigit():
        parts = ("%d", month(b), year)
    else:
        parts = ("%d", "%m", year) if order == "dmy" else ("%m", "%d", year)
    if not all(parts) or (len(c) in (1, 3) and parts[0] != "%Y"):
        return ""
    clock = ""
    if match["rest"] and (time := CLOCK.search(match["rest"])):
        hour = "%I" if time["half"] else "%H"
        clock = f" {hour}:%M{':%S' if time['seconds'] else ''}{' %p' if time['half'] else ''}"
    return f"{parts[0]}{match['s1']}{parts[1]}{match['s2']}{parts[2]}{clock}"


def only_clocks(cells: Sequence[str]) -> bool:
    """Whether cells are times of day without a day.

    >>> only_clocks(["10:15", "9:05:30 PM"]), only_clocks(["2026-11-03 10:15"]), only_clocks([])
    (True, False, False)
    """
    return bool(cells) and all(re.fullmatch(rf"{CLOCK.pattern}(?:\.?[Mm]\.?)?", cell) for cell in cells)


def told_form(layout: str) -> str:
    """A format as people write it.

    >>> told_form("%d.%m.%Y %H:%M"), told_form("words:%b %d, %Y")
    ('DD.MM.YYYY hh:mm', 'Mon DD, YYYY')
    """
    letters = {"d": "DD", "m": "MM", "Y": "YYYY", "y": "YY", "b": "Mon", "B": "Month", "p": "AM"}
    letters |= {"H": "hh", "I": "hh", "M": "mm", "S": "ss"}
    return re.sub(r"%(\w)", lambda found: letters[found[1]], layout.removeprefix(WORDS))


def number_term(cell: str, form: str) -> str:
    """The term of a query that reads a number from a cell of text; null where it is none."""
    bare = f"regexp_replace({cell}, '[$€£¥%\\s\u00a0\u202f'']', '', 'g')"
    plain = f"replace(replace({bare}, '.', ''), ',', '.')" if form == "," else f"replace({bare}, ',', '')"
    number = f"try_cast({plain} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def moment_term(cell: str, form: str) -> str:
    """The term of a query that reads a moment as whole seconds since 1970; null where it is none."""
    if form.startswith("epoch:"):
        return f"try_cast(floor(try_cast({cell} AS DOUBLE) / {int(form[6:])}) AS BIGINT)"
    formats = ", ".join(map(literal, form.removeprefix(WORDS).split("|")))
    written = _plainly_term(cell) if form.startswith(WORDS) else cell
    plain = f"regexp_replace({written}, '(\\d)(?:T|,?\\s+)(\\d{{1,2}}:\\d\\d)', '\\1 \\2')"
    plain = f"regexp_replace({plain}, '(:\\d\\d)[.,]\\d+', '\\1')"
    bare = f"regexp_replace({plain}, '(:\\d\\d)\\s*(?:Z|UTC|GMT|[+-]\\d\\d:?\\d\\d)$', '\\1')"
    bare = f"regexp_replace({bare}, '(:\\d\\d)\\s*([AaPp])\\.?[Mm]\\.?$', '\\1 \\2M')"
    seconds = f"epoch(try_strptime({bare}, [{formats}]))"

    def away(group: int) -> str:
        return f"regexp_extract({cell}, ':\\d\\d(?:[.,]\\d+)?\\s*([+-])(\\d\\d):?(\\d\\d)$', {group})"

    hours, minutes = (f"coalesce(try_cast({away(group)} AS INTEGER), 0)" for group in (2, 3))
    sign = f"CASE {away(1)} WHEN '-' THEN -1 ELSE 1 END"
    return f"try_cast({seconds} - {sign} * ({hours} * 3600 + {minutes} * 60) AS BIGINT)"


def moment_of(text: str) -> int:
    """A moment that a person writes, in seconds since 1970, as a clock of UTC where it names no zone.

    `ValueError` where it is none.

    >>> moment_of("2026-10-02") == moment_of("2026-10-02T02:00:00+02:00"), moment_of("1970-01-01 00:01")
    (True, 60)
    """
    found = datetime.fromisoformat(text.strip())
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def told_moment(seconds: int) -> str:
    """A moment as a person reads it: the day alone where it begins one.

    >>> told_moment(86_400), told_moment(60)
    ('1970-01-02', '1970-01-01 00:01:00')
    """
    found = datetime.fromtimestamp(seconds, UTC)
    return f"{found:%Y-%m-%d}" if seconds % 86_400 == 0 else f"{found:%Y-%m-%d %H:%M:%S}"


def told_day(seconds: int) -> str:
    """The day of a moment, as a clock of UTC has it."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def zoned_term(cell: str, form: str) -> str:
    """The term of a query that tells whether the moment in a cell of text is one wherever it is read: seconds since
    1970, or a time with its zone."""
    if form.startswith("epoch:"):
        return "true"
    return f"regexp_matches({cell}, ':\\d\\d(?:[.,]\\d+)?\\s*(?:Z|UTC|GMT|[+-]\\d\\d:?\\d\\d)\\s*$')"
