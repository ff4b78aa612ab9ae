"""Every sentence that the app can say, filled with its example, is plain English that anybody reads at once.

The sentences stand in modules called `words`: whole, with gaps, each gap with an example. An editor changes them there
and this test says what is wrong with the change.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from pdcn.dial import Dial
from pdcn.dials import dials
from pdcn.wirings import WIRINGS, Wiring
from pdcn.words import SAID, Sentence

ROOT = Path(__file__).parents[2]
MODULES = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "pdcn").rglob("words.py"))
MODULES += ["pdcn.glossary"]
PLACES = ("cli", "decision", "evaluation", "jobs", "pages", "report", "runs", "shell", "tasks", "training")
"""Parts of the package that say nothing but what their modules of words hold, apart from errors."""
WITHOUT_WORDS = [path for part in PLACES for path in (ROOT / "pdcn" / part).rglob("*.py") if path.name != "words.py"]
ANYWHERE = [path for path in (ROOT / "pdcn").rglob("*.py") if path.name not in ("words.py", "glossary.py")]
LIKE_A_SENTENCE = re.compile(r"[a-z]{2,},? [a-z]{2,}")
LIKE_AN_ERROR = re.compile(r"[a-z]{2,}[,:;]? (?:[a-z]{2,}|\{\})|\{\}[,:;]? [a-z]{2,}")
FOR_PEOPLE = ("SettingError", "Unwritable")
"""Errors whose message a person reads, on a page or in a terminal."""
BANNED = (
    *(
        "so many",
        "as it comes",
        "what they matter",
        "differs? detectably",
        r"sure in \d",
        "of these",
        "as small as this",
    ),
    *("left of the mismatch", "on show", "would train theirs", "drawn by lot", "counted by themselves"),
    *("errs? on the safe side", "hides? a detectable part", "another experiment than", r"stands\b(?! for\b| out\b)"),
    "train-time",
)
"""What nobody says aloud, as patterns."""
LONGEST = 30
"""Words that a sentence may have."""
FAULTS = {
    "a gap or a brace is left": re.compile(r"(?<!%)\{|^[^{]*\}"),  # figures have %{...} of their own
    "a phrase that nobody says": re.compile(rf"\b(?:{'|'.join(BANNED)})(?!\w)", re.IGNORECASE),
    "two spaces": re.compile(r"\S {2,}\S"),
    "a space before a stop": re.compile(r"\S [.,;:?!](?=\s|$)"),
    "a raw name": re.compile(r"(?<![\w:/`])[a-z]+(?:_[a-z]+)+\b(?![`:])"),
}


def faults(text: str) -> list[str]:
    """What is wrong with a text that a page shows."""
    found = [fault for fault, pattern in FAULTS.items() if pattern.search(text)]
    if re.search(r"\.(\s|$)", text):
        lines = re.split(r"\n\s*\n|(?:^|\n)\s*[-*]\s", text)
        parts = [part for line in lines for part in re.split(r"(?<=[.?!])[*”)]*\s+", line)]
        found += [f"more than {LONGEST} words: {part[:60]}" for part in parts if len(part.split()) > LONGEST]
    return found


def said(value: object) -> Iterator[str]:
    """Every text in a constant, also inside tuples, lists, sets and the values of mappings."""
    if isinstance(value, Sentence):
        yield value.example
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from said(tuple(value.values()))
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from said(one)


def wrong(module: ModuleType) -> dict[str, list[str]]:
    """What is wrong with the constants of a module of words, by the text."""
    own = [value for name, value in vars(module).items() if name.isupper() and not name.startswith("_")]
    own = [value for value in own if value is not SAID]  # which has those of tests, too
    return {text: found for text in said(own) if (found := faults(text))}


def test_modules_of_words_are_found() -> None:
    assert {"pdcn.words", "pdcn.pages.latency.words"} <= {*MODULES}


@pytest.mark.parametrize("name", MODULES)
def test_every_sentence_is_plain(name: str) -> None:
    assert wrong(import_module(name)) == {}


@cache
def tree_of(path: Path) -> ast.Module:
    """What stands in a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def path_of(name: str) -> Path:
    """The file of a module."""
    return ROOT.joinpath(*name.split(".")).with_suffix(".py")


def names_in(tree: ast.Module) -> list[str]:
    """The constants of a module, as often as each is given a value."""
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    return [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]


@pytest.mark.parametrize("name", MODULES)
def test_no_sentence_takes_the_name_of_another(name: str) -> None:
    names = names_in(tree_of(path_of(name)))
    assert sorted({one for one in names if names.count(one) > 1}) == []


def used_in(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What a file uses of modules of words, each with its name: imported by itself, or named behind its module."""
    known: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for one in node.names:
                known.setdefault(one.asname or one.name, []).append(f"{node.module}.{one.name}")
                yield str(node.module), one.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            for module in known.get(node.value.id, ()):
                yield module, node.attr


def test_every_sentence_is_said_somewhere() -> None:
    used = {one for path in ANYWHERE + [path_of(name) for name in MODULES] for one in used_in(tree_of(path))}
    for template in (ROOT / "pdcn").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        used |= {("pdcn.report.words", one) for one in re.findall(r"\bsay\.([A-Z_]+)", text)}
    unsaid = {}
    for name in MODULES:
        tree = tree_of(path_of(name))
        here = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        unsaid[name] = sorted(one for one in {*names_in(tree)} - here if (name, one) not in used)
    assert {name: found for name, found in unsaid.items() if found} == {}


def text_of(node: ast.AST) -> str:
    """The text of a constant, or of one with gaps, which are braces; nothing of all else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def errors_in(tree: ast.AST, names: tuple[str, ...]) -> Iterator[ast.Call]:
    """Where an error with such an end of its name is made."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(names):
            yield node


def composed(tree: ast.AST) -> Iterator[str]:
    """Texts with gaps that read like a sentence; errors, commands and documentation are none."""
    left_out = {id(one) for error in errors_in(tree, ("Error",)) for one in ast.walk(error)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in left_out:
            text = text_of(node)
            if LIKE_A_SENTENCE.search(re.sub("<[^>]*>", "", text)) and "python -m pdcn" not in text:
                yield text


def raised(tree: ast.AST) -> list[str]:
    """Texts that stand where an error is made that a person reads: one of settings, or any in a check of a setting."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    checks = [node for node in functions if any("validator" in ast.unparse(one) for one in node.decorator_list)]
    errors = [*errors_in(tree, FOR_PEOPLE), *(error for check in checks for error in errors_in(check, ("ValueError",)))]
    found = [node for error in errors for node in ast.walk(error)]
    parts = {id(one) for node in found if isinstance(node, ast.JoinedStr) for one in node.values}
    return [text for node in found if id(node) not in parts and LIKE_AN_ERROR.search(text := text_of(node))]


def by_file(find: Callable[[ast.AST], Iterable[str]], paths: Iterable[Path]) -> dict[str, list[str]]:
    """What is found in files, by their names, of files in which there is anything."""
    found = {str(path.relative_to(ROOT)): [*find(tree_of(path))] for path in paths}
    assert len(found) > 100
    return {name: texts for name, texts in found.items() if texts}


def test_sentences_stand_in_modules_of_words_alone() -> None:
    assert by_file(composed, WITHOUT_WORDS) == {}


def test_a_sentence_that_is_composed_elsewhere_is_found() -> None:
    found = composed(ast.parse('f"{arm} was better than {other}"; f"{arm}-{seed}"; f"python -m pdcn study {name}"'))
    assert [*found] == ["{} was better than {}"]


def test_errors_that_people_read_stand_in_modules_of_words_alone() -> None:
    assert by_file(raised, ANYWHERE) == {}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('raise SettingError(f"{key}: expected {what}")', ["{}: expected {}"]),
        ('raise SettingError("expected every arm once") from None', ["expected every arm once"]),
        ('raise files.Unwritable(f"{path} is full")', ["{} is full"]),
        ('def made(self): return SettingError(say.WRONG(why="no such arm"))', ["no such arm"]),
        ('@field_validator("arms")\ndef f(cls, arms): raise ValueError("expected an arm")', ["expected an arm"]),
        ('@model_validator(mode="after")\ndef f(self): raise ValueError(f"got {self}")', ["got {}"]),
        ('raise SettingError(say.NO_ARM(known=", ".join(known), arm=quoted(arm)))', []),
        ('raise SettingError(f"--{key}:{said}")', []),
        ('def f(array): raise ValueError("expected three axes")', []),
    ],
)
def test_an_error_that_people_read_is_found(code: str, found: list[str]) -> None:
    assert raised(ast.parse(code)) == found


@pytest.mark.parametrize("dial", dials(), ids=lambda dial: dial.key)
def test_every_word_of_a_dial_is_plain(dial: Dial) -> None:
    for text in (dial.label, dial.about, *said([(one.label, one.about) for one in dial.named.values()])):
        assert faults(text) == []
    assert dial.about.endswith(".")
    assert all(one.about.endswith(".") for one in dial.named.values() if one.about)


@pytest.mark.parametrize("wiring", WIRINGS.values(), ids=[*WIRINGS])
def test_every_word_of_a_wiring_is_plain(wiring: Wiring) -> None:
    assert [faults(text) for text in (wiring.words, wiring.rules_out, wiring.unseen)] == [[], [], []]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Sizes match: {arm} is larger.", "a gap or a brace is left"),
        ("Sizes match: } is larger.", "a gap or a brace is left"),
        ("So many of a unit.", "a phrase that nobody says"),
        ("The two differ: parallel differs detectably.", "a phrase that nobody says"),
        ("Side by side is free in 4 (sure in 1).", "a phrase that nobody says"),
        ("The mark stands on the axis.", "a phrase that nobody says"),
        ("Recall  rises.", "two spaces"),
        ("Recall rises .", "a space before a stop"),
        ("Recall of parallel_gated rises.", "a raw name"),
        (f"Short. {'word ' * 31}end.", f"more than 30 words: {('word ' * 31)[:60]}"),
        (f"- Short.\n- {'word ' * 31}end.", f"more than 30 words: {('word ' * 31)[:60]}"),
    ],
)
def test_each_fault_is_found(text: str, fault: str) -> None:
    assert faults(text) == [fault]


@pytest.mark.parametrize(
    "text",
    [
        "Recall is +2.4 points, 95% interval [+0.6, +4.2].",
        "Each row stands for a field. Bright rows stand out.",
        ":material/arrow_back: Back to `parallel_gated`",
        "recall@100 %{y:.1f}<extra>%{fullData.name}</extra>",
        " ".join(["label"] * 40),
        "- One idea.\n- " + "word " * 28 + "end.",
        "**One idea.** " + "word " * 29 + "end.",
    ],
)
def test_plain_text_has_no_fault(text: str) -> None:
    assert faults(text) == []


def test_a_fault_is_found_in_every_kind_of_constant() -> None:
    module = ModuleType("words")
    gap = Sentence("{count} of these.", count="Three")
    constants: Iterable[tuple[str, object]] = {"ALONE": gap, "SOME": [(gap,)], "NAMED": {"key": {"a": gap}}}.items()
    for name, value in constants:
        setattr(module, name, value)
        assert wrong(module) == {"Three of these.": ["a phrase that nobody says"]}
        delattr(module, name)
    module.PLAIN = {"A row  of words"}  # type: ignore[attr-defined]
    assert wrong(module) == {"A row  of words": ["two spaces"]}
