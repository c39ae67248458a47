import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from tasb_pyserini.training.pretrain.compose import Composer
from tasb_pyserini.training.pretrain.pairs import pairs_of, usable
from tasb_pyserini.training.pretrain.texts import PassageParts, open_parts, write_parts
from tests.training.pretrain.corpora import tokenizer_of, write_corpora


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[PassageParts, Tokenizer]:
    folder = tmp_path_factory.mktemp("pairs")
    paths = write_corpora(folder)
    tokenizer = tokenizer_of(paths)
    write_parts(folder / "texts", paths, tokenizer, 512)
    return open_parts(folder / "texts", 512), tokenizer


def sentences_of(texts: PassageParts, number: int) -> list[list[int]]:
    part = texts.parts[number]
    return [texts.sentences[n].tolist() for n in range(part["first"], part["end"])]


def test_a_sentence_leaves_its_passage_but_for_a_tenth(
    made: tuple[PassageParts, Tokenizer],
) -> None:
    texts, _ = made
    rng = np.random.default_rng(2)
    kept, chosen = 0, set()
    for _ in range(2_000):
        query, passage = (side.tolist() for side in pairs_of(texts, "ict", 0, rng))
        sentences = sentences_of(texts, 0)
        place = sentences.index(query)
        chosen.add(place)
        rest = [n for i, s in enumerate(sentences) if i != place for n in s]
        whole = [n for s in sentences for n in s]
        assert passage in (rest, whole)
        kept += passage == whole
    assert abs(kept - 200) < 5 * np.sqrt(2_000 * 0.1 * 0.9)
    assert chosen == {1, 2, 3}, "the title has fewer than five tokens"


def test_a_title_finds_its_body_and_a_first_half_the_second(
    made: tuple[PassageParts, Tokenizer],
) -> None:
    texts, tokenizer = made
    rng = np.random.default_rng(0)

    title, body = pairs_of(texts, "halves", 0, rng)
    first, second = pairs_of(texts, "halves", 20, rng)

    assert tokenizer.decode(title.tolist()) == "about glacier"
    assert body.tolist() == [n for s in sentences_of(texts, 0)[1:] for n in s]
    assert [*first, *second] == texts[20].tolist()
    assert len(second) - len(first) in (0, 1)


def test_passages_of_one_sentence_make_no_inverse_cloze(tmp_path: Path) -> None:
    path = tmp_path / "c.tsv"
    path.write_text(
        "a\tOne sentence alone, however long it may be.\n"
        "b\tThe first of two sentences. The second of two sentences.\n"
        "c\tLong enough, this one is. No.\n"
    )
    tokenizer = tokenizer_of([path])
    write_parts(tmp_path / "texts", [path], tokenizer, 512)
    texts = open_parts(tmp_path / "texts", 512)

    assert usable(texts, "ict").tolist() == [False, True, False]
    assert usable(texts, "halves").all()


def test_ten_tokens_make_halves_however_short_the_title_is(tmp_path: Path) -> None:
    bodies = ("one two three four five six seven", "one two three four five six")
    path = tmp_path / "c.jsonl"
    path.write_text(
        "".join(
            json.dumps({"id": f"{n}", "contents": f"Ice sheets here\n{body}"}) + "\n"
            for n, body in enumerate(bodies)
        )
    )
    vocabulary = tmp_path / "v.tsv"
    words = f"ice sheets here {bodies[0]} "
    vocabulary.write_text(f"v\t{words * 9}\n")  # often enough to be whole tokens
    write_parts(tmp_path / "texts", [path], tokenizer_of([vocabulary]), 512)
    texts = open_parts(tmp_path / "texts", 512)

    assert texts.lengths().tolist() == [10, 9]
    assert usable(texts, "halves").tolist() == [True, False]
    title, body = pairs_of(texts, "halves", 0, np.random.default_rng(0))
    assert (len(title), len(body)) == (3, 7)


def test_a_batch_stands_between_cls_and_sep_and_comes_again_by_its_number(
    made: tuple[PassageParts, Tokenizer],
) -> None:
    texts, tokenizer = made
    rows = np.array([0, 25, 3])
    composer = Composer(texts, "ict", tokenizer, seed=1)

    batch, again = composer.batch(5, rows), composer.batch(5, rows)

    for part in (batch.query, batch.pos):
        lengths = part.attention_mask.sum(dim=1)
        assert (part.input_ids[:, 0] == 2).all()
        ends = part.input_ids[range(3), lengths - 1]
        assert (ends == 3).all()
        assert (part.input_ids * (1 - part.attention_mask) == 0).all()
        assert int(lengths.max()) == part.input_ids.shape[1]
    assert batch.query.input_ids.tolist() == again.query.input_ids.tolist()
    assert batch.pos.input_ids.tolist() == again.pos.input_ids.tolist()
    other = composer.batch(6, rows)
    assert batch.query.input_ids.tolist() != other.query.input_ids.tolist()
