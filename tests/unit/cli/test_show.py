"""Tables in the terminal fit its width and lose nothing; in a file they are plain lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pdcn.cli import show
from pdcn.runs.folder import RunFolder

FIVE_ARMS = RunFolder(Path(__file__).parents[2] / "old_runs/planted")
NUMBER = re.compile(r"[+−]?\d[\d,.]*%?")
VERDICT = "no detectable difference"


class Terminal(show._Plain):
    """A terminal of so many columns, without colours."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._force_terminal, self.no_color, self.width = True, True, width


def printed(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> str:
    assert folder.result is not None
    show.show(folder.result, folder)
    return capsys.readouterr().out


def tables(said: str) -> str:
    """What is printed before the verdict in words."""
    return said[: said.index("On Planted crosses, ")]


def test_several_arms_are_tables_and_not_a_sentence_each(capsys: pytest.CaptureFixture[str]) -> None:
    said = tables(printed(FIVE_ARMS, capsys))
    lines = said.splitlines()
    at = lines.index("Each arm minus cross only: recall@100 (points)")
    assert lines[at + 1].split() == ["arm", "difference", "percent", "95%", "interval", "p", "verdict"]
    assert lines[at + 2].split("  ")[0] == "parallel"
    assert [line.endswith(VERDICT) for line in lines[at + 2 : at + 7]] == [True] * 4 + [False]
    assert len(lines) < 25
    assert "  −1.89 " in said  # another metric of another arm


@pytest.mark.parametrize("width", [60, 80, 200])
def test_in_a_terminal_tables_fit_and_lose_no_number(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tables(printed(FIVE_ARMS, capsys))
    monkeypatch.setattr(show, "OUTPUT", Terminal(width))
    shown = tables(printed(FIVE_ARMS, capsys))
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    assert {*NUMBER.findall(plain)} <= {*NUMBER.findall(shown)}
    assert ("─" in shown, "─" in plain) == (True, False)


def test_sentences_in_a_table_go_on_below(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "OUTPUT", Terminal(50))
    show.grid(["name", "question", "count"], [["a", "Is this a question of many words? " * 3, "7"]], wraps=["question"])
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 50
    assert said.count("words?") == 3
    assert said.count("name") == 1
