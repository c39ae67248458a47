"""Training pairs for a student, made from the collection itself.

Queries come from what says in short what a passage says at length: its first sentence,
as a docstring's summary, and where docids are names of Python, the words of its name.
They are put as questions, with words left out at random, so that a student has more to
learn than to find the same words again. Each query goes with two forms of its passage:
the whole, and what is left without the summary, so that the student can't always find
the query in it.

Nothing about the held-out passages is trained on, neither their names nor their texts:
the questions that they answer are close to both. Nor, where docids are names of Python,
is anything of the same last name (``bytes.split`` where ``str.split`` is held out), for
such docstrings are often the same but for a word. The evaluation's questions themselves
are used nowhere.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterable

from tasb_pyserini.formats.records import Passage, Qrels, Topics
from tasb_pyserini.quickstart.docstrings import split_docstring
from tasb_pyserini.quickstart.identifiers import name_words, word_counts

QUESTIONS = 4  # per passage, from its summary
NAMES = 2  # per passage, from its name
SHORTEST_REST = 8  # words
LONGEST_PASSAGE = 60  # words; what a docstring is about stands at its beginning
SHORTEST_SUMMARY, LONGEST_SUMMARY = 3, 12  # words of it in a question
_DROPPED = (0.1, 0.3, 0.5)  # shares of the summary's words left out of a question

_ACTIONS = ("how do I", "how can I", "how to", "")
_RESULTS = ("how do I get", "get", "what is", "which is", "")
_THINGS = ("is there", "what is", "")


def training_pairs(
    passages: Iterable[Passage],
    exclude: Collection[str],
    *,
    seed: int,
    qualified_names: bool,
) -> tuple[Topics, Qrels, list[Passage]]:
    """Make queries and the passages they belong to.

    Parameters
    ----------
    passages
        The collection.
    exclude
        Docids to hold out.
    seed
        The queries of a passage depend on it and the collection's words alone.
    qualified_names
        Whether docids are names, as of :func:`~.collection.stdlib_passages`: then
        queries are made of them too, and all of a last name are held out together.

    Returns
    -------
    tuple
        Queries; for each the forms of its passage, all with grade 1; and the forms,
        to be searched for negatives and encoded in training. A form's docid is that
        of the passage, with ``#rest`` where the summary is missing.
    """
    passages = list(passages)
    counts = word_counts(passage.contents for passage in passages)
    same = _last_name if qualified_names else str
    held_out = {same(docid) for docid in exclude}
    topics: Topics = {}
    qrels: Qrels = {}
    training: list[Passage] = []
    for passage in passages:
        if same(passage.docid) in held_out:
            continue
        forms = passage_forms(passage)
        training += forms
        rng = random.Random(f"{seed} {passage.docid}")
        queries = list(_summary_queries(passage, rng))
        if qualified_names:
            queries += _name_queries(passage.docid, counts, rng)
        for number, query in enumerate(queries):
            qid = f"{passage.docid}?{number}"
            topics[qid] = query
            qrels[qid] = {form.docid: 1 for form in forms}
    return topics, qrels, training


def passage_forms(passage: Passage) -> list[Passage]:
    """Return the beginning of a passage and, if long enough, of its rest."""
    _, rest = split_docstring(passage.contents)
    forms = [Passage(passage.docid, _beginning(passage.contents))]
    if len(rest.split()) >= SHORTEST_REST:
        forms.append(Passage(f"{passage.docid}#rest", _beginning(rest)))
    return forms


def as_question(summary: str, rng: random.Random, *, dropped: float = 0) -> str:
    """Put a summary as somebody would ask for it.

    Parameters
    ----------
    dropped
        Share of the summary's words to leave out, drawn word by word.

    Examples
    --------
    >>> as_question("Copies a directory tree.", random.Random(0))
    'copy a directory tree'
    """
    words = summary.rstrip(" .:!?").split() or [""]
    verb = words[0].lower()
    if verb in ("return", "returns", "get", "gets"):
        opening, words = rng.choice(_RESULTS), words[1:]
    elif verb in ("a", "an", "the", "this"):
        opening, words = rng.choice(_THINGS), [verb, *words[1:]]
    else:
        opening, words = rng.choice(_ACTIONS), [_infinitive(verb), *words[1:]]
    kept = [word for word in words if rng.random() >= dropped]
    kept = kept if len(kept) >= SHORTEST_SUMMARY else words
    return " ".join([opening, *kept[:LONGEST_SUMMARY]]).strip()


def _summary_queries(passage: Passage, rng: random.Random) -> Iterable[str]:
    summary, _ = split_docstring(passage.contents)
    for _ in range(QUESTIONS):
        yield as_question(summary, rng, dropped=rng.choice(_DROPPED))


def _name_queries(
    docid: str, counts: Counter[str], rng: random.Random
) -> Iterable[str]:
    owner, _, name = docid.rpartition(".")
    words = name_words(name, counts)
    for number in range(NAMES):
        context = name_words(owner.rpartition(".")[2], counts) if number else []
        yield " ".join([rng.choice(_ACTIONS), *words, *context]).strip()


def _infinitive(verb: str) -> str:
    if verb.endswith("ies") and len(verb) > 4:
        return f"{verb[:-3]}y"
    if verb.endswith("s") and not verb.endswith(("ss", "us", "is")):
        return verb[:-1]
    return verb


def _beginning(text: str) -> str:
    return " ".join(text.split()[:LONGEST_PASSAGE])


def _last_name(docid: str) -> str:
    return docid.rpartition(".")[2]
