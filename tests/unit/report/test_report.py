"""A report as a file: it holds what the sheet says, repeats the run, asks no network, and nothing in it is alive."""

from __future__ import annotations

import json
import math
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pdcn.cli import experiment_of, main, parser
from pdcn.decision.sheet import Sheet, sheet
from pdcn.files import SHOWCASE, write_json
from pdcn.inert import line
from pdcn.report import words as say
from pdcn.report.card import card, contents
from pdcn.report.document import document
from pdcn.report.facts import Report, report_of
from pdcn.runs.folder import Progress, RunFolder

SHOWN = RunFolder(SHOWCASE)
EVIL = (
    "<img src=http://evil.example/a.png onerror=alert(1)> <script>fetch('http://evil.example')</script> </script> "
    "<a href='http://evil.example'>evil</a> {{ say }} {% raw %} #import \"evil.typ\": * *evil* $evil$ @evil "
    "#panic() http://evil.example ${evil} ' \" \u202e"
)


class Tags(HTMLParser):
    """Every tag of a document with its attributes, and every text by the tag that it stands in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.tags[-1][0] if self.tags else "", []).append(data)


def made(folder: RunFolder = SHOWN) -> Report:
    return report_of(folder, sheet(folder))


def hostile(report: Report) -> Report:
    """The report of a run whose every word wants to be more than a word."""
    said = report.sheet

    def evil(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(EVIL for _ in texts)

    slices = said.slices
    assert slices is not None
    changed: Sheet = replace(
        said,
        run=EVIL,
        data=EVIL,
        question=EVIL,
        verdict=EVIL,
        decision=replace(said.decision, said=EVIL, doubt=EVIL),
        by_slice=evil(said.by_slice),
        slices=slices.assign(value=EVIL + slices["value"], field=EVIL),
        costs=tuple(replace(cost, said=EVIL) for cost in said.costs),
        reason=replace(said.reason, said=evil(said.reason.said)),
        how_sure=evil(said.how_sure),
        settle=replace(said.settle, said=EVIL),
    )
    facts = tuple((name, EVIL) for name, _ in report.facts)
    return replace(report, sheet=changed, facts=facts, command=f"{report.command} {shlex.quote(EVIL)}")


def figures_in(found: Tags) -> dict[str, Any]:
    (text,) = [one for one in found.texts["script"] if one.startswith("{")]
    return dict(json.loads(text))


def test_the_file_says_what_the_sheet_says_with_figures_that_can_be_pointed_at() -> None:
    report = made()
    found = Tags(document(report))
    said = " ".join(" ".join("".join(texts).split()) for texts in found.texts.values())
    for text in (report.sheet.question, report.sheet.decision.said, report.sheet.verdict, report.sheet.settle.said):
        assert text in said
    for text in (report.sheet.decision.doubt, report.sheet.run):
        assert text in said
    for text in (*report.sheet.by_slice, *report.sheet.reason.said, *map(line, report.sheet.how_sure)):
        assert text in said
    result = SHOWN.result
    assert result is not None
    for text in (SHOWN.experiment.hash(), result["data"]["hash"], "0, 1, 2", result["made_on"]["torch"]):
        assert text in said
    drawn = figures_in(found)
    assert set(drawn) == {"curve", "slices", "reason"}
    (parallel,) = [one for one in drawn["curve"]["data"] if one["name"] == "parallel"]
    assert parallel["type"] == "scatter"
    assert any("plotly.js v" in text for text in found.texts["script"])


def test_the_file_asks_for_nothing() -> None:
    found = Tags(document(made()))
    assert not [tag for tag, has in found.tags if {"src", "href"} & has.keys() or tag in ("link", "iframe", "img")]
    (policy,) = [has["content"] for _, has in found.tags if has.get("http-equiv") == "Content-Security-Policy"]
    assert str(policy).startswith("default-src 'none';")


def test_nothing_of_a_hostile_run_is_alive_in_the_file() -> None:
    calm, found = Tags(document(made())), Tags(document(hostile(made())))
    assert [tag for tag, _ in found.tags] == [tag for tag, _ in calm.tags]
    assert [has for _, has in found.tags] == [has for _, has in calm.tags]
    assert line(EVIL) in found.texts["h1"][0]
    labels = json.dumps(figures_in(found))
    assert "evil.example" in labels
    assert not re.search(r"<(?!/?b>|extra|/extra|br>)", labels)


def test_nothing_of_a_hostile_run_is_alive_on_the_card() -> None:
    report = hostile(made())
    assert contents(report)["question"] == line(EVIL)
    found = card(report, "pdf")  # as markup it would not compile: @evil is no label, and #panic ends it
    assert found.startswith(b"%PDF-")
    assert not re.search(rb"/(URI|JavaScript|Launch|Annots|EmbeddedFile)\b", found)


def test_the_card_is_one_page_however_much_is_said_and_the_same_each_time() -> None:
    report = made()
    long = replace(report, sheet=replace(report.sheet, how_sure=("A caveat of many words. " * 12,) * 12))
    assert card(long, "png").startswith(b"\x89PNG")  # more than one page would be no bytes
    assert card(report, "pdf") == card(report, "pdf")


def test_the_chart_of_the_card_is_that_of_the_record() -> None:
    report, result = made(), SHOWN.result
    assert result is not None
    drawn = contents(report)["chart"]
    most, k = report.curves["value"].max(), report.curves["k"].max()
    for one in drawn["lines"]:
        kept = result["arms"].get(one["name"]) or result["baselines"][one["name"].replace("own ", "")]
        at = {round(k ** point[0]): point[1] * most for point in one["points"]}
        for name in ("10", "100"):
            assert at[int(name)] == pytest.approx(kept["recall"][name], abs=1e-4)
        if one["name"] == "popularity":
            break
    assert [name for _, name in drawn["x"]] == ["1", "10", "100", "1,000"]
    assert drawn["x"][1][0] == pytest.approx(1 / math.log10(k))


def test_the_command_in_it_gives_the_same_verdict_when_it_is_pasted(
    folder: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = made(folder)
    (command,) = Tags(document(report)).texts["pre"][:1]
    assert command.startswith("python -m pdcn compare --data planted ")
    words = shlex.split(command)[3:]
    assert experiment_of(parser().parse_args(words)).hash() == dict(report.facts)[say.EXPERIMENT]
    monkeypatch.setenv("PDCN_HOME", str(tmp_path / "another"))
    assert main([*words, "--device", "cpu", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["verdict"].startswith(report.sheet.verdict)
    assert again["verdict"] == (folder.result or {})["verdict"]


@pytest.mark.parametrize("ending", ["html", "pdf", "PNG"])
def test_the_command_line_writes_each_form(
    folder: RunFolder, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / f"report.{ending}"
    assert main(["report", folder.run, "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"Written to {out}\n"
    assert out.read_bytes()[:4] in (b"<!do", b"%PDF", b"\x89PNG")


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["report", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    return err


def test_what_can_not_be_reported_is_one_clear_sentence(
    folder: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ("--out", str(tmp_path / "report.html"))
    assert "expected a file that ends with .html, .pdf, .png, got 'x.docx'" in refused(
        capsys, folder.run, "--out", "x.docx"
    )
    assert "--batch: expected a whole number" in refused(capsys, folder.run, *out, "--batch", "0")
    write_json(folder.path / "ranks.parquet", {})
    assert "expected a readable ranks.parquet, but it is damaged" in refused(capsys, folder.run, *out)
    (folder.path / "result.json").write_text("{")
    assert "expected a readable result.json, but it is damaged" in refused(capsys, folder.run, *out)
    (folder.path / "result.json").unlink()
    folder.write_progress(Progress("failed"))
    assert "expected one with a result, but it ended before it had one" in refused(capsys, folder.run, *out)
    folder.write_progress(Progress("running"))
    assert "expected one that has ended, but it is running" in refused(capsys, folder.run, *out)
    assert not Path(out[1]).exists()


def test_of_one_seed_nothing_is_told_that_needs_several(folder: RunFolder) -> None:
    said = sheet(folder)
    assert said.found is not None
    one = replace(said, found=replace(said.found, seeds=1))
    assert "slices" not in figures_in(Tags(document(report_of(folder, one))))
