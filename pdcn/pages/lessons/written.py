"""Lessons as they are written: one TOML file each in `pdcn/pages/lessons/data`, checked when it is read.

A teacher adds a lesson by adding a file. What is wrong with one is said in a sentence that names the file and the step.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from pdcn.config import Experiment
from pdcn.dial import Dial
from pdcn.dials import assemble, dials, quick
from pdcn.glossary import TERMS
from pdcn.inert import quoted, short
from pdcn.pages.lessons import words as say
from pdcn.pages.lessons.work import MEASURES, Measure
from pdcn.settings import SettingError, Settings
from pdcn.words import NO_SETTING, NO_VALUE, WRONG

FOLDER = Path(__file__).parent / "data"
MOST = 12
"""Steps that a lesson may have."""
NAME = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
"""How the name of a lesson's file is written, which stands in addresses."""


class Question(Settings):
    """What a step asks before it reveals the answer, which is a measure of a run.

    `run` is the one on show, the showcase, or one that the learner trained. `choices` are the labels of a choice whose
    answers the measure names. A number lies between `low` and `high`, and is close within `close` where the run has no
    interval. `then` is said with the answer, whatever it is.
    """

    ask: str = Field(min_length=1)
    measure: str
    run: Literal["shown", "showcase", "own"] = "shown"
    choices: dict[str, str] = Field(default_factory=dict)
    low: float = 0.0
    high: float = 100.0
    step: float = Field(default=1.0, gt=0)
    close: float = Field(default=0.0, ge=0)
    then: str = ""

    @property
    def asked(self) -> Measure:
        """The measure by its name."""
        return MEASURES[self.measure]

    @property
    def before_a_run(self) -> bool:
        """Whether it can be answered before there is a run, which does not bring what there is to choose from."""
        return self.asked.kind == "number" or bool(self.choices)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.measure not in MEASURES:
            raise ValueError(say.NO_SUCH_MEASURE(known=", ".join(sorted(MEASURES)), measure=quoted(self.measure)))
        if {*self.choices} != {*self.asked.answers}:
            expected = ", ".join(self.asked.answers) or say.OWN_CHOICES
            raise ValueError(say.OTHER_CHOICES(expected=expected, choices=", ".join(self.choices) or NO_VALUE))
        if len({*self.choices.values()}) < len(self.choices):
            raise ValueError(say.CHOICE_TWICE)
        if not self.low < self.high:
            raise ValueError(say.HIGH_BELOW_LOW(low=self.low, high=self.high))
        return self


class LessonStep(Settings):
    """One step: a short text, the page to open with its address, and a question.

    `experiment` is what the learner trains first, as values of dials over the quick settings of its data; `picture` is
    a term of the glossary.
    """

    title: str = Field(min_length=1)
    text: str = Field(min_length=1)
    page: str = ""
    open: str = ""
    address: dict[str, str] = Field(default_factory=dict)
    experiment: dict[str, Any] = Field(default_factory=dict)
    picture: str = ""
    question: Question | None = None

    @cached_property
    def trained(self) -> Experiment | None:
        """What the learner trains at this step, if anything."""
        return assemble(quick(_parsed(self.experiment))) if self.experiment else None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if bool(self.page) != bool(self.open):
            raise ValueError(say.LINK_UNSAID)
        if self.picture and self.picture not in TERMS:
            raise ValueError(say.NO_SUCH_TERM(term=quoted(self.picture)))
        if self.question and self.question.run == "own" and not self.experiment:
            raise ValueError(say.NOTHING_TO_TRAIN)
        _ = self.trained
        return self


class Lesson(Settings):
    """A lesson of some minutes: `after` says what a learner can say after it. `name` is that of its file."""

    name: str = ""
    order: int = 100
    title: str = Field(min_length=1)
    minutes: int = Field(default=10, ge=1, le=60)
    after: str = Field(min_length=1)
    steps: tuple[LessonStep, ...] = Field(min_length=1, max_length=MOST)

    @property
    def questions(self) -> tuple[int, ...]:
        """The numbers of the steps that ask something, from 1."""
        return tuple(at for at, step in enumerate(self.steps, 1) if step.question)


def _parsed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of dials as a file writes them: lists are several names or widths."""
    known: dict[str, Dial] = {dial.key: dial for dial in dials()}
    found = {}
    for key, value in values.items():
        if key not in known:
            raise SettingError(WRONG(key=key, why=NO_SETTING))
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        found[key] = known[key].parse(text.lower() if isinstance(value, bool) else text)
    return found


def read(path: Path, pages: Collection[str] = ()) -> Lesson:
    """The lesson in a file; `SettingError` with file, step and what was expected. `pages` are those that a step may
    open, any if none are given."""
    if not re.fullmatch(NAME, path.stem):
        raise SettingError(say.BAD_NAME(file=short(path.name)))
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(say.NOT_TOML(file=path.name, why=short(error, 200))) from None
    try:
        lesson = Lesson.model_validate({**raw, "name": path.stem})
    except ValidationError as error:
        raise SettingError(_why(path.name, error)) from None
    for at, step in enumerate(lesson.steps, 1):
        if pages and step.page and step.page not in pages:
            raise SettingError(
                say.NO_SUCH_PAGE(file=path.name, step=at, known=", ".join(pages), page=quoted(step.page))
            )
    return lesson


def _why(file: str, error: ValidationError) -> str:
    """The first fault, with its file, its step, its name, and what was expected."""
    first = error.errors()[0]
    where, place = [file], first["loc"]
    for part in place[1:] if len(place) > 1 else place:  # of a step its number and what is within it
        if isinstance(part, int):
            where.append(say.STEP(number=part + 1))
        elif part != "question":
            where.append(part)
    said = first["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    said = said.replace("Extra inputs are not permitted", say.NO_SUCH_PART).replace("Field required", say.MISSING)
    told = first["type"] in ("value_error", "extra_forbidden", "missing")
    return f"{', '.join(where)}: {said}" + ("" if told else f", got {quoted(first['input'])}")


def lessons(pages: Collection[str] = ()) -> dict[str, Lesson]:
    """All lessons by name, in their order; the first file that is wrong is a `SettingError`."""
    found = [read(path, pages) for path in sorted(FOLDER.glob("*.toml"))]
    return {lesson.name: lesson for lesson in sorted(found, key=lambda one: (one.order, one.name))}
