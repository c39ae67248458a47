"""On a GPU vectors are the CPU's, as exact as the name and the flag promise."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tasb_pyserini.encoders.backends.backend import Backend, Ids, Vectors
from tasb_pyserini.encoders.backends.device import runs_on_gpus
from tasb_pyserini.encoders.document import TasbDocumentEncoder
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.query import TasbQueryEncoder
from tasb_pyserini.formats.errors import TasbError
from tests.encoders.models import TEXTS, cosines, make_model

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no GPU"),
]

MIB = 1 << 20

Leave = Callable[[int], None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("gpu") / "model", dimension=128)


@pytest.fixture(scope="module")
def exact(folder: Path) -> NDArray[np.float32]:
    """Return the vectors of `TEXTS` that PyTorch computes on the CPU."""
    return Encoder.load(f"tasb:torch:{folder}", device="cpu").encode_passages(TEXTS)


@pytest.mark.parametrize(
    ("name", "least"), [("torch", 0.99999), ("fp16", 0.999), ("bf16", 0.99)]
)
def test_vectors_are_those_of_the_cpu(
    name: str, least: float, folder: Path, exact: NDArray[np.float32]
) -> None:
    encoder = Encoder.load(f"tasb:{name}:{folder}", device="cuda")
    vectors = encoder.encode_passages(TEXTS)
    assert (encoder.backend, encoder.device) == (name, "cuda")
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 128)
    assert cosines(vectors, exact).min() >= least
    # Half precision is heard of, not only spoken of.
    error = np.abs(vectors - exact).max() / np.abs(exact).max()
    assert (error < 1e-4) == (name == "torch")


@pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")), reason="no C compiler"
)
def test_a_compiled_model_gives_the_same_vectors(
    folder: Path, exact: NDArray[np.float32]
) -> None:
    pytest.importorskip("triton")
    encoder = Encoder.load(f"tasb:{folder}", device="cuda", compiled=True)
    assert cosines(encoder.encode_passages(TEXTS), exact).min() >= 0.99999


NAMES = [
    ("tasb:{}", False, "torch"),
    ("tasb:{}", True, "fp16"),
    ("tasb:torch:{}", False, "torch"),
    ("tasb:torch:{}", True, "fp16"),
    ("tasb:fp16:{}", False, "fp16"),
    ("tasb:fp16:{}", True, "fp16"),
    ("tasb:bf16:{}", False, "bf16"),
    ("tasb:bf16:{}", True, "bf16"),
]


@pytest.mark.parametrize(("name", "fp16", "expected"), NAMES)
def test_the_name_and_the_flag_decide_the_backend(
    name: str, fp16: bool, expected: str, folder: Path
) -> None:
    whole = name.format(folder)
    assert Encoder.load(whole, device="cuda", fp16=fp16).backend == expected
    queries = TasbQueryEncoder(whole, device="cuda:0", fp16=fp16)
    assert queries.encoder.backend == expected
    documents = TasbDocumentEncoder(whole, device="auto")
    documents.encode(["copy the tree"], fp16=fp16)
    assert documents.encoder.backend == expected


@pytest.mark.parametrize("name", ["tasb:openvino:{}", "tasb:int8:{}"])
def test_a_backend_for_cpus_refuses_the_gpu(name: str, folder: Path) -> None:
    with pytest.raises(TasbError, match="runs on a CPU, not on cuda"):
        Encoder.load(name.format(folder), device="cuda")


def test_a_gpu_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(TasbError, match="no device 'cuda:99': torch sees"):
        Encoder.load(f"tasb:{folder}", device="cuda:99")


@pytest.fixture
def short_memory() -> Iterator[Leave]:
    """Give what leaves this process so many bytes of a GPU more than it has."""
    total = torch.cuda.get_device_properties(0).total_memory

    def leave(size: int) -> None:
        torch.cuda.empty_cache()
        most = (torch.cuda.memory_reserved(0) + size) / total
        torch.cuda.set_per_process_memory_fraction(most, 0)

    yield leave
    torch.cuda.set_per_process_memory_fraction(1.0, 0)


def test_batches_that_do_not_fit_are_made_smaller(
    folder: Path, short_memory: Leave
) -> None:
    ids = [[2, *(9 + (row + at) % 50 for at in range(98)), 3] for row in range(700)]
    encoder = Encoder.load(f"tasb:{folder}", device="cuda")
    expected = encoder.encode_ids(ids)
    failed = torch.cuda.memory_stats(0)["num_ooms"]
    # A batch of 65,536 tokens has 32 MiB in each tensor of its hidden vectors.
    short_memory(48 * MIB)
    vectors = encoder.encode_ids(ids)
    assert torch.cuda.memory_stats(0)["num_ooms"] > failed
    assert cosines(vectors, expected).min() >= 0.99999


onnx = pytest.mark.skipif(
    find_spec("onnxruntime") is None or not runs_on_gpus("onnx"),
    reason="ONNX Runtime has no CUDA",
)


@onnx
@pytest.mark.parametrize("fp16", [False, True])
def test_onnx_computes_in_what_it_says(
    fp16: bool, folder: Path, exact: NDArray[np.float32]
) -> None:
    encoder = Encoder.load(f"tasb:onnx:{folder}", device="cuda", fp16=fp16)
    vectors = encoder.encode_passages(TEXTS)
    assert (encoder.backend, encoder.device) == ("onnx", "cuda")
    assert encoder.arithmetic == ("fp16" if fp16 else "fp32")
    assert cosines(vectors, exact).min() >= (0.999 if fp16 else 0.99999)
    # TF32, which ONNX Runtime takes unless told, has the mantissa of fp16.
    error = np.abs(vectors - exact).max() / np.abs(exact).max()
    assert (error < 1e-4) == (not fp16)


@onnx
def test_half_precision_of_onnx_is_queries_or_refused(folder: Path) -> None:
    name = f"tasb:onnx:{folder}"
    queries = TasbQueryEncoder(name, device="cuda", fp16=True)
    assert queries.encoder.arithmetic == "fp16"
    documents = TasbDocumentEncoder(name, device="cuda")
    documents.encode(["copy the tree"])
    with pytest.raises(TasbError, match="'tasb:onnx' was loaded in fp32"):
        documents.encode(["copy the tree"], fp16=True)


class Counted:
    """A backend that notes how many texts it was asked for."""

    def __init__(self, engine: Backend) -> None:
        self.engine, self.name, self.device = engine, engine.name, engine.device
        self.sizes: list[int] = []

    def forward(self, ids: Ids) -> Vectors:
        self.sizes.append(len(ids))
        return self.engine.forward(ids)


@onnx
def test_batches_that_do_not_fit_onnx_are_made_smaller(folder: Path) -> None:
    ids = [[2, *(9 + (row + at) % 50 for at in range(98)), 3] for row in range(700)]
    expected = Encoder.load(f"tasb:torch:{folder}", device="cuda").encode_ids(ids)
    encoder = Encoder.load(f"tasb:onnx:{folder}", device="cuda")
    encoder.encode_ids(ids[:1])  # what it needs beside the tensors of a batch
    counted = Counted(encoder.engine)
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info(0)
    # A batch of 65,536 tokens has 32 MiB in each tensor of its hidden vectors.
    taken = torch.empty(free - 96 * MIB, dtype=torch.uint8, device="cuda")
    try:
        vectors = Encoder(counted, encoder.tokenizer, encoder.spec).encode_ids(ids)
    finally:
        del taken
        torch.cuda.empty_cache()
    assert counted.sizes[1] == counted.sizes[0] // 2
    assert cosines(vectors, expected).min() >= 0.99999


@pytest.mark.parametrize("name", ["torch", pytest.param("onnx", marks=onnx)])
def test_texts_of_many_lengths_share_few_batches(name: str, folder: Path) -> None:
    rng = np.random.default_rng(3)
    ids = [rng.integers(5, 60, n).tolist() for n in rng.integers(2, 120, 3000)]
    expected = Encoder.load(f"tasb:torch:{folder}", device="cpu").encode_ids(ids)
    encoder = Encoder.load(f"tasb:{name}:{folder}", device="cuda")
    counted = Counted(encoder.engine)
    vectors = Encoder(counted, encoder.tokenizer, encoder.spec).encode_ids(ids)
    assert cosines(vectors, expected).min() >= 0.99999
    assert len(counted.sizes) < 30


def test_a_model_that_does_not_fit_is_one_line(
    tmp_path: Path, short_memory: Leave
) -> None:
    wide = make_model(tmp_path / "model", dimension=768)
    short_memory(2 * MIB)
    with pytest.raises(TasbError, match="cuda: its memory is too small for the model"):
        Encoder.load(f"tasb:{wide}", device="cuda")


def test_a_process_on_a_gpu_writes_the_shards_that_were_announced(
    folder: Path, tmp_path: Path
) -> None:
    processes = pytest.importorskip("tasb_pyserini.indexing.engines.processes")
    work = pytest.importorskip("tests.indexing.engines.work")
    encode = pytest.importorskip("tasb_pyserini.indexing.encode")
    shards = pytest.importorskip("tasb_pyserini.indexing.shards")
    worker = pytest.importorskip("tasb_pyserini.indexing.engines.worker")
    source = worker.EncoderSource(f"tasb:fp16:{folder}", device="cuda:0")
    identity, encoder = source.identify(), source.load()
    assert identity == worker.EncoderIdentity(
        encoder.spec, encoder.backend, encoder.arithmetic
    )
    collection = work.write_collection(tmp_path / "c.jsonl", 95)
    engine = partial(
        processes.encode_in_processes, source=source, devices=["cuda:0", "cuda:0"]
    )
    encode.encode_collection(
        collection,
        tmp_path / "E",
        identity,
        shard_size=10,
        engine=engine,
        progress=False,
    )
    plain = worker.EncoderSource(f"tasb:torch:{folder}", device="cpu")
    work.encode_plainly(collection, tmp_path / "plain", plain, 10)
    for found, expected in zip(
        shards.read_shards(tmp_path / "E"),
        shards.read_shards(tmp_path / "plain"),
        strict=True,
    ):
        assert found[0] == expected[0]
        assert cosines(found[1], expected[1]).min() >= 0.999
