"""Polynomials with exact coefficients (SymPy's): of cross layers, and of what a person typed. Knows no torch.

What is typed is read letter by letter by a grammar of its own, and nothing of it is ever run.

    sum     = ["-" | "+"] product {("+" | "-") product}
    product = factor {["*"] factor}
    factor  = (number | feature | "(" sum ")") ["^" exponent]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from pdcn.arrays import Doubles
from pdcn.inert import quoted
from pdcn.pages.cross_lab import words as say
from pdcn.settings import SettingError

Polynomial = Any
"""An element of a SymPy ring over the rational numbers."""
FEATURES = 6
"""Functions are of x1 to x6."""
LETTERS, DEGREE, TERMS, NESTED = 200, 6, 60, 5
LEAST, MOST = Fraction(1, 1_000_000), 1_000
"""What coefficients may be, apart from their signs."""
TOKEN = re.compile(r"[ \t]*(?:([0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})|(x[0-9]{1,3})|(\*\*|[-+*^()]))", re.ASCII)
ALIKE = str.maketrans("−–·×X₀₁₂₃₄₅₆₇₈₉", "--**x0123456789")
RAISED = re.compile("[²³⁴⁵⁶]")


@cache
def ring_of(count: int) -> tuple[Any, tuple[Polynomial, ...]]:
    """The ring of polynomials in so many unknowns, and the unknowns."""
    from sympy import QQ
    from sympy.polys.rings import ring

    made, *unknowns = ring([f"x{at + 1}" for at in range(count)], QQ)
    return made, tuple(unknowns)


def degree(polynomial: Polynomial) -> int:
    """The largest number of factors of a term; 0 of a constant.

    >>> x, y = ring_of(2)[1]
    >>> degree(x * y**2 + x), degree(x - x)
    (3, 0)
    """
    return max((sum(powers) for powers, _ in polynomial.terms()), default=0)


def layers_of(W: Doubles, b: Doubles, count: int, itself: bool = False) -> list[list[Polynomial]]:
    """x0 and what each of `count` cross layers makes of it, x0 * (W xl + b) + xl (Eq. 1 of arXiv 2008.13535), exactly.

    W (D, D) and b (D) are the same in every layer. With `itself` a layer multiplies with xl in place of x0.

    >>> import numpy as np
    >>> [str(one) for one in layers_of(np.array([[0, 0.5], [0, 0]]), np.zeros(2), 1)[1]]
    ['1/2*x1*x2 + x1', 'x2']
    """
    made, x0 = ring_of(len(b))
    exact = [[_exact(made, value) for value in row] for row in W]
    found = [[*x0]]
    for _ in range(count):
        xl = found[-1]
        read = [
            sum((w * x for w, x in zip(row, xl, strict=True)), made.zero) + _exact(made, bias)
            for row, bias in zip(exact, b, strict=True)
        ]
        found.append([a * c + x for a, c, x in zip(xl if itself else x0, read, xl, strict=True)])
    return found


def _exact(made: Any, value: float) -> Any:
    """A number as it is written in decimals."""
    exact = Fraction(str(float(value)))
    return made.domain(exact.numerator, exact.denominator)


def latex(polynomial: Polynomial, names: Sequence[str], most: int = 1_000) -> str:
    """The formula, its terms of the highest degree first; after so many terms it is cut.

    >>> x, y = ring_of(2)[1]
    >>> latex(x**2 * y / 2 - y, ["x_1", "x_2"])
    '0.5\\\\,x_1^{2} \\\\cdot x_2 - x_2'
    """
    ordered = sorted(polynomial.terms(), key=lambda term: (-sum(term[0]), tuple(-power for power in term[0])))
    text = ""
    for powers, factor in ordered[:most]:
        unknowns = r" \cdot ".join(
            f"{name}^{{{power}}}" if power > 1 else name for name, power in zip(names, powers, strict=True) if power
        )
        size = abs(factor)
        number = "" if size == 1 and unknowns else number_of(float(size))
        written = rf"{number}\,{unknowns}" if number and unknowns else number or unknowns
        sign = "-" if factor < 0 else "+"
        text += f" {sign} {written}" if text else f"-{written}" if factor < 0 else written
    return (text or "0") + (r" + \dots" if len(ordered) > most else "")


def number_of(value: float) -> str:
    r"""A number as a formula writes it.

    >>> number_of(0.5), number_of(1234567.0)
    ('0.5', '1.235 \\cdot 10^{6}')
    """
    text = f"{value:.4g}"
    if "e" not in text:
        return text
    digits, _, power = text.partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}"


def read(text: str) -> Polynomial:
    """The polynomial in x1 to x6 that a person typed; `SettingError` for all else.

    >>> str(read("2x1*(x2 - 0.5)^2")), str(read("x₁² + x1 x2"))
    ('2*x1*x2**2 - 2*x1*x2 + 1/2*x1', 'x1**2 + x1*x2')
    """
    if len(text) > LETTERS:
        raise SettingError(say.TOO_LONG(most=LETTERS, count=len(text)))
    plain = RAISED.sub(lambda found: f"^{'..²³⁴⁵⁶'.index(found[0])}", text).translate(ALIKE)
    found = _Reader(plain).whole()
    if not found:
        raise SettingError(say.ZERO(given=quoted(text)))
    if found.coeff(1):
        raise SettingError(say.CONSTANT(number=number_of(float(found.coeff(1)))))
    return found


def terms_of(polynomial: Polynomial) -> list[tuple[float, tuple[int, ...]]]:
    """Each term: its coefficient, and its features by number from 0, one as often as it is a factor.

    >>> terms_of(read("x1^2 + 0.1 x1 x3"))
    [(1.0, (0, 0)), (0.1, (0, 2))]
    """
    return [
        (float(factor), tuple(at for at, power in enumerate(powers) for _ in range(power)))
        for powers, factor in polynomial.terms()
    ]


class _Reader:
    """Reads a sum from its first letter to its last; every product is checked before it can grow."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.made, self.features = ring_of(FEATURES)
        self.tokens: list[tuple[str, str, str]] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            found = TOKEN.match(text, at)
            if found is None:
                raise SettingError(say.UNKNOWN_SIGN(sign=quoted(text[at:end].lstrip()[:1])))
            self.tokens.append((found[1] or "", found[2] or "", (found[3] or "").replace("**", "^")))
            at = found.end()
        self.at = 0

    def whole(self) -> Polynomial:
        found = self.sum(0)
        if self.at < len(self.tokens):
            raise self._unexpected(say.A_SIGN)
        return found

    def sign(self, *wanted: str) -> str:
        """The sign that comes next, taken, where it is one that is wanted; else nothing."""
        if self.at < len(self.tokens) and self.tokens[self.at][2] in wanted:
            self.at += 1
            return self.tokens[self.at - 1][2]
        return ""

    def sum(self, depth: int) -> Polynomial:
        found, sign = self.made.zero, self.sign("+", "-") or "+"
        while sign:
            product = self.product(depth)
            found = self._checked(found + product if sign == "+" else found - product)
            sign = self.sign("+", "-")
        return found

    def product(self, depth: int) -> Polynomial:
        found = self.factor(depth)
        while self.sign("*") or self._goes_on():
            found = self._times(found, self.factor(depth))
        return found

    def factor(self, depth: int) -> Polynomial:
        found = self.atom(depth)
        if not self.sign("^"):
            return found
        power = self.tokens[self.at][0] if self.at < len(self.tokens) else ""
        if power not in [str(one) for one in range(1, DEGREE + 1)]:
            raise self._unexpected(say.AN_EXPONENT)
        self.at += 1
        base = found
        for _ in range(int(power) - 1):
            found = self._times(found, base)
        return found

    def atom(self, depth: int) -> Polynomial:
        if self.sign("("):
            if depth == NESTED:
                raise SettingError(say.TOO_NESTED(most=NESTED))
            found = self.sum(depth + 1)
            if not self.sign(")"):
                raise self._unexpected(say.A_CLOSING_BRACKET)
            return found
        number, feature, _ = self.tokens[self.at] if self.at < len(self.tokens) else ("", "", "")
        if number:
            exact = Fraction(number)
            found = self._checked(self.made(self.made.domain(exact.numerator, exact.denominator)))
        elif feature in [f"x{at + 1}" for at in range(FEATURES)]:
            found = self.features[int(feature[1:]) - 1]
        else:
            raise self._unexpected(say.A_FACTOR)
        self.at += 1
        return found

    def _goes_on(self) -> bool:
        """Whether a factor follows without a sign between."""
        return self.at < len(self.tokens) and bool(self.tokens[self.at][1] or self.tokens[self.at][2] == "(")

    def _times(self, one: Polynomial, other: Polynomial) -> Polynomial:
        if (reached := degree(one) + degree(other)) > DEGREE:
            raise SettingError(say.DEGREE_TOO_HIGH(most=DEGREE, degree=reached))
        return self._checked(one * other)

    def _checked(self, found: Polynomial) -> Polynomial:
        if len(found) > TERMS:
            raise SettingError(say.TOO_MANY_TERMS(most=TERMS, count=len(found)))
        for factor in found.coeffs():
            if not LEAST <= abs(factor) <= MOST:
                raise SettingError(say.NUMBER_OUT_OF_RANGE(least=float(LEAST), most=MOST, number=float(factor)))
        return found

    def _unexpected(self, wanted: str) -> SettingError:
        came = "".join(self.tokens[self.at]) if self.at < len(self.tokens) else ""
        got = quoted(came) if came else say.THE_END
        return SettingError(say.UNEXPECTED(wanted=wanted, part=self.at + 1, got=got))
