"""Pages show commands, scores and sources."""

import hashlib
from pathlib import Path

import pytest
from markupsafe import escape

from tasb_pyserini.regressions.catalog import load_specs
from tasb_pyserini.regressions.page import write_contents
from tasb_pyserini.regressions.rows import report_rows, typed_commands
from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.standing import all_standing
from tests.regressions.pages import write_one_page
from tests.regressions.tiny import AFTER, RUN, copying_spec, flip, write_spec

PAGES = Path(__file__).parents[2] / "docs" / "regressions"


def test_a_page_has_commands_scores_sources_and_checksums(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    run_spec(copying, tmp_path / "work", data=data)
    text = write_one_page(copying, tmp_path).read_text()
    assert text.startswith("# Copies\n")
    for expected in (
        "`tasb regress run copying`",
        "python tool.py given.txt first.txt",
        "python tool.py qrels.txt first.txt",  # with --fast
        "| all | RR@10 | 0.6250 | 0.6250 | +0.0000 | 0 | PASS |",
        "+ all: by hand; tolerance 0: four queries.",
        f"| copying.yaml | `{copying.sha256}` |",
        "| run.txt | `",
        "by the stock commands",
        "## Reproduction Log",
    ):
        assert expected in text
    assert str(tmp_path) not in text


def test_a_page_of_what_was_not_run_says_so(copying: Spec, tmp_path: Path) -> None:
    text = write_one_page(copying, tmp_path).read_text()
    assert "| all | RR@10 | 0.6250 |  |  | 0 | NOT RUN: not run here |" in text
    assert "Not run for this page." in text
    assert "PASS" not in text


def test_a_page_of_a_spec_whose_second_stage_failed_is_not_run(
    data: Path, specs: Path, tmp_path: Path
) -> None:
    text = copying_spec(data).replace("tool.py first.txt run", "tool.py none.txt run")
    spec = write_spec(specs, text)
    result = run_spec(spec, tmp_path / "work", data=data)
    assert [record.name for record in result.stages] == ["first"]
    text = write_one_page(spec, tmp_path).read_text()
    assert "NOT RUN: stage second ended with status 1, saying: " in text
    assert "; see copying/logs/second.txt |" in text
    assert "Not run for this page." in text
    assert "Found on" not in text
    assert str(tmp_path) not in text


def test_no_folder_of_this_machine_is_in_a_page_of_what_is_missing(
    copying: Spec, tmp_path: Path
) -> None:
    run_spec(copying, tmp_path / "work", data=tmp_path / "none")
    text = write_one_page(copying, tmp_path).read_text()
    assert "NOT RUN: no $TASB_DATA/tiny/given.txt; set TASB_DATA to the folder" in text
    assert str(tmp_path) not in text


def test_a_page_of_files_that_have_changed_says_that_no_score_stands(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    result = run_spec(copying, tmp_path / "work", data=data)
    flip(tmp_path / "work" / "copying" / "qrels.txt")
    text = write_one_page(copying, tmp_path).read_text()
    assert "FAIL: copying/qrels.txt: sha256 " in text
    said = f"Run on {result.date[:10]}; no score stands, for the reasons above."
    assert said in text
    assert str(tmp_path) not in text


def test_a_page_of_a_spec_that_uses_another_has_the_checksums_of_what_it_took(
    copying: Spec, data: Path, specs: Path, tmp_path: Path
) -> None:
    after = write_spec(specs, AFTER, "after")
    for spec in (copying, after):
        run_spec(spec, tmp_path / "work", data=data)
    text = write_one_page(after, tmp_path).read_text()
    assert "| all | P@1 | 0.5000 | 0.5000 | +0.0000 | 0 | PASS |" in text
    assert "Found on" in text
    digest = hashlib.sha256(RUN.encode()).hexdigest()
    assert f"| ../copying/run.txt | `{digest}` |" in text
    assert "| ../copying/qrels.txt | `" in text


def test_rows_of_every_spec_of_the_package_can_be_made(tmp_path: Path) -> None:
    specs = load_specs().values()
    rows = report_rows(specs, all_standing(specs, tmp_path))
    assert {row.verdict for row in rows} == {"NOT RUN", "PAPER ONLY"}
    tasb = next(row for row in rows if row.spec == "msmarco-v1-passage.tasb")
    assert (tasb.metric, tasb.expected, tasb.found) == ("RR@10", 0.3444, None)
    assert "--output run.dev.txt" in tasb.commands
    contents = write_contents(tmp_path / "pages", rows).read_text()
    assert contents.count(".md)") == len(load_specs())


@pytest.mark.parametrize("spec", load_specs().values(), ids=load_specs())
def test_the_committed_pages_have_the_commands_of_today(spec: Spec) -> None:
    commands = typed_commands(spec)
    if spec.runnable:
        page = (PAGES / f"{spec.name}.md").read_text()
        assert f"```bash\n{commands}\n```" in page
        assert str(escape(commands)) in (PAGES / "index.html").read_text()
