"""What a student is trained on, and what its fusion with BM25 is tuned on."""

from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.qrels import check_qids, read_qrels
from tasb_pyserini.formats.records import Qrels, Topics
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.quickstart.folder import CollectionFolder
from tasb_pyserini.quickstart.pairs import training_pairs

SEED = 42
TUNING_SHARE = 20
"""One passage or query in so many is kept from training, to tune alpha on."""

MOST_TUNING = 300


@dataclass(frozen=True, slots=True)
class Examples:
    """Queries with their relevant passages; none of them is evaluated later.

    Parameters
    ----------
    passages
        docid → text, as encoded in training.
    topics, qrels
        To train on.
    tuning_topics, tuning_qrels
        To tune on; their judgments are of passages of the collection.
    """

    passages: dict[str, str]
    topics: Topics
    qrels: Qrels
    tuning_topics: Topics
    tuning_qrels: Qrels


def make_examples(folder: CollectionFolder) -> Examples:
    """Return a collection's own training queries, or such as its passages make.

    Passages that answer the collection's topics take no part where queries are made.

    Raises
    ------
    TasbError
        If no query is left to train on.
    """
    split = folder.train_split
    examples = _made(folder) if split is None else _given(folder, *split)
    if not examples.topics:
        raise TasbError(
            f"{folder.folder}: no training query is left; expected several passages "
            "that are not judged, or train.topics.tsv and train.qrels.txt with several "
            "queries; add some, or name an --encoder"
        )
    return examples


def _given(folder: CollectionFolder, topics_path: Path, qrels_path: Path) -> Examples:
    topics, qrels = read_topics(topics_path), read_qrels(qrels_path)
    check_qids(qrels_path, qrels, topics)
    passages = {p.docid: p.contents for p in read_collection(folder.folder)}
    keys = {qid: qid for qid in qrels}
    return _split(passages, topics, qrels, keys)


def _made(folder: CollectionFolder) -> Examples:
    passages = list(read_collection(folder.folder))
    topics, qrels, forms = training_pairs(
        passages, folder.judged, seed=SEED, qualified_names=folder.qualified_names
    )
    texts = {form.docid: form.contents for form in forms}
    sources = {qid: next(iter(grades)) for qid, grades in qrels.items()}
    return _split(texts, topics, qrels, sources)


def _split(
    passages: dict[str, str], topics: Topics, qrels: Qrels, keys: dict[str, str]
) -> Examples:
    """Keep the queries of every twentieth key for tuning."""
    tuning_keys = set(sorted(set(keys.values()))[::TUNING_SHARE])
    tuning = [qid for qid in qrels if keys[qid] in tuning_keys]
    training = [qid for qid in qrels if keys[qid] not in tuning_keys]
    tuning = tuning[:: -(-len(tuning) // MOST_TUNING) or 1]
    return Examples(
        passages,
        {qid: topics[qid] for qid in training},
        {qid: qrels[qid] for qid in training},
        {qid: topics[qid] for qid in tuning},
        {qid: qrels[qid] for qid in tuning},
    )
