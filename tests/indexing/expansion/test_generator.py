"""Any sequence-to-sequence checkpoint predicts, the same beside any neighbours."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tasb_pyserini.encoders import hub
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.expansion.draw import Sampling
from tasb_pyserini.indexing.expansion.generator import QueryGenerator
from tests.indexing.expansion.generators import WORDS, Form, make_generator
from tests.teachers import make_teacher

SAMPLING = Sampling(queries=5, top_k=10, max_length=8, seed=7)


def make_texts(count: int) -> list[str]:
    rng = np.random.default_rng(1)
    return [" ".join(rng.choice(WORDS, rng.integers(1, 9))) for _ in range(count)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_generator(tmp_path_factory.mktemp("t5") / "model")


@pytest.fixture(scope="module")
def generator(folder: Path) -> QueryGenerator:
    return QueryGenerator.load(str(folder), device="cpu")


def test_queries_depend_on_no_batch_no_order_and_no_neighbour(
    generator: QueryGenerator,
) -> None:
    texts = make_texts(40)
    together = generator.generate(texts, SAMPLING)
    assert all(len(queries) == 5 for queries in together)
    assert len({query for queries in together for query in queries}) > 100
    for budget in (1, 60, 200):
        assert together == generator.generate(texts, SAMPLING, tokens_per_batch=budget)
    backwards = generator.generate(texts[::-1], SAMPLING)
    assert together == backwards[::-1]
    assert together[17] == generator.generate([texts[17]], SAMPLING)[0]


def test_another_seed_draws_other_queries(generator: QueryGenerator) -> None:
    texts = make_texts(5)
    other = Sampling(queries=5, top_k=10, max_length=8, seed=8)
    assert generator.generate(texts, SAMPLING) != generator.generate(texts, other)


def test_progress_counts_every_passage(generator: QueryGenerator) -> None:
    counted: list[int] = []
    generator.generate([*make_texts(20), "\u200b"], SAMPLING, done=counted.append)
    assert sum(counted) == 21


def test_a_passage_without_tokens_gets_no_queries(generator: QueryGenerator) -> None:
    first, second = generator.generate(["  ", "a dog"], SAMPLING)
    assert first == []
    assert len(second) == 5


def test_a_passage_is_cut_at_512_tokens(generator: QueryGenerator) -> None:
    greedy = Sampling(queries=1, top_k=1, max_length=8)
    long = " ".join(make_texts(400)).split()[:700]
    cut = generator.generate([" ".join(long), " ".join(long[:511])], greedy)
    assert cut[0] == cut[1]


@pytest.mark.parametrize("form", ["bin", "spiece"])
def test_other_forms_of_checkpoint_are_read(tmp_path: Path, form: Form) -> None:
    folder = make_generator(tmp_path / "model", form)
    [queries] = QueryGenerator.load(str(folder), device="cpu").generate(
        ["what is a dog"], SAMPLING
    )
    assert len(queries) == 5


def test_weights_in_either_form_are_the_same_model(
    generator: QueryGenerator, tmp_path: Path
) -> None:
    other = QueryGenerator.load(str(make_generator(tmp_path / "b", "bin")))
    assert other.fingerprint == generator.fingerprint


def test_bf16_draws_from_the_same_model_with_less_precision(folder: Path) -> None:
    half = QueryGenerator.load(str(folder), device="cpu", precision="bf16")
    assert next(half.model.parameters()).dtype == torch.bfloat16
    texts = make_texts(6)
    first, again = (half.generate(texts, SAMPLING) for _ in range(2))
    assert first == again
    assert all(len(queries) == 5 for queries in first)


def refusal(location: Path | str) -> str:
    with pytest.raises(TasbError) as error:
        QueryGenerator.load(str(location), device="cpu")
    assert "\n" not in str(error.value)
    return str(error.value)


def test_what_is_no_sequence_to_sequence_checkpoint_is_one_line(tmp_path: Path) -> None:
    assert "a model of type 'bert'; expected a sequence-to-" in refusal(
        make_teacher(tmp_path / "bert")
    )
    assert refusal(tmp_path).endswith(
        "no config.json; expected a sequence-to-sequence checkpoint such as T5's"
    )
    broken = make_generator(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"half")
    assert "can't be loaded" in refusal(broken)
    no_words = make_generator(tmp_path / "no_words")
    for path in no_words.glob("tokenizer*"):
        path.unlink()
    assert "no tokenizer; expected tokenizer.json or spiece.model" in refusal(no_words)
    assert "no decoder_start_token_id or no eos" in refusal(
        make_generator(tmp_path / "no_start", start=None)
    )


def test_weights_that_lack_a_layer_are_refused(tmp_path: Path) -> None:
    folder = make_generator(tmp_path / "model", "bin")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_layers": 3}))
    assert "weights lack 'encoder.block.2." in refusal(folder)


def test_code_in_weights_never_runs(tmp_path: Path) -> None:
    folder = make_generator(tmp_path / "model", "bin")
    torch.save({"shared.weight": Path("x")}, folder / "pytorch_model.bin")
    assert "can't be loaded" in refusal(folder)


def test_a_model_that_cannot_be_had_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert refusal("no such/folder/at all").endswith(
        "no such folder, and not a hub id (OWNER/NAME)"
    )
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    message = refusal("nobody/no-such-doc2query")
    assert "could not be fetched from https://" in message
    assert message.endswith("put its files into a folder and name that")
