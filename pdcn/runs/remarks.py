"""What a person wrote about a run: its name, notes and tags. They lie in its folder, and so go where it goes.

The index knows nothing of them, so it can be thrown away. Whoever shows them makes them inert (`pdcn.inert`), for they
are any text: that of a person, or of a file that was edited by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pdcn.files import SHOWCASE, read_json, why_unwritable
from pdcn.inert import line, seen
from pdcn.runs import words as say
from pdcn.runs.folder import RunFolder
from pdcn.settings import SettingError

FILE = "remarks.json"
LONGEST_NAME, LONGEST_NOTES, LONGEST_TAG = 60, 1_000, 24
"""Letters of each that are kept."""
MOST_TAGS = 8


@dataclass(frozen=True)
class Remarks:
    """A name of one line, notes of several, and tags."""

    name: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it, for whoever looks for a word."""
        return " ".join((self.name, self.notes, *self.tags))


def remarks_from(name: str, notes: str, tags: str) -> Remarks:
    """Remarks as a person typed them, tags with commas between them; `SettingError` where something is too long.

    >>> remarks_from("  Wide\\n towers ", "first\\n\\nsecond ", "wide, for Ann,, Wide")
    Remarks(name='Wide towers', notes='first\\n\\nsecond', tags=('wide', 'for Ann'))
    >>> remarks_from("n" * 61, "", "")
    Traceback (most recent call last):
    pdcn.settings.SettingError: name: expected at most 60 letters, got 61; shorten it, or put the rest into the notes
    """
    found = Remarks(line(name), _lines(notes), _distinct(map(line, tags.split(","))))
    if len(found.name) > LONGEST_NAME:
        raise SettingError(say.NAME_TOO_LONG(most=LONGEST_NAME, count=len(found.name)))
    if len(found.notes) > LONGEST_NOTES:
        raise SettingError(say.NOTES_TOO_LONG(most=LONGEST_NOTES, count=len(found.notes)))
    if len(found.tags) > MOST_TAGS:
        raise SettingError(say.TOO_MANY_TAGS(most=MOST_TAGS, count=len(found.tags)))
    longest = max(map(len, found.tags), default=0)
    if longest > LONGEST_TAG:
        raise SettingError(say.TAG_TOO_LONG(most=LONGEST_TAG, count=longest))
    return found


def remarks_of(folder: RunFolder) -> Remarks:
    """What was written about a run; nothing where nobody did, and no more than a person can write.

    A file that was edited by hand may hold anything: what is no text is left out.
    """
    found = read_json(folder.path / FILE)
    if not isinstance(found, dict):
        return Remarks()
    name, notes, tags = (found.get(part) for part in ("name", "notes", "tags"))
    texts = [line(tag)[:LONGEST_TAG] for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    return Remarks(
        line(name)[:LONGEST_NAME] if isinstance(name, str) else "",
        _lines(notes)[:LONGEST_NOTES] if isinstance(notes, str) else "",
        _distinct(texts)[:MOST_TAGS],
    )


def write_remarks(folder: RunFolder, remarks: Remarks) -> None:
    """Keep remarks in the folder, whole or not at all; `SettingError` where they can't be kept."""
    if folder.path == SHOWCASE:
        raise SettingError(say.OWN_RUN)
    if not folder.path.is_dir():  # writing would make a folder that is no run
        raise SettingError(say.RUN_GONE(folder=folder.path))
    try:
        folder.write_json(FILE, asdict(remarks))
    except OSError as error:
        raise why_unwritable(folder.path.parent, error) from None


def _lines(text: str) -> str:
    """Text of several lines, without what is not seen."""
    return "\n".join(seen(one).rstrip() for one in text.splitlines()).strip()


def _distinct(tags: Iterable[str]) -> tuple[str, ...]:
    """Every tag once, whether its letters are large or small; empty ones are none."""
    found: dict[str, str] = {}
    for tag in filter(None, tags):
        found.setdefault(tag.casefold(), tag)
    return tuple(found.values())
