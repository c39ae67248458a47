"""The HTML summary says what the results say, escapes all, and fetches nothing."""

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.regressions.catalog import load_specs
from tasb_pyserini.regressions.rows import typed_commands
from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.spec import Spec
from tests.regressions.summary import HOSTILE, specs_of_every_verdict, summarise
from tests.regressions.tiny import AFTER, copying_spec, write_spec

EMPTY = {"meta", "img", "br"}


class Element:
    """An element, with all the text inside it."""

    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag, self.attributes = tag, attributes
        self.children: list[Element] = []
        self.text = ""

    def all(self, tag: str = "", **attributes: str) -> list["Element"]:
        wanted = attributes.items()
        found = [self] if not tag or self.tag == tag else []
        found = [e for e in found if all(e.attributes.get(k) == v for k, v in wanted)]
        return found + [e for c in self.children for e in c.all(tag, **attributes)]


class Tree(HTMLParser):
    """A tree of elements; every end tag must close the last element opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert self.open == [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        if tag in ("th", "td"):
            self.handle_data(" ")
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def words(element: Element) -> str:
    return " ".join(element.text.split())


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Spec], Path]:
    root = tmp_path_factory.mktemp("summary")
    return specs_of_every_verdict(root), root


@pytest.fixture(scope="module")
def text(specs: tuple[list[Spec], Path]) -> str:
    chosen, root = specs
    path = root / "pages" / "index.html"
    return summarise(path, chosen, root / "work", root / "pages")


@pytest.fixture(scope="module")
def page(text: str) -> Element:
    return Tree(text).root


def conditions(page: Element, name: str) -> list[Element]:
    (table,) = page.all("table", id=name)
    return [row for row in table.all("tr") if row.all("ul")]


def test_a_row_has_scores_expected_and_found_and_its_verdict(page: Element) -> None:
    first, second = conditions(page, "copying")
    assert words(first) == (
        "all RR@10 found 0.6250 expected 0.6250 "
        "R(rel=2)@100 found 0.2500 expected 0.2500 2 PASS"
    )
    assert words(second).startswith("again RR@10 ")
    (row,) = conditions(page, "failing")
    assert words(row) == (
        "all RR@10 found 0.6250 expected 0.5000 difference +0.1250 FAIL "
        "R(rel=2)@100 found 0.2500 none expected UNMEASURED 1 FAIL 1 UNMEASURED "
        "differs by +0.1250, allowed 0 no expected score yet"
    )
    (row,) = conditions(page, "waiting")
    assert words(row).endswith("expected 0.2500 2 NOT RUN not run here")
    assert "found" not in words(row)
    (row,) = conditions(page, "paper")
    assert words(row) == "one RR@10 expected 0.5000 1 PAPER ONLY"
    (total,) = page.all("p", **{"class": "total"})
    assert words(total) == (
        "All scores: 1 FAIL 1 UNMEASURED 2 NOT RUN 6 PASS 1 PAPER ONLY"
    )


def test_commands_of_both_kinds_can_be_copied(
    page: Element, specs: tuple[list[Spec], Path]
) -> None:
    (table,) = page.all("table", id="copying")
    whole, stock, ours = table.all("div", **{"class": "command"})
    assert whole.all("code")[0].text == "tasb regress run copying"
    assert stock.all("code")[0].text == typed_commands(specs[0][0])
    assert "python tool.py given.txt first.txt" in stock.all("code")[0].text
    assert "python tool.py qrels.txt first.txt" in ours.all("code")[0].text
    assert all(each.all("button", type="button") for each in (whole, stock, ours))
    (paper,) = page.all("table", id="paper")
    assert not paper.all("button")
    assert "Paper only: the model is not published" in words(paper)


def test_sources_alike_are_named_once(page: Element) -> None:
    (table,) = page.all("table", id="copying")
    (sources,) = table.all("table", **{"class": "sources"})
    assert words(sources).endswith("all; again by hand 0: four queries")


def test_figures_are_drawn_where_there_are_runs(page: Element) -> None:
    """Relevance level 2 leaves query 1's d1, found at rank 2, of four queries."""
    drawn = {t.attributes["id"] for t in page.all("table") if t.all("img")}
    assert drawn == {"copying", "failing", "hostile"}
    (table,) = page.all("table", id="copying")
    (numbers,) = table.all("table", **{"class": "numbers"})
    assert words(numbers) == (
        "Recall at cutoffs: all, again cutoff all, again 1 0.0000 2 0.2500 5 0.2500 "
        "10 0.2500 20 0.2500 50 0.2500 100 0.2500 200 0.2500 500 0.2500 1000 0.2500"
    )
    for image in page.all("img"):
        kind, _, picture = str(image.attributes["src"]).partition(",")
        assert kind == "data:image/svg+xml"
        assert ElementTree.fromstring(unquote(picture)).tag.endswith("}svg")


def test_a_changed_run_is_neither_passed_nor_drawn(
    specs: tuple[list[Spec], Path],
) -> None:
    chosen, root = specs
    run = root / "work" / "copying" / "run.txt"
    before = run.read_bytes()
    run.write_bytes(before.replace(b"2.0", b"2.5", 1))
    try:
        path = root / "pages" / "changed.html"
        text = summarise(path, chosen[:1], root / "work", root / "pages")
    finally:
        run.write_bytes(before)
    assert "4 FAIL" in text
    assert "changed since stage second wrote it" in text
    assert "<img" not in text


def test_when_a_spec_was_run_is_said_where_a_score_was_found(
    specs: tuple[list[Spec], Path], tmp_path: Path
) -> None:
    (copying, *_), root = specs
    broken = copying_spec(root / "data").replace("tool.py first", "tool.py none")
    chosen = [
        write_spec(tmp_path, text, name)
        for name, text in (("copying", copying.path.read_text()), ("after", AFTER))
    ]
    chosen.append(
        write_spec(tmp_path, broken.replace("name: copying", "name: broken"), "broken")
    )
    work = tmp_path / "work"
    for spec in chosen:
        run_spec(spec, work, data=root / "data")
    summarise(tmp_path / "i.html", chosen, work, tmp_path)
    page = Tree((tmp_path / "i.html").read_text()).root
    said = {
        str(table.attributes["id"]): [
            name.text for line in table.all("dl") for name in line.all("dt")
        ]
        for table in page.all("table", **{"class": "matrix"})
    }
    assert said == {
        "copying": ["Run", "Took", "Versions", "Machine"],
        "after": ["Run", "Versions", "Machine"],
        "broken": [],
    }


def test_hostile_names_stay_text(page: Element, text: str) -> None:
    assert len(page.all("script")) == 1
    assert HOSTILE not in text
    (table,) = page.all("table", id="hostile")
    assert HOSTILE in table.all("caption")[0].text
    assert HOSTILE in table.all("th", scope="row")[0].text
    assert table.all("code")[1].text.startswith(f"# hostile: {HOSTILE}\n")
    assert table.all("img")[0].attributes["alt"] == (
        f"Recall at cutoffs: {HOSTILE}; the numbers follow"
    )


def test_nothing_but_links_leads_out_of_the_file(page: Element, text: str) -> None:
    for element in page.all():
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in ("style", "srcset", "action", "formaction", "ping")
            if name == "src":
                assert str(value).startswith("data:image/svg+xml,")
            if name == "href":
                assert element.tag == "a"
                assert re.fullmatch(r"#[a-z]+|[a-z]+\.md", str(value))
    (style,) = page.all("style")
    assert "url(" not in style.text
    assert "@import" not in style.text


def test_the_policy_allows_this_style_and_program_alone(page: Element) -> None:
    (policy,) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    rules = dict(
        rule.split(" ", 1) for rule in str(policy.attributes["content"]).split("; ")
    )
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (element,) = page.all(tag)
        digest = hashlib.sha256(element.text.encode()).digest()
        assert rules.pop(rule) == f"'sha256-{b64encode(digest).decode()}'"
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def check_access(page: Element) -> None:
    assert [len(page.all(tag)) for tag in ("h1", "main", "title")] == [1, 1, 1]
    names = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(names) == len(set(names))
    for table in page.all("table"):
        assert table.children[0].tag == "caption"
        assert table.children[0].text.strip()
    assert all(heading.attributes.get("scope") for heading in page.all("th"))
    assert all(each.children[0].tag == "summary" for each in page.all("details"))
    assert all(image.attributes["alt"] for image in page.all("img"))


def test_tables_rows_and_pictures_are_named(page: Element) -> None:
    check_access(page)


def test_the_same_results_give_the_same_bytes(
    specs: tuple[list[Spec], Path], text: str
) -> None:
    chosen, root = specs
    path = root / "pages" / "again.html"
    assert summarise(path, chosen, root / "work", root / "pages") == text


def test_links_lead_to_the_pages_wherever_the_summary_is(
    specs: tuple[list[Spec], Path],
) -> None:
    chosen, root = specs
    path = root / "else where" / "summary.html"
    summarise(path, chosen[:1], root / "none", root / "the pages")
    assert 'href="../the%20pages/copying.md"' in path.read_text()


def test_every_spec_of_the_package_is_in_it(tmp_path: Path) -> None:
    specs = load_specs()
    text = summarise(tmp_path / "i.html", specs.values(), tmp_path, tmp_path)
    page = Tree(text).root
    check_access(page)
    shown = {table.attributes.get("id") for table in page.all("table")}
    assert shown >= specs.keys()
    # (The verdicts' meanings name PASS too.)
    assert not re.search(r"[0-9] (PASS|FAIL)<", text)


def test_report_writes_it_beside_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["regress", "report", "vaswani.bm25", "--pages", "pages"]
    assert main(words) == 0
    page = Tree(Path("pages/index.html").read_text()).root
    (table,) = page.all("table", id="vaswani.bm25")
    (link,) = {link.attributes["href"] for link in table.all("a")}
    assert (Path("pages") / str(link)).is_file()
