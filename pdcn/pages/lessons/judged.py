"""How good a guess was: what was said, what it is, and how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass

from pdcn.inert import words
from pdcn.pages.lessons import words as say
from pdcn.pages.lessons.work import Found
from pdcn.pages.lessons.written import Question
from pdcn.settings import real_number
from pdcn.words import minus

BETWEEN = " > "
"""Between the parts of an order, as an address writes it."""


@dataclass(frozen=True)
class Guess:
    """Whether a guess was right or close, and the sentence that says so. Markdown, inert."""

    good: bool
    said: str


def judged(question: Question, answer: Found, guess: str) -> Guess | None:
    """A guess, as the address writes it, held against the answer; None where it is none of this question.

    >>> points = Question(ask="?", measure="difference", close=1)
    >>> judged(points, Found(1.2, 0.4, 2.0), "3").said
    'You said 3 points; it is 1.20 points, 95% interval [0.40, 2.00]. Your guess is 1.00 points outside the interval.'
    >>> judged(points, Found(1.2), "2").said
    'You said 2 points; it is 1.20 points. That is close: 0.80 points away.'
    """
    kind = question.asked.kind
    if kind == "number":
        return _number(question, answer, guess)
    if kind == "order":
        return _order(answer, guess)
    return _choice(question, answer, guess)


def predicted(question: Question, guess: str) -> str | None:
    """A guess that no run can judge yet, as people read it; None where it is none of this question.

    >>> predicted(Question(ask="?", measure="difference"), "-3")
    '−3 points'
    """
    if question.asked.kind == "number":
        try:
            return _in_unit(_plain(real_number(guess)), question.asked.unit)
        except ValueError:
            return None
    return f"“{words(question.choices[guess])}”" if guess in question.choices else None


def _number(question: Question, answer: Found, guess: str) -> Guess | None:
    try:
        given = real_number(guess)
    except ValueError:
        return None
    unit, value = question.asked.unit, answer.value
    assert isinstance(value, float)
    said = say.YOU_SAID(guess=_in_unit(_plain(given), unit), value=_in_unit(written(value, unit), unit))
    if answer.low is not None and answer.high is not None:
        interval = f"[{written(answer.low, unit)}, {written(answer.high, unit)}]"
        said = say.WITH_INTERVAL(said=said, interval=interval)
        gap = max(answer.low - given, given - answer.high)
        if gap <= 0:
            return Guess(True, say.INSIDE(said=said))
        return Guess(False, say.OUTSIDE(said=said, gap=_in_unit(written(gap, unit), unit)))
    away = abs(given - value)
    gap_said = _in_unit(written(away, unit), "points" if unit == "percent" else unit)  # between two percentages
    if written(given, unit) == written(value, unit):
        return Guess(True, say.EXACT(said=said))
    close = away <= question.close
    return Guess(close, (say.CLOSE if close else say.FAR)(said=said, gap=gap_said))


def written(value: float, unit: str) -> str:
    """A number as its unit is written.

    >>> written(-0.456, "points"), written(43.27, "percent"), written(82868.0, "count")
    ('−0.46', '43.3', '82,868')
    """
    return minus(f"{value:,.{DECIMALS[unit]}f}")


def _plain(value: float) -> str:
    return minus(f"{value:,.10g}")


def _in_unit(number: str, unit: str) -> str:
    return say.ONE_POINT if (unit, number) == ("points", "1") else say.UNITS[unit](number=number)


def label_of(question: Question, value: str) -> str:
    """An option as people read it."""
    return question.choices.get(value, value)


def _choice(question: Question, answer: Found, guess: str) -> Guess | None:
    assert isinstance(answer.value, str)
    if guess not in (*question.choices, *answer.options):
        return None
    value = words(label_of(question, answer.value))
    right = guess == answer.value
    said = say.RIGHT(value=value) if right else say.WRONG(guess=words(label_of(question, guess)), value=value)
    return Guess(right, f"{said} {answer.said}".rstrip())


def _order(answer: Found, guess: str) -> Guess | None:
    assert isinstance(answer.value, tuple)
    given = guess.split(BETWEEN)
    if sorted(given) != sorted(answer.value):
        return None
    right = sum(a == b for a, b in zip(given, answer.value, strict=True))
    value = words(", ".join(answer.value))
    if right == len(given):
        return Guess(True, say.ORDER_RIGHT(value=value))
    return Guess(False, say.ORDER_WRONG(right=right, all=len(given), value=value))


DECIMALS = {"points": 2, "percent": 1, "count": 0}
"""Digits after the point, by unit."""
