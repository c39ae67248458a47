import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import tokenize
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.training.data import (
    TrainingData,
    read_training_data,
    tokenize_triples,
)
from tasb_pyserini.training.pairs.convert import import_triples
from tasb_pyserini.training.tokens import tokenize_table
from tests.training.wordpieces import TOKENIZER

SPEC = EncoderSpec(checkpoint="c", query_max_length=4, passage_max_length=6)

QUERIES = {"q1": "what is a dog", "unused": "nobody asks", "q2": "the sea"}
PASSAGES = {"d3": "a", "d1": "the dog is a pet " * 9, "d9": "unused", "d2": ""}
TRIPLES = [Triple("q2", "d2", "d1"), Triple("q1", "d1", "d3"), Triple("q2", "d2", "d3")]


def write(folder: Path, triples: str, collection: str = "") -> tuple[Path, Path, Path]:
    paths = folder / "triples.tsv", folder / "topics.tsv", folder / "c.jsonl"
    passages = {**PASSAGES, "d2": "two"}
    lines = [json.dumps({"id": d, "contents": t}) for d, t in passages.items()]
    paths[0].write_text(triples)
    paths[1].write_text("".join(f"{q}\t{t}\n" for q, t in QUERIES.items()))
    paths[2].write_text("\n".join(lines) + "\n" + collection)
    return paths


def ids_of(text: str, max_length: int) -> list[int]:
    return tokenize(TOKENIZER, [text], max_length)[0]


def expected(
    triples: list[Triple], passages: dict[str, str]
) -> list[tuple[list[int], list[int], list[int]]]:
    return sorted(
        (
            ids_of(QUERIES[triple.qid], 4),
            ids_of(passages[triple.pos], 6),
            ids_of(passages[triple.neg], 6),
        )
        for triple in triples
    )


def texts_of(data: TrainingData) -> list[tuple[list[int], list[int], list[int]]]:
    pairs = data.pairs
    query = np.repeat(np.arange(pairs.n_queries), np.diff(pairs.offsets))
    rows = zip(
        data.query_rows[query],
        data.passage_rows[pairs.pos],
        data.passage_rows[pairs.neg],
        strict=True,
    )
    return sorted(
        (
            data.queries[q].tolist(),
            data.passages[pos].tolist(),
            data.passages[neg].tolist(),
        )
        for q, pos, neg in rows
    )


def test_triples_lead_to_the_token_ids_of_their_texts() -> None:
    data = tokenize_triples(TRIPLES, QUERIES, PASSAGES, TOKENIZER, SPEC)

    assert texts_of(data) == expected(TRIPLES, PASSAGES)


def test_only_texts_that_triples_name_are_kept() -> None:
    data = tokenize_triples(TRIPLES, QUERIES, PASSAGES, TOKENIZER, SPEC)

    assert (len(data.queries), len(data.passages)) == (2, 3)


def test_prefixes_are_part_of_the_text() -> None:
    spec = EncoderSpec(checkpoint="c", query_prefix="the", passage_prefix="dog")

    data = tokenize_triples(TRIPLES, QUERIES, PASSAGES, TOKENIZER, spec)

    # By qid, then docid: q1 is the first query, d1 the first passage.
    assert data.queries[0].tolist() == ids_of("the what is a dog", 30)
    assert data.passages[2].tolist() == ids_of("dog a", 30)


def read(folder: Path, paths: tuple[Path, Path, Path]) -> TrainingData:
    return read_training_data(*paths, TOKENIZER, SPEC, folder / "cache")


def test_files_and_memory_give_the_same_texts(tmp_path: Path) -> None:
    lines = "".join(f"{t.qid}\t{t.pos}\t{t.neg}\n" for t in TRIPLES)

    data = read(tmp_path, write(tmp_path, lines))

    assert texts_of(data) == expected(TRIPLES, {**PASSAGES, "d2": "two"})
    held = tokenize_triples(TRIPLES, QUERIES, PASSAGES, TOKENIZER, SPEC)
    assert data.fingerprints()["pairs"] == held.fingerprints()["pairs"]


def test_a_folder_of_pairs_and_its_triples_file_give_the_same_data(
    tmp_path: Path,
) -> None:
    paths = write(tmp_path, "q1\td1\td3\nq2\td2\td1\n")
    import_triples(paths[0], tmp_path / "pairs")

    of_file = read(tmp_path, paths)
    of_folder = read(tmp_path, (tmp_path / "pairs", *paths[1:]))

    assert of_file.fingerprints() == of_folder.fingerprints()


def test_fingerprints_tell_what_changed() -> None:
    def prints(triples: list[Triple], **texts: str) -> dict[str, str]:
        passages = {**PASSAGES, **texts}
        data: TrainingData = tokenize_triples(
            triples, QUERIES, passages, TOKENIZER, SPEC
        )
        return data.fingerprints()

    before = prints(TRIPLES)
    other_text, fewer = prints(TRIPLES, d3="dog"), prints(TRIPLES[:2])

    assert {k for k in before if before[k] != other_text[k]} == {"passages"}
    assert {k for k in before if before[k] != fewer[k]} == {"pairs"}
    assert prints(TRIPLES[::-1]) == before


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("q7\td1\td3\n", "qid q7 is not in the topics"),
        ("q1\td7\td3\n", "docid d7 is not in the collection"),
        ("q1\td1\td8\n", "docid d8 is not in the collection"),
    ],
)
def test_an_unknown_id_is_named_with_its_line(
    tmp_path: Path, line: str, problem: str
) -> None:
    paths = write(tmp_path, f"q2\td2\td1\nq1\td1\td3\n{line}q2\td2\td1\n")

    with pytest.raises(InputError) as error:
        read(tmp_path, paths)

    assert str(error.value).startswith(f"{paths[0]}:3: {problem}")


def test_an_unknown_id_in_memory_is_named() -> None:
    with pytest.raises(TasbError, match="no text for passage 'd7'"):
        tokenize_triples(
            [TRIPLES[0], Triple("q1", "d1", "d7")], QUERIES, PASSAGES, TOKENIZER, SPEC
        )


def test_a_file_without_triples_is_an_error(tmp_path: Path) -> None:
    paths = write(tmp_path, "")

    with pytest.raises(InputError, match=r"triples\.tsv: no lines; expected at least"):
        read(tmp_path, paths)


def test_a_named_docid_that_comes_twice_is_an_error(tmp_path: Path) -> None:
    again = '{"id": "d1", "contents": "again"}\n'
    paths = write(tmp_path, "q1\td1\td3\n", collection=again)

    with pytest.raises(InputError, match=r"c\.jsonl:5: id d1 again"):
        read(tmp_path, paths)


def test_lengths_without_room_for_text_are_refused() -> None:
    spec = EncoderSpec(checkpoint="c", query_max_length=2)

    with pytest.raises(TasbError, match="lengths 2 \\(query\\), 200 \\(passage\\)"):
        tokenize_triples(TRIPLES, QUERIES, PASSAGES, TOKENIZER, spec)


@given(st.lists(st.text(max_size=30), max_size=20), st.integers(3, 12))
def test_a_table_holds_what_the_tokenizer_gives(
    texts: list[str], max_length: int
) -> None:
    table = tokenize_table(TOKENIZER, iter(texts), "", max_length)

    assert len(table) == len(texts)
    assert table.tokens.dtype == np.uint16
    assert [table[i].tolist() for i in range(len(texts))] == tokenize(
        TOKENIZER, texts, max_length
    )
