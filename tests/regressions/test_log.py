"""The log takes only what ran and passed, and loses nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.regressions.catalog import load_specs
from tasb_pyserini.regressions.log import append_line, log_line, log_of, passed_line
from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.schema import read_spec
from tasb_pyserini.regressions.spec import Spec
from tests.regressions.pages import write_one_page
from tests.regressions.tiny import copying_spec


def test_the_log_has_anserinis_words_and_outlives_the_page(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    result = run_spec(copying, work, data=data)
    path = write_one_page(copying, tmp_path)
    line = passed_line(path.parent, copying, work, "@a-name")
    day, commit = result.date[:10], result.commit
    said = f" (commit {commit})" if commit else ""
    assert line.startswith(f"+ Results reproduced by @a-name on {day}{said}: 2 scores ")
    assert f"pyserini {result.versions['pyserini']}" in line
    assert append_line(path, line)
    assert path.read_text().endswith(f"## Reproduction Log\n\n{line}\n")
    other = passed_line(path.parent, copying, work, "another")
    assert append_line(path, other)
    write_one_page(copying, tmp_path)
    assert log_of(path.read_text()) == f"{line}\n{other}"
    assert not append_line(path, line)
    assert log_of(path.read_text()) == f"{line}\n{other}"


def test_a_line_says_which_commands_ran_and_calls_no_name_a_handle(
    copying: Spec, data: Path, tmp_path: Path
) -> None:
    result = run_spec(copying, tmp_path / "work", data=data)
    line = log_line("Jane Doe", replace(result, fast=True))
    assert line.startswith("+ Results reproduced by Jane Doe on ")
    assert ": 2 scores PASS with --fast, " in line


def test_whatever_people_wrote_below_the_heading_stays(
    copying: Spec, tmp_path: Path
) -> None:
    path = write_one_page(copying, tmp_path)
    written = (
        "* Results reproduced by @one on 2026-01-01\n  (on a laptop)\n\n"
        "+ Results reproduced by @two\n\n### Remarks\n\n    as it was"
    )
    path.write_text(f"{path.read_text()}\n{written}\n")
    write_one_page(copying, tmp_path)
    before = path.read_text()
    assert before.endswith(f"\n\n## Reproduction Log\n\n{written}\n")
    write_one_page(copying, tmp_path)
    assert path.read_text() == before
    append_line(path, "+ three")
    assert path.read_text() == f"{before}+ three\n"


def test_a_page_in_another_encoding_is_named_and_stays(
    copying: Spec, tmp_path: Path
) -> None:
    path = write_one_page(copying, tmp_path)
    before = path.read_bytes() + "+ Results reproduced by @Søren\n".encode("latin-1")
    path.write_bytes(before)
    line = before.count(b"\n")
    problem = rf"copying\.md:{line}: byte 0xf8; expected UTF-8"
    with pytest.raises(InputError, match=problem):
        write_one_page(copying, tmp_path)
    with pytest.raises(InputError, match=problem):
        append_line(path, "+ another")
    assert path.read_bytes() == before


def test_lines_logged_while_others_log_and_pages_are_written_are_all_kept(
    copying: Spec, tmp_path: Path
) -> None:
    path = write_one_page(copying, tmp_path)

    def log_or_write(number: int) -> None:
        if number % 5:
            append_line(path, f"+ {number}")
        else:
            write_one_page(copying, tmp_path)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(log_or_write, range(40)))
    lines = {f"+ {number}" for number in range(40) if number % 5}
    assert set(log_of(path.read_text()).splitlines()) == lines


def test_the_log_refuses_what_did_not_run_or_pass(
    copying: Spec, data: Path, specs: Path, tmp_path: Path
) -> None:
    pages, work = tmp_path / "pages", tmp_path / "work"
    path = write_one_page(copying, tmp_path)
    before = path.read_text()
    with pytest.raises(TasbError, match="not logged: all RR@10 NOT RUN: not run here"):
        passed_line(pages, copying, work, "a-name")
    (specs / "copying.yaml").write_text(copying_spec(data).replace("0.6250", "0.5"))
    wrong = read_spec(specs / "copying.yaml")
    run_spec(wrong, work, data=data)
    with pytest.raises(TasbError, match=r"FAIL: differs by \+0\.1250, allowed 0"):
        passed_line(pages, wrong, work, "a-name")
    run_spec(copying, work, data=data)
    with pytest.raises(TasbError, match=r"set git's user\.name or give --who"):
        passed_line(pages, copying, work, " ")
    run = work / "copying" / "run.txt"
    run.write_text(run.read_text() + "\n")
    with pytest.raises(TasbError, match="changed since stage second wrote it"):
        passed_line(pages, copying, work, "a-name")
    table = load_specs()["tas-balanced.table3"]
    run_spec(table, work, data=data)
    with pytest.raises(TasbError, match="nothing of it was run"):
        passed_line(pages, table, work, "a-name")
    assert path.read_text() == before
