"""Numbers and names as sentences have them, at their edges."""

from __future__ import annotations

import pytest

from pdcn.words import chance, percent, points, spoken


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.01, "+1.00"), (-0.01, "−1.00"), (0.0, "0.00"), (-0.00004, "0.00"), (-0.00006, "−0.01"), (1, "+100.00")],
)
def test_points(share: float, text: str) -> None:
    assert points(share) == text


@pytest.mark.parametrize(("value", "text"), [(4.54, "+4.5%"), (-12.06, "−12.1%"), (250, "+250.0%")])
def test_percent(value: float, text: str) -> None:
    assert percent(value) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0, "p < 0.001"), (0.00099, "p < 0.001"), (0.001, "p = 0.001"), (0.0494, "p = 0.049"), (1, "p = 1.000")],
)
def test_chances(p: float, text: str) -> None:
    assert chance(p) == text


def test_arms_are_spoken() -> None:
    assert spoken("deep_then_cross-cross_only") == "deep then cross queries with cross only items"
