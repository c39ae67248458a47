"""The quickstart ends in measured runs, and goes on where it stopped."""

import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.quickstart.examples import make_examples
from tasb_pyserini.quickstart.folder import CollectionFolder, write_stdlib_collection
from tasb_pyserini.quickstart.tune import tune_alpha
from tests.checkpoints import make_checkpoint
from tests.quickstart.small import PASSAGES, write_collection


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    return write_collection(tmp_path / "collection")


@pytest.mark.pyserini
def test_a_collection_of_ones_own_is_searched_three_ways_and_asked(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("faiss")
    model = make_checkpoint(tmp_path / "model")
    output = tmp_path / "out"
    words = ["--collection", str(collection), "--output", str(output)]
    words = ["quickstart", *words, "--encoder", f"tasb:{model}"]
    assert main([*words, "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    systems = {one["system"]: one for one in outcome["results"]}
    assert list(systems) == ["BM25", "dense", "hybrid"]
    assert systems["BM25"]["measures"] == {"nDCG@10": 1.0, "R@100": 1.0}
    assert systems["dense"]["measures"]["R@100"] == 1.0
    assert outcome["alpha"] == 0.1
    for one in systems.values():
        lines = Path(one["run"]).read_text().splitlines()
        assert {line.split()[0] for line in lines} == {"1", "2"}

    assert main(words) == 0
    table = capsys.readouterr().out
    assert "3 passages, 2 queries" in table
    assert "pyserini.search.faiss" in table

    ask = ["ask", "where", "is", "cake", "--output", str(output), "--json"]
    assert main(ask) == 0
    answers = json.loads(capsys.readouterr().out)
    assert {answer["docid"] for answer in answers} == set(PASSAGES)
    texts = {answer["docid"]: answer["text"] for answer in answers}
    assert texts == PASSAGES


def test_asking_before_the_quickstart_says_what_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", "why", "--output", str(tmp_path)]) == 1
    assert f"run 'tasb quickstart --output {tmp_path}'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["topics.tsv", "corpus.jsonl"])
def test_a_folder_without_one_of_its_files_is_refused(
    collection: Path, name: str
) -> None:
    (collection / name).rename(collection / "documents.jsonl")
    with pytest.raises(TasbError, match=f"no {name}; expected a folder with"):
        CollectionFolder(collection).check()


def test_made_examples_never_touch_answers_and_tuning_never_touches_training(
    tmp_path: Path,
) -> None:
    folder = write_stdlib_collection(tmp_path / "stdlib")
    examples = make_examples(folder)
    answers = {line.split()[2] for line in folder.qrels.read_text().splitlines()}
    trained = {docid for grades in examples.qrels.values() for docid in grades}
    tuned = {docid for grades in examples.tuning_qrels.values() for docid in grades}
    assert not answers & (trained | tuned)
    assert not trained & tuned
    assert set(examples.qrels) == set(examples.topics)
    assert trained <= set(examples.passages)
    assert 100 < len(examples.tuning_topics) <= 300
    assert len(examples.topics) > 10_000


def test_a_train_split_is_taken_as_it_is(collection: Path) -> None:
    topics = "".join(f"{n}\tcopy {n}\n" for n in range(40))
    (collection / "train.topics.tsv").write_text(topics)
    qrels = "".join(f"{n} 0 copy 1\n" for n in range(40))
    (collection / "train.qrels.txt").write_text(qrels)
    examples = make_examples(CollectionFolder(collection))
    assert examples.passages == PASSAGES
    assert len(examples.topics) == 38
    assert len(examples.tuning_topics) == 2
    assert not set(examples.topics) & set(examples.tuning_topics)


def test_files_with_one_ending_all_give_training_queries_but_the_judged(
    tmp_path: Path,
) -> None:
    passages = {f"report{n}.txt": f"Report of year {n}." for n in range(50)}
    folder = write_collection(tmp_path / "reports", passages)
    (folder / "qrels.txt").write_text("1 0 report7.txt 1\n")
    examples = make_examples(CollectionFolder(folder))
    judged = {*examples.qrels, *examples.tuning_qrels}
    assert {qid.partition("?")[0] for qid in judged} == {*passages} - {"report7.txt"}


@pytest.mark.parametrize("train", [0, 1])
def test_where_no_training_query_is_left_it_says_so(
    train: int, collection: Path
) -> None:
    """One passage is not judged, or there is one query: alpha is tuned on it."""
    if train:
        (collection / "train.topics.tsv").write_text("9\tcake\n")
        (collection / "train.qrels.txt").write_text("9 0 cafe 1\n")
    with pytest.raises(TasbError, match="no training query is left; expected several"):
        make_examples(CollectionFolder(collection))


def test_alpha_is_in_the_middle_of_those_with_the_best_reciprocal_rank() -> None:
    """From alpha 0.3 on, 10 · alpha + 1 beats the wrong document's 4."""
    sparse = {"q": {"right": 10.0, "wrong": 0.0}}
    dense = {"q": {"right": 1.0, "wrong": 4.0}}
    assert tune_alpha(sparse, dense, {"q": {"right": 1}}) == pytest.approx(0.6)
    assert tune_alpha(dense, sparse, {"q": {"right": 1}}) == pytest.approx(10 / 3 / 2)
