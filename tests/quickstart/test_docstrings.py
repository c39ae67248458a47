import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.quickstart.docstrings import passage_text, split_docstring

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
arguments = st.from_regex(r"[a-z0-9_=*, \[\]]{0,20}", fullmatch=True)
# Words that can't be taken for a signature or the end of a sentence.
words = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=4, max_size=9)


@pytest.mark.parametrize(
    ("name", "docstring", "text"),
    [
        ("time.time", "time() -> float\n\nReturn the time.", "Return the time."),
        ("str.find", "S.find(sub[, start]) -> int\n\nReturn it.", "Return it."),
        ("dict.pop", "D.pop(k[,d]) -> v, take out the key.", "take out the key."),
        ("set.clear", "D.clear() -> None.  Remove all of it.", "Remove all of it."),
        ("range", "range(stop) -> range object\nrange(a, b)\n -> range\n\nX.", "X."),
        ("copy.copy", "copy(x, (1, 2)) -- Duplicate it.", "Duplicate it."),
        ("anext", "async anext(it[, default])\n\nReturn it.", "Return it."),
        ("csv.reader", "rows = reader(lines)\n\nRead rows.", "Read rows."),
        ("time.gmtime", "gmtime() -> (year,\n  month)\n\nConvert.", "Convert."),
        ("time.tick_ns", "tick() -> int\n\nTick in ns.", "Tick in ns."),
        ("csv.size", "Set a limit.\n\nsize([limit])\n\nMore.", "Set a limit.\nMore."),
        ("os.stat_result", "stat_result: Result of stat.", "Result of stat."),
        ("bdb.Point", "Point class.\n\nStop here.", "Stop here."),
        ("contextlib.cm", "@cm decorator.\n\nUse it.", "Use it."),
        (
            "shutil.copy",
            "See shutil.copy, shutil.copyfile.",
            "See copy, shutil.copyfile.",
        ),
    ],
)
def test_signatures_and_titles_are_removed(
    name: str, docstring: str, text: str
) -> None:
    assert passage_text(docstring, name) == text


@pytest.mark.parametrize(
    ("name", "docstring"),
    [
        ("str.split", "Cut it. Note, split() is mainly for words."),
        ("math.dist", "Roughly dist(p, q) -> float of the points."),
        ("bin", "Return the digits.\n>>> bin(5) '0b101'"),
        ("set.remove", "Remove an element: it must be a member."),
        ("typing.NewType", "NewType creates simple types."),
        ("fractions.Fraction", "In Fraction(8, 6) the terms are\nFraction(4, 3)."),
    ],
)
def test_mentions_in_the_text_stay(name: str, docstring: str) -> None:
    assert passage_text(docstring, name).split() == docstring.split()


def test_each_paragraph_becomes_a_line() -> None:
    docstring = """Copy a
    tree.

        Links  are
        kept.
    \t
    Errors are raised.
    """
    assert passage_text(docstring, "shutil.copytree") == (
        "Copy a tree.\nLinks are kept.\nErrors are raised."
    )


@given(names, names, arguments, words, st.sampled_from(["", " -> int", " -> None."]))
def test_no_signature_survives(
    module: str, bare: str, args: str, description: list[str], arrow: str
) -> None:
    docstring = f"{bare}({args}){arrow}\n\n{' '.join(description)}"
    assert passage_text(docstring, f"{module}.{bare}") == " ".join(description)


@given(st.text(), names)
def test_any_text_can_be_cleaned(docstring: str, name: str) -> None:
    text = passage_text(docstring, name)
    assert text == text.strip()
    assert not re.search(r"\n\s|\s\n|[^\S\n ]|  ", text)


@pytest.mark.parametrize(
    ("text", "summary", "rest"),
    [
        ("Copy a tree.", "Copy a tree.", ""),
        ("Copy a tree. Links too.\nAll.", "Copy a tree.", "Links too.\nAll."),
        ("Copy a tree\nLinks too.", "Copy a tree", "Links too."),
        ("Use e.g. Links. Or not.", "Use e.g. Links.", "Or not."),
        ("Version 3.11 is needed. It is.", "Version 3.11 is needed.", "It is."),
        ('Say "stop." Then go.', 'Say "stop."', "Then go."),
        ("Is it? It is.", "Is it?", "It is."),
        ("", "", ""),
    ],
)
def test_the_first_sentence_is_the_summary(text: str, summary: str, rest: str) -> None:
    assert split_docstring(text) == (summary, rest)


@given(st.text())
def test_summary_and_rest_hold_every_word_in_order(text: str) -> None:
    summary, rest = split_docstring(text)
    assert f"{summary} {rest}".split() == text.split()


@given(st.text(st.sampled_from("aB.!? \n)\"'"), max_size=30))
def test_a_summary_has_no_rest_of_its_own(text: str) -> None:
    summary, _ = split_docstring(text)
    assert split_docstring(summary) == (summary, "")
    assert bool(summary) == bool(text.strip())
