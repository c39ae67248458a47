"""The report is made of the committed records alone."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from scipy import stats

from tasb_pyserini.study.content import make_content
from tasb_pyserini.study.plan import make_plan
from tasb_pyserini.study.record import Record
from tasb_pyserini.study.report_html import write_html
from tasb_pyserini.study.report_md import write_markdown
from tasb_pyserini.study.schema import read_study
from tasb_pyserini.study.spec import Study
from tests.study.quick import STUDY, made_up_record, write_study

VALUES = {
    ("table/poor", 1): [0.5, 0.5, 0.25, 0.25],
    ("table/poor", 2): [0.5, 0.25, 0.25, 0.2],
    ("table/good", 1): [1.0, 1.0, 0.5, 0.5],
    ("table/good", 2): [1.0, 0.75, 0.75, 0.5],
}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Return a folder with the study, its records, and nothing else."""
    study = write_study(tmp_path / "docs/studies")
    for run in make_plan(study, study.profiles["small"]).runs:
        values = VALUES[run.name, run.seed]
        made_up_record(run.name, run.seed, run.sha256, values).write(
            tmp_path / "docs/studies/results"
        )
    return tmp_path / "docs"


def report(docs: Path, study: Study | None = None) -> tuple[str, str]:
    study = study or read_study(docs / "studies/quick.yaml")
    page = docs / "study.md"
    results, figures = docs / "studies/results", docs / "studies/figures"
    content = make_content(study, results, page, figures, docs / "no-data")
    write_markdown(content, page)
    write_html(content, page.with_suffix(".html"))
    return page.read_text(), page.with_suffix(".html").read_text()


def row_of(page: str, label: str) -> list[str]:
    line = next(line for line in page.splitlines() if line.startswith(f"| {label} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_has_mean_deviation_mark_paper_and_records(docs: Path) -> None:
    page, _ = report(docs)
    # Means .375 and .3, so .3375 and deviation .0530; .75 and .75.
    assert row_of(page, "Poor") == [
        *("Poor", ".3375 ± .0530 <sub>.602</sub>", ".3375 ± .0530"),
        "[1](studies/results/small/table/poor/1.json) "
        "[2](studies/results/small/table/poor/2.json)",
    ]
    good = row_of(page, "Good")
    p = stats.ttest_rel([1, 0.875, 0.625, 0.5], [0.5, 0.375, 0.25, 0.225]).pvalue
    assert p < 0.05  # one comparison, so Holm changes nothing
    assert good[1] == ".7500 ± .0000▲"
    assert row_of(page, "Good again")[1] == ".7500 ± .0000"  # the same, not compared


def test_a_row_below_one_that_was_not_run_has_no_mark(docs: Path) -> None:
    start, end = STUDY.index("      - name: never\n"), STUDY.index("claims:\n")
    never = STUDY[start:end]
    rest = STUDY[:start] + STUDY[end:]
    good = "      - name: good\n"
    (docs / "studies/quick.yaml").write_text(rest.replace(good, never + good))
    page, _ = report(docs)
    rows = [line.split("|")[1].strip() for line in page.splitlines() if "|" in line]
    at = rows.index("Poor")
    assert rows[at : at + 3] == ["Poor", "Never", "Good"]
    assert row_of(page, "Good")[1] == ".7500 ± .0000"
    assert "than the row above, where both were run" in page


def test_measures_are_named_with_the_grade_that_they_count_from(docs: Path) -> None:
    text = STUDY.replace("qrels: qrels.txt}", "qrels: qrels.txt, level: 2}")
    study = write_study(docs / "studies", text)
    for run in make_plan(study, study.profiles["small"]).runs:
        values = VALUES[run.name, run.seed]
        record = made_up_record(run.name, run.seed, run.sha256, values)
        record.write(docs / "studies/results")
    page, html = report(docs, study)
    assert "| Model | Tiny nDCG@10 | Tiny RR(rel=2)@10 | records |" in page
    assert '<th scope="col">RR(rel=2)@10</th>' in html
    for text in (page, html):
        assert "table/good less table/poor: RR(rel=2)@10 on test +0.4125" in text
        assert "deviation of RR(rel=2)@10 on test" in text
        assert "table/again less table/good: RR(rel=2)@10 on test +0.0000" in text
        assert not re.search(r"\bRR@10", text)


def test_links_lead_to_records(docs: Path) -> None:
    page, html = report(docs)
    for text in (page, html):
        assert "studies/results/small/table/good/2.json" in text
    assert (docs / "studies/results/small/table/good/2.json").is_file()


def test_the_commands_printed_run_where_the_records_are_complete(docs: Path) -> None:
    command = "tasb study run quick --profile small --only table/CELL --results again"
    for text in report(docs):
        assert command in text


def test_what_was_not_run_says_why(docs: Path) -> None:
    page, html = report(docs)
    assert row_of(page, "Cut")[-1] == "NOT RUN: too large here"
    assert row_of(page, "Never")[1:] == [
        *("<sub>.500</sub>", "<sub>.250</sub>", "NOT RUN: nobody can")
    ]
    assert "Profile `full`: NOT RUN." in page
    assert len(re.findall(r"NOT RUN</span>\s+nobody can", html)) == 1


def test_claims_are_listed_with_verdict_and_test(docs: Path) -> None:
    page, html = report(docs)
    claims = [line for line in page.splitlines() if "| Table" in line]
    assert [line.split("|")[3].strip() for line in claims] == [
        *("CONFIRMED", "NOT RUN", "CONFIRMED", "CONFIRMED")
    ]
    assert "paired t-test with Holm's correction p = " in claims[0]
    for verdict in ("3 CONFIRMED", "1 NOT RUN"):
        assert verdict in html
    assert "Nothing is learned." in page  # what a miniature can't show
    assert "Nothing is learned." in html


def test_the_same_records_give_the_same_bytes(docs: Path) -> None:
    assert report(docs) == report(docs)


def test_changed_records_are_not_shown(docs: Path) -> None:
    path = docs / "studies/quick.yaml"
    path.write_text(path.read_text().replace('weight: "90"', 'weight: "80"'))
    page, _ = report(docs)
    assert row_of(page, "Good")[-1] == "NOT RUN: no record"
    assert "Not shown: 2 records of the study as it was." in page
    assert row_of(page, "Poor")[1].startswith(".3375")


def test_the_page_says_what_made_the_records(docs: Path) -> None:
    what = "topics, qrels, training files and recipes"
    for text in report(docs):
        assert f"Not recorded: commit, {what}" in text
    path = docs / "studies/results/small/table/good/2.json"
    record = Record.read(path)
    assert record is not None
    replace(record, commit="abcdef0", recipes={}).write(docs / "studies/results")
    for text in report(docs):
        assert f"Recorded: commit abcdef0, {what}" in text


def test_without_any_record_all_is_not_run(docs: Path, tmp_path: Path) -> None:
    study = read_study(docs / "studies/quick.yaml")
    none = tmp_path / "none"
    content = make_content(study, none, docs / "a.md", tmp_path / "f", none)
    write_markdown(content, docs / "a.md")
    page = (docs / "a.md").read_text()
    assert row_of(page, "Good")[1:] == ["", "", "NOT RUN: no record"]


class Fetched(HTMLParser):
    """Collects what a browser would fetch by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)
        source = dict(attrs).get("src") or ""
        if tag in ("link", "script", "iframe") or (
            source and not source.startswith("data:")
        ):
            self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_fetches_nothing(docs: Path) -> None:
    _, html = report(docs)
    parser = Fetched()
    parser.feed(html)
    assert (parser.found, parser.open) == ([], [])


def test_figures_are_drawn_from_records(docs: Path) -> None:
    path = docs / "studies/quick.yaml"
    text = path.read_text().replace(
        "    columns: [Model]\n",
        "    columns: [Model]\n    recall: true\n    distractors: {test: test, "
        "measure: RR@10, pool: shared.txt, sizes: [0, 2], "
        'run: "{folder}/run.tiny.txt"}\n',
    )
    study = write_study(path.parent, text)
    for run in make_plan(study, study.profiles["small"]).runs:
        record = made_up_record(
            run.name, run.seed, run.sha256, VALUES[run.name, run.seed]
        )
        record.tests["test"].recall.update({"1": 0.25 * run.seed, "10": 1.0})
        record.distractors.update({"4": 0.5, "6": 0.1 * run.seed})
        record.latency.update({"first": 2.0, "second": 1.0 * run.seed})
        record.write(docs / "studies/results")
    page, html = report(docs, study)
    recall = docs / "studies/figures/small.table.recall.test.csv"
    # Seeds 1 and 2: (.25 + .5) / 2.
    assert recall.read_text().splitlines()[1].startswith("1,0.375,0.375")
    curve = docs / "studies/figures/small.table.distractors.csv"
    assert [line[:6] for line in curve.read_text().splitlines()[1:]] == [
        *("4,0.5,", "6,0.15")
    ]
    assert html.count("data:image/svg+xml") == 2
    assert "](studies/figures/small.table.recall.test.svg)" in page
    assert row_of(page, "Good")[3] == "3.5"  # 2 + 1 and 2 + 2 ms
