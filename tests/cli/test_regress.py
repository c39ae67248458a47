"""tasb regress: list, run, report and log, and one line for every mistake."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tests.conftest import Collections
from tests.regressions.tiny import AFTER, RUN, copying_spec, write_data


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    data = write_data(tmp_path / "data")
    monkeypatch.setenv("TASB_DATA", str(data))
    Path("specs").mkdir()
    Path("specs/copying.yaml").write_text(copying_spec(data, more="tags: [small]\n"))
    return tmp_path


def regress(*words: str) -> int:
    return main(["regress", *words, "--specs", "specs"])


def test_run_report_and_log(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert regress("run", "--offline") == 0
    out, err = capsys.readouterr()
    assert out.count("PASS") == 2
    assert "copying: first: python tool.py given.txt first.txt" in err
    assert regress("report") == 0
    assert capsys.readouterr().out == "docs/regressions: 1 pages, 2 scores\n"
    assert regress("log", "copying", "--who", "a-name") == 0
    line = capsys.readouterr().out
    assert line.startswith("+ Results reproduced by @a-name on ")
    assert line in Path("docs/regressions/copying.md").read_text()
    assert "2 PASS" in Path("docs/regressions/README.md").read_text()


def test_log_takes_the_named_specs_alone_and_all_or_none(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("specs/after.yaml").write_text(AFTER)
    assert regress("run", "copying", "after") == 0
    assert regress("report") == 0
    pages = {name: Path(f"docs/regressions/{name}.md") for name in ("copying", "after")}
    before = {name: page.read_text() for name, page in pages.items()}
    capsys.readouterr()
    assert regress("log", "after", "--who", "me") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert pages["copying"].read_text() == before["copying"]
    assert pages["after"].read_text() == f"{before['after']}\n{line}\n"
    # What is there is skipped, and the rest is logged.
    assert regress("log", "after", "copying", "--who", "me") == 0
    there, added = capsys.readouterr().out.splitlines()
    assert there == f"docs/regressions/after.md: has this line already: {line}"
    assert pages["copying"].read_text() == f"{before['copying']}\n{added}\n"
    # One that did not pass, and nothing is logged.
    Path("specs/other.yaml").write_text(AFTER.replace("name: after", "name: other"))
    now = {name: page.read_text() for name, page in pages.items()}
    assert regress("log", "copying", "other", "--who", "you") == 1
    assert "other: not logged: all P@1 NOT RUN: not run here" in capsys.readouterr().err
    assert {name: page.read_text() for name, page in pages.items()} == now


def test_what_keeps_all_of_a_spec_from_running_is_said_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = Path("specs/copying.yaml")
    spec.write_text(spec.read_text().replace("from: tiny/", "from: absent/"))
    assert regress("run", "copying") == 1
    out = capsys.readouterr().out
    assert (out.count("NOT RUN"), out.count("set TASB_DATA")) == (2, 1)


def test_a_wrong_score_has_status_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = Path("specs/copying.yaml")
    spec.write_text(spec.read_text().replace("0.6250", "0.6240"))
    assert regress("run", "copying", "--json") == 1
    out, err = capsys.readouterr()
    first, second = json.loads(out)[0]["verdicts"]
    assert (first["verdict"], second["verdict"]) == ("FAIL", "PASS")
    assert err.endswith("tasb regress: did not pass: copying\n")


def test_a_dry_run_prints_and_runs_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert regress("run", "copying", "--dry-run", "--fast") == 0
    out = capsys.readouterr().out
    assert "python tool.py qrels.txt first.txt\n" in out
    assert "python -m pyserini.eval.trec_eval -c -l 2 -m recall.100 qrels.txt" in out
    assert not Path("regress-out").exists()


def test_a_dry_run_of_two_specs_works_in_a_shell(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = Path("data").rename("my data")
    monkeypatch.setenv("TASB_DATA", f"{data}")
    copying = Path("specs/copying.yaml").read_text()
    after = (
        copying.replace("name: copying", "name: after\nuses: [copying]")
        .replace("given.txt first.txt", "../copying/run.txt first.txt")
        .replace("[given.txt, tool.py]", "[../copying/run.txt, tool.py]")
    )
    Path("specs/after.yaml").write_text(after)
    paper = "scores: {RR@10: 0.4}\n    source: x\n    paper_only: nobody can\n"
    Path("specs/paper.yaml").write_text(
        f"name: paper\ntitle: P\ntargets:\n  - name: all\n    {paper}"
    )
    words = ("--work", "my work", "--dry-run")
    assert regress("run", "after", "paper", *words) == 0
    script = capsys.readouterr().out
    assert script.index("# copying: Copies") < script.index("# after: Copies")
    # Measuring needs Java: here it is enough that both its files are there.
    measure = r"python -m pyserini\.eval\.trec_eval .* (\S+ \S+)  #"
    script, measured = re.subn(measure, r"cat \1  #", script)
    assert measured == 4
    run = Path("my work/after/run.txt")
    assert bash(script) == 0
    assert run.read_text() == RUN
    run.unlink()
    (data / "tiny" / "given.txt").write_text("other bytes\n")
    assert bash(script) == 1
    assert not run.exists()  # it stopped at the checksum


def bash(script: str) -> int:
    """Run a script with this Python; return its status."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    return subprocess.run(["bash"], input=script, text=True, env=environment).returncode


def test_dry_run_of_the_published_regression(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["regress", "run", "msmarco-v1-passage.tasb", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "25.2 GB packed, 8,841,823 passages, md5 538546d5818527a51d87ce482e" in out
    # Without the data at hand, qrels come from where they are published.
    assert "curl -L -o qrels.dl19.txt https://" in out
    assert (
        "python -m pyserini.search.faiss \\\n"
        "  --threads 16 \\\n"
        "  --batch-size 512 \\\n"
        "  --index msmarco-v1-passage.distilbert-dot-tas_b-b256 \\\n"
        "  --topics dl20 \\\n"
        "  --encoder sebastian-hofstaetter/distilbert-dot-tas_b-b256-msmarco \\\n"
        "  --output run.dl20.txt\n"
    ) in out
    assert "-c -l 2 -m map qrels.dl20.txt run.dl20.txt  # AP(rel=2): 0.4698" in out


def test_list_tells_what_needs_what(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["regress", "list", "--json"]) == 0
    needs = {
        spec["name"]: spec["needs"] for spec in json.loads(capsys.readouterr().out)
    }
    assert needs["msmarco-v1-passage.tasb"] == "network"
    assert needs["tas-balanced.table3"] == "paper only"
    assert needs["scifact.bm25"] == "nothing"
    assert main(["regress", "list", "--offline", "--tag", "bm25", "--json"]) == 0
    names = [spec["name"] for spec in json.loads(capsys.readouterr().out)]
    assert names == [
        *("cacm.bm25", "msmarco-mini.bm25", "scifact.bm25"),
        *("squad-mini.bm25", "vaswani.bm25", "wikiqa-sent.bm25"),
    ]
    assert main(["regress", "list"]) == 0
    assert "tas-balanced.table7" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "coping"], "unknown spec 'coping'; did you mean 'copying'?"),
        (["run", "--tag", "smal"], "unknown tag 'smal'; did you mean 'small'?"),
        (["log", "copying"], "not logged: all RR@10 NOT RUN: not run here"),
        (["run", "copying", "--specs", "none"], "none: no such folder"),
        (["run", "copying", "--specs", "data"], "data: no specs; expected NAME.yaml"),
    ],
)
def test_a_mistake_is_one_line_and_status_1(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(["regress", *_with_specs(words)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tasb regress: ")
    assert err.count("\n") == 1
    assert message in err


def _with_specs(words: list[str]) -> list[str]:
    return words if "--specs" in words else [*words, "--specs", "specs"]


@pytest.mark.slow
@pytest.mark.pyserini
@pytest.mark.timeout(900)
def test_all_offline_regressions_pass(
    collections: Collections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the real collections, by Pyserini's own commands and a trained student."""
    pytest.importorskip("pyserini")
    collections("scifact")
    status = main(["regress", "run", "--offline", "--work", str(tmp_path), "--json"])
    results = json.loads(capsys.readouterr().out)
    verdicts = {
        (result["spec"], verdict["verdict"])
        for result in results
        for verdict in result["verdicts"]
    }
    assert {verdict for _, verdict in verdicts} == {"PASS"}, verdicts
    assert len(verdicts) == 7
    assert status == 0
