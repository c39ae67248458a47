"""The records that everything else passes around."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a collection.

    Parameters
    ----------
    docid
        External identifier, as it will stand in runs.
    contents
        The whole text; a title, where there is one, is its first line.
    """

    docid: str
    contents: str


@dataclass(frozen=True, slots=True)
class Triple:
    """A training query with one relevant and one non-relevant passage, by id."""

    qid: str
    pos: str
    neg: str


@dataclass(frozen=True, slots=True)
class ScoredTriple:
    """A training triple with a teacher's scores of its two passages."""

    qid: str
    pos: str
    neg: str
    pos_score: float
    neg_score: float


Topics = dict[str, str]
"""qid → query text, in file order."""

Qrels = dict[str, dict[str, int]]
"""qid → docid → relevance grade."""

Run = dict[str, dict[str, float]]
"""qid → docid → score, best first; the form that pytrec_eval takes."""


def is_id(text: str) -> bool:
    """Return whether `text` can be a docid, qid or run tag: one word.

    TREC files part their columns by white space, C tools end a word at NUL, and a byte
    order mark before one is left over from files put together.

    Examples
    --------
    >>> is_id("MARCO_7067032"), is_id("two words"), is_id("")
    (True, False, False)
    """
    return text.split() == [text] and "\0" not in text and text[0] != "\ufeff"


def are_ids(texts: list[str]) -> bool:
    """Return whether each of `texts` is an id (see `is_id`), in less time.

    Examples
    --------
    >>> are_ids(["MARCO_7067032", "1"]), are_ids(["1", "two words"])
    (True, False)
    """
    lines = "\n" + "\n".join(texts)
    return lines.split() == texts and "\0" not in lines and "\n\ufeff" not in lines
