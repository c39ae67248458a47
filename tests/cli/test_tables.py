"""Tables are never cut: neither in a pipe nor on a narrow terminal."""

from pathlib import Path

import pytest
from rich.table import Table

from tasb_pyserini.cli.main import main
from tasb_pyserini.cli.tables import print_table

MEASURES = ["nDCG@10", "RR@10", "MAP", *(f"R@{n}" for n in (5, 10, 20, 100, 1000))]


@pytest.fixture(params=["pipe", "terminal"])
def narrow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "40")
    if request.param == "terminal":
        monkeypatch.setenv("TTY_COMPATIBLE", "1")
        monkeypatch.setenv("NO_COLOR", "1")
    return str(request.param)


@pytest.mark.usefixtures("narrow")
def test_runs_and_figures_stand_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    qrels = tmp_path / "qrels.txt"
    qrels.write_text("1 0 a 1\n2 0 b 1\n")
    runs = [tmp_path / f"a-long-name-{n}-{'x' * 60}.txt" for n in (1, 2)]
    runs[0].write_text("1 Q0 a 1 2 x\n2 Q0 b 1 2 x\n")
    runs[1].write_text("1 Q0 c 1 3 x\n1 Q0 a 2 2 x\n2 Q0 b 1 2 x\n")
    words = [*map(str, runs), "--qrels", str(qrels), "--measures", *MEASURES]
    assert main(["eval", *words]) == 0
    first, second = _lines_with(runs, capsys)
    assert [line.count("1.0000") for line in first] == [8]
    # RR 1/2 and 1, as AP; nDCG 1/log2(3) = 0.6309 and 1
    assert [line.count("0.7500") for line in second] == [2]
    assert [line.count("0.8155") for line in second] == [1]
    assert main(["compare", *words]) == 0
    first, second = _lines_with(runs, capsys)
    assert [line.count("1.0000") for line in first] == [1] * 8
    assert len(second) == 8
    assert main(["eval", *words, "--per-query"]) == 0
    first, second = _lines_with(runs, capsys)
    assert len(first) == len(second) == 2


def test_text_fits_to_a_terminal(
    narrow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table("text")
    table.add_column("figure", no_wrap=True)
    table.add_row("word " * 20, "0.1234")
    print_table(table)
    out = capsys.readouterr().out.splitlines()
    rows = [line for line in out if "word" in line]
    assert max(map(len, rows)) == (40 if narrow == "terminal" else 113)
    assert (len(rows) == 1) == (narrow == "pipe")
    assert sum("0.1234" in line for line in out) == 1


def _lines_with(
    runs: list[Path], capsys: pytest.CaptureFixture[str]
) -> list[list[str]]:
    lines = capsys.readouterr().out.splitlines()
    return [[line for line in lines if str(run) in line] for run in runs]
