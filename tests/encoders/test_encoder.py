"""Vectors are those of a plain transformers forward pass, in any company."""

import pickle
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import BertWordPieceTokenizer
from transformers import DistilBertModel

from tasb_pyserini.encoders.backends.backend import (
    Backend,
    Ids,
    OutOfMemory,
    Vectors,
)
from tasb_pyserini.encoders.document import TasbDocumentEncoder
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.query import TasbQueryEncoder
from tasb_pyserini.formats.errors import TasbError
from tests.checkpoints import VOCABULARY, make_checkpoint
from tests.encoders.models import TEXTS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("encoder") / "balanced-finance")


def plain_forward(
    folder: Path, text: str, max_length: int, pooling: str = "cls"
) -> NDArray[np.float32]:
    """One text, one forward pass, nothing of ours in between."""
    wordpiece = BertWordPieceTokenizer(str(VOCABULARY))
    wordpiece.enable_truncation(max_length)
    model = DistilBertModel.from_pretrained(folder)  # in eval mode, as documented
    with torch.no_grad():
        ids = torch.tensor([wordpiece.encode(text).ids])
        hidden = model(input_ids=ids).last_hidden_state[0]
    vector: NDArray[np.float32] = (
        hidden[0] if pooling == "cls" else hidden.mean(0)
    ).numpy()
    return vector


@pytest.mark.parametrize("form", ["bin", "safetensors"])
def test_both_forms_of_checkpoint_load_and_agree_with_transformers(
    tmp_path: Path, form: Literal["bin", "safetensors"]
) -> None:
    checkpoint = make_checkpoint(tmp_path / form, form)
    queries = TasbQueryEncoder(f"tasb:{checkpoint}").encode_batch(TEXTS)
    passages = TasbDocumentEncoder(f"tasb:{checkpoint}").encode(TEXTS)
    for row, text in enumerate(TEXTS):
        np.testing.assert_allclose(
            queries[row], plain_forward(checkpoint, text, 30), atol=1e-5
        )
        np.testing.assert_allclose(
            passages[row], plain_forward(checkpoint, text, 200), atol=1e-5
        )
    assert queries.dtype == passages.dtype == np.float32


def test_mean_pooling_and_prefix_follow_the_spec(tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tmp_path / "mean")
    (checkpoint / "encoder.json").write_text(
        '{"checkpoint": "x", "pooling": "mean", "query_prefix": "query",'
        ' "dimension": 32}'
    )
    vector = TasbQueryEncoder(f"tasb:{checkpoint}").encode("copy")
    expected = plain_forward(checkpoint, "query copy", 30, "mean")
    np.testing.assert_allclose(vector, expected, atol=1e-5)


@settings(max_examples=25)
@given(texts=st.lists(st.sampled_from(TEXTS), min_size=1, max_size=40))
def test_a_vector_does_not_depend_on_its_neighbours(
    encoder: Encoder, texts: list[str]
) -> None:
    # Not as queries, whose vectors are remembered.
    together = encoder.encode_passages(texts)
    alone = [encoder.encode_passages([text])[0] for text in texts]
    np.testing.assert_array_equal(together, alone)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("wide") / "128"
    return Encoder.load(f"tasb:{make_checkpoint(folder, dimension=128)}")


def test_encode_gives_one_flat_vector_as_pyserini_expects(folder: Path) -> None:
    query_encoder = TasbQueryEncoder(
        encoder_dir=str(folder),
        tokenizer_name=None,
        device="cpu",
        prefix=None,
        fp16=False,
        pooling="mean",
        l2_norm=True,
    )
    assert query_encoder.encode("copy").shape == (32,)
    np.testing.assert_array_equal(
        query_encoder.encode("copy"), query_encoder.encode_batch(["copy"])[0]
    )


@pytest.mark.parametrize("backend", ["torch", "onnx", "int8"])
def test_encoders_travel_to_other_processes(
    folder: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    name = f"tasb:{backend}:{folder.name}"
    query_encoder = TasbQueryEncoder(name, prefix="find")
    document_encoder = TasbDocumentEncoder(name, prefix="read")
    sent = pickle.dumps([query_encoder, document_encoder])
    monkeypatch.chdir("/")
    other_query, other_document = pickle.loads(sent)
    vectors = query_encoder.encode_batch(TEXTS)
    np.testing.assert_array_equal(other_query.encode_batch(TEXTS), vectors)
    vectors = document_encoder.encode(TEXTS)
    np.testing.assert_array_equal(other_document.encode(TEXTS), vectors)


def test_max_length_lowers_the_limit_but_never_raises_it(folder: Path) -> None:
    document_encoder = TasbDocumentEncoder(str(folder), device="cpu")
    long = TEXTS[2]
    for asked, effective in ((256, 200), (10, 10), (None, 200), (200, 200)):
        np.testing.assert_allclose(
            document_encoder.encode([long], max_length=asked)[0],
            plain_forward(folder, long, effective),
            atol=1e-5,
        )


def test_titles_stand_before_the_text(folder: Path) -> None:
    document_encoder = TasbDocumentEncoder(str(folder))
    np.testing.assert_array_equal(
        document_encoder.encode(["tree", "copy"], titles=["dense", None], fp16=True),
        document_encoder.encode(["dense tree", "copy"]),
    )
    with pytest.raises(TasbError, match="leave --add-sep out"):
        document_encoder.encode(["tree"], titles=["dense"], add_sep=True)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode_passages([]).shape == (0, 128)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tree \ud83d", "half a surrogate pair at character 5"),
        (None, "of type NoneType"),
        (["tree"], "of type list"),
    ],
)
def test_what_is_no_text_is_named_by_its_place(
    encoder: Encoder, text: str, problem: str
) -> None:
    texts = ["the tree", "copy", text, "dense"]
    encoder.encode_queries(texts[:2])  # remembered: not tokenised again
    for encode in encoder.encode_queries, encoder.encode_passages:
        with pytest.raises(TasbError, match=rf"^texts\[2\]: {problem}; expected a str"):
            encode(texts)


def test_an_absent_gpu_is_refused(folder: Path) -> None:
    with pytest.raises(TasbError, match="no device 'cuda:99': torch sees"):
        TasbQueryEncoder(str(folder), device="cuda:99")
    with pytest.raises(TasbError, match="expected cpu, cuda or cuda:N"):
        TasbQueryEncoder(str(folder), device="quantum")


@pytest.mark.parametrize(
    ("loaded", "asked", "expected"),
    [
        ("fp16", False, "fp16"),
        ("fp16", True, "fp16"),
        ("torch", True, "fp16"),
        ("torch", False, "torch"),
        ("bf16", True, "bf16"),
    ],
)
def test_a_name_with_fp16_holds_whatever_pyserini_passes(
    folder: Path, loaded: str, asked: bool, expected: str
) -> None:
    """Stock `pyserini.encode` passes fp16=False with every batch, unless told."""
    cpu = Encoder.load(f"tasb:torch:{folder}")
    cpu.engine.name, cpu.engine.device = loaded, "cuda:0"
    encoder = Encoder(cpu.engine, cpu.tokenizer, cpu.spec)
    for _ in range(2):
        encoder.use_fp16(asked)
        assert encoder.backend == expected


def test_half_precision_that_comes_too_late_for_onnx_is_one_line(folder: Path) -> None:
    """Its file is chosen when it is loaded; `pyserini.encode` says it with texts."""
    cpu = Encoder.load(f"tasb:torch:{folder}")
    cpu.use_fp16(True)
    cpu.engine.name, cpu.engine.device = "onnx", "cuda:0"
    Encoder(cpu.engine, cpu.tokenizer, cpu.spec, fp16=True).use_fp16(True)
    encoder = Encoder(cpu.engine, cpu.tokenizer, cpu.spec)
    encoder.use_fp16(False)
    with pytest.raises(TasbError, match=r"^'tasb:onnx' was loaded in fp32; .*fp16'"):
        encoder.use_fp16(True)


def test_warming_up_asks_once_for_every_length_of_a_query(folder: Path) -> None:
    real = Encoder.load(f"tasb:torch:{folder}")
    engine = Asked(real.engine)
    encoder = Encoder(engine, real.tokenizer, real.spec)
    encoder.warm_up()
    assert engine.shapes == [(1, length) for length in range(3, 31)]
    engine.shapes.clear()
    encoder.encode_queries(["copy the tree", "copy the tree"])
    assert engine.shapes == [(1, 5)]  # none of it counts as a query seen before


class Asked:
    """A real backend that notes what it was asked for."""

    def __init__(self, engine: Backend) -> None:
        self.engine, self.name, self.device = engine, engine.name, engine.device
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, ids: Ids) -> Vectors:
        self.shapes.append(ids.shape)
        return self.engine.forward(ids)


class ShortOfMemory:
    """A real backend on a device with room for so many tokens and no more."""

    device = "cuda:1"

    def __init__(self, engine: Backend, room: int) -> None:
        self.engine, self.name, self.room = engine, engine.name, room
        self.sizes: list[int] = []

    def forward(self, ids: Ids) -> Vectors:
        if ids.size > self.room:
            raise OutOfMemory
        self.sizes.append(len(ids))
        return self.engine.forward(ids)


def test_where_memory_is_short_batches_are_halved_and_stay_so(folder: Path) -> None:
    real = Encoder.load(f"tasb:torch:{folder}")
    ids = [[2, *range(9, 9 + number % 3 + 5), 3] for number in range(100)]
    expected = real.encode_ids(ids)
    short = ShortOfMemory(real.engine, room=60)
    encoder = Encoder(short, real.tokenizer, real.spec)
    np.testing.assert_allclose(encoder.encode_ids(ids), expected, atol=1e-5)
    # Padded to 9 tokens, 100, 50, 25 and 12 do not fit; then 54 tokens a batch.
    assert short.sizes == [6] * 16 + [4]
    short.sizes.clear()
    encoder.encode_ids(ids[:6])
    assert short.sizes == [6]


def test_a_text_that_does_not_fit_is_one_line_that_names_the_device(
    folder: Path,
) -> None:
    real = Encoder.load(f"tasb:torch:{folder}")
    encoder = Encoder(ShortOfMemory(real.engine, 6), real.tokenizer, real.spec)
    with pytest.raises(TasbError, match=r"^cuda:1: its memory .* 7 tokens; end"):
        encoder.encode_ids([[1] * 7] * 5)


def test_another_error_of_a_backend_is_raised_as_it_is(folder: Path) -> None:
    real = Encoder.load(f"tasb:torch:{folder}")
    with pytest.raises(IndexError):
        real.encode_ids([[10**6] * 5])
