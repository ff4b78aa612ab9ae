"""Polynomials that people type, and those that cross layers make: against Python's own arithmetic and NumPy."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcn.arrays import Doubles
from pdcn.pages.cross_lab.polynomials import (
    DEGREE,
    LEAST,
    LETTERS,
    MOST,
    TERMS,
    degree,
    latex,
    layers_of,
    number_of,
    read,
    ring_of,
    terms_of,
)
from pdcn.settings import SettingError

X = np.array([0.5, -1.0, 0.25, 2.0, -0.75, 1.5])


def value(text: str, x: Doubles = X) -> float:
    return float(sum(factor * math.prod(x[at] for at in term) for factor, term in terms_of(read(text))))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x1", 0.5),
        ("-x1 + 2x2", -0.5 - 2),
        ("0.1x1x2 + 3.1*x2*x3", 0.1 * 0.5 * -1 + 3.1 * -1 * 0.25),
        ("x1^2 x4", 0.5**2 * 2),
        ("(x1 + x2)^3", (0.5 - 1) ** 3),
        ("2(x1 - (x2 - x4)*x5)x6", 2 * (0.5 - (-1 - 2) * -0.75) * 1.5),
        ("x₁² − ·5·x₂".replace("·5", ".5"), 0.5**2 + 0.5),
        ("X1 ** 2", 0.25),
        ("(2^2 x1)", 2.0),
    ],
)
def test_what_is_typed_means_what_algebra_says(text: str, wanted: float) -> None:
    assert value(text) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "got the end"),
        ("x7", "got 'x7'"),
        ("x0", "got 'x0'"),
        ("x1 +", "got the end"),
        ("x1 x2 3", "expected a sign"),
        ("x1^7", "exponent from 1 to 6"),
        ("x1^-1", "exponent from 1 to 6"),
        ("x1^1.5", "exponent from 1 to 6"),
        ("x1^x2", "exponent from 1 to 6"),
        ("x1 / x2", "got '/'"),
        ("x1.real", "got '.'"),
        ("__import__('os').system('ls')", "got '_'"),
        ("exp(x1)", "got 'e'"),
        ("(x1", "closing bracket"),
        ("x1)", "expected a sign"),
        ("((((((x1))))))", "at most 5 brackets"),
        ("x1^4 x2^3", "degree of at most 6, got 7"),
        ("(x1+x2+x3+x4+x5+x6)^4", "at most 60 terms"),
        ("1001 x1", "to 1,000"),
        ("0.0000001 x1", "from 0.000001"),
        ("999999999999999999 x1", "expected"),
        ("x1 - x1", "which is zero"),
        ("x1 + 3", "expected no constant, got 3"),
        ("x1" + " " * 300, "at most 200 letters"),
        ("x١", "got"),
    ],
)
def test_all_else_gets_one_clear_sentence(text: str, said: str) -> None:
    with pytest.raises(SettingError, match=r"^function: expected") as found:
        read(text)
    assert said in str(found.value)
    assert "\n" not in str(found.value)


@given(st.text(max_size=250) | st.text("x123456789.+-*^() ", max_size=60))
def test_anything_typed_is_a_polynomial_within_the_limits_or_one_sentence(text: str) -> None:
    found = None
    try:
        found = read(text)
    except SettingError as error:
        said = str(error)
    if found is None:
        assert said.startswith("function: expected")
        return
    assert len(text) <= LETTERS
    assert 1 <= degree(found) <= DEGREE
    assert 1 <= len(found) <= TERMS
    assert all(LEAST <= abs(Fraction(int(c.numerator), int(c.denominator))) <= MOST for c in found.coeffs())


@given(
    st.dictionaries(
        st.lists(st.integers(0, 5), min_size=1, max_size=4).map(lambda term: tuple(sorted(term))),
        st.integers(-99, 99).filter(bool),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_written_out_is_read_back(terms: dict[tuple[int, ...], int]) -> None:
    text = "+".join(f"{factor}*{'*'.join(f'x{at + 1}' for at in term)}" for term, factor in terms.items())
    found = {term: factor for factor, term in terms_of(read(text.replace("+-", "-")))}
    assert found == terms


NUMBERS = st.integers(-8, 8).map(lambda number: number / 4)


@given(st.lists(NUMBERS, min_size=9, max_size=9), st.lists(NUMBERS, min_size=6, max_size=6), st.booleans())
def test_the_polynomial_of_a_layer_has_the_value_that_numpy_says(
    weights: list[float], others: list[float], itself: bool
) -> None:
    """Exactly so: all numbers are quarters, which doubles hold."""
    W, b, x0 = np.reshape(weights, (3, 3)), np.array(others[:3]), np.array(others[3:])
    xl = x0
    for layer in layers_of(W, b, 2, itself)[1:]:
        xl = (xl if itself else x0) * (W @ xl + b) + xl
        point = [Fraction(value) for value in x0]
        for own, wanted in zip(layer, xl, strict=True):
            said = sum(
                (
                    Fraction(int(factor.numerator), int(factor.denominator))
                    * math.prod(x**p for x, p in zip(point, powers, strict=True))
                    for powers, factor in own.terms()
                ),
                Fraction(0),
            )
            assert said == Fraction(wanted)


def test_a_layer_adds_one_to_the_degree_and_doubles_it_where_it_multiplies_with_itself() -> None:
    W, b = np.full((3, 3), 0.5), np.zeros(3)
    assert [max(map(degree, own)) for own in layers_of(W, b, 3)] == [1, 2, 3, 4]
    assert [max(map(degree, own)) for own in layers_of(W, b, 3, itself=True)] == [1, 2, 4, 8]


def test_a_formula_is_written_as_one_writes_it() -> None:
    x, y = ring_of(2)[1]
    names = ["a", "b"]
    assert latex(x - y, names) == "a - b"
    assert latex(-x * y**2 + 3, names) == r"-a \cdot b^{2} + 3"
    assert latex(x - x, names) == "0"
    assert latex(x**2 / 4 + x * y + y, names, 2) == r"0.25\,a^{2} + a \cdot b + \dots"
    assert number_of(1e-7) == r"1 \cdot 10^{-7}"
