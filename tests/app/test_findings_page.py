"""The Findings page: the surprising answer first, a picture a question, and all else in folds."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pdcn.research import projection_answers, projections
from pdcn.research.answers import beside_the_claim, details, rows_of, sentences
from pdcn.research.findings import FINDINGS, bundled
from pdcn.research.synthetic import NAME
from tests.app.app_help import charts, open_app, plain, sound, texts


@pytest.fixture(scope="module")
def page() -> AppTest:
    """The page with every fold opened."""
    at = open_app("findings")
    for fold in [*(name for name in FINDINGS if bundled(name)), projections.NAME, NAME]:
        at.session_state[f"whole-{fold}"] = True
    return sound(at.run())


def test_the_cause_leads_and_every_answer_is_told(page: AppTest) -> None:
    said = texts(page)
    leads = sentences(FINDINGS["cause"], bundled("cause") or {})
    assert plain(page.markdown[0].value) == f"**{leads[0]}**"
    for name, finding in FINDINGS.items():
        if record := bundled(name):
            told = [*sentences(finding, record), *details(finding, record)]
            assert [one for one in told if f"- {one}" not in said] == []
        else:
            assert f"`python -m pdcn study {name}`" in said
    assert beside_the_claim(bundled("cause") or {}) in said


def test_questions_with_an_answer_come_first(page: AppTest) -> None:
    asked = [str(one.value) for one in page.header]
    answered = [name for name in FINDINGS if bundled(name)]
    later = [name for name in FINDINGS if name not in answered]
    for place, name in enumerate([*answered, *later], 1):
        assert asked[place - 1] == f"{place}. {FINDINGS[name].question}"


def test_every_answer_has_one_picture_in_sight_and_its_numbers_in_a_fold(page: AppTest) -> None:
    answered = [name for name in FINDINGS if bundled(name)]
    shown = [key for key in charts(page) if key.startswith("finding-")]
    assert {f"finding-{name}" for name in answered} <= {*shown}
    for name, table in zip(answered, page.dataframe, strict=False):
        assert len(table.value) == len(rows_of(FINDINGS[name], bundled(name) or {}))


def test_no_difference_beside_intervals_that_leave_zero_out_is_explained_there(page: AppTest) -> None:
    record = bundled("data") or {}
    rows = [row for row in rows_of(FINDINGS["data"], record) if row["against"] == "sequential"]
    above = sum(row["low"] > 0 for row in rows)
    assert not any(row["verdict"] in ("better", "worse") for row in rows)
    assert above > len(rows) / 2
    beside = [plain(str(one.value)) for one in page.markdown if str(one.value).startswith("**We detect no difference")]
    assert f" On their own, {above} of the {len(rows)} intervals are above zero and none below." in beside[0]


def test_what_nobody_opened_is_not_made() -> None:
    at = open_app("findings")
    assert not at.dataframe
    assert not [key for key in charts(at) if key.startswith("more-")]


def test_projections_tell_what_was_reported_and_what_we_measured(page: AppTest) -> None:
    record = bundled(projections.NAME)
    assert record is not None
    said = texts(page)
    for sentence in projection_answers.answer(record):
        assert sentence in said
    assert "“which reduced serving latency while preserving signal”" in said
    drawn = [key for key in charts(page) if key.startswith(f"finding-{projections.NAME}-")]
    assert drawn == [f"finding-{projections.NAME}-{batch}" for batch in record["batches"]]
    forms = [row["form"] for row in record["rows"]]
    (numbers,) = (one.value for one in page.dataframe if "minus all actions" in one.value)
    assert numbers["form"].tolist() == forms
    (kept,) = (one.value for one in page.dataframe if "in the projection" in one.value)
    assert {*kept["form"]} == {row["form"] for row in record["rows"] if "kept" in row}
