"""What share of a plain forward pass's rate encoding a collection reaches.

The plain pass takes token ids that lie on the device, in the batches that ``tasb
encode`` makes, and leaves the vectors there; the encoding checks, reads, tokenises,
computes and writes, as ``tasb encode`` does once it has started. By turns, on passages
as long as MS MARCO's, with a 6-layer encoder of 768 dimensions. Promised on a GPU in
bf16: 70 %.
"""

import argparse
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from msmarco_stages.texts import make_vocabulary, passages, write_tsv
from results_file import at_least, print_promises, write_results
from torch import Tensor, nn
from transformers import DistilBertConfig, DistilBertModel

from tasb_pyserini.encoders.backends.backend import Backend, Ids, Vectors
from tasb_pyserini.encoders.device import autocast, resolve_device
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.encoders.padding import PADDING
from tasb_pyserini.indexing.encode import SHARD_SIZE, encode_collection
from tasb_pyserini.training.student import save_student

PASSAGES = {"cuda": 50 * SHARD_SIZE, "cpu": 400}
WARM_UP = 256


def make_model(folder: Path) -> None:
    """Write an encoder of TAS-B's size that has learned nothing."""
    torch.manual_seed(1)
    vocabulary = make_vocabulary()
    config = DistilBertConfig(vocab_size=len(vocabulary))
    save_student(folder, DistilBertModel(config), vocabulary)


class Recorder:
    """A backend that keeps the batches that it is asked for, and computes nothing."""

    def __init__(self, engine: Backend, dimension: int) -> None:
        self.name, self.device, self.dimension = engine.name, engine.device, dimension
        self.batches: list[Ids] = []

    def forward(self, ids: Ids) -> Vectors:
        """Return vectors of noughts."""
        self.batches.append(ids)
        return np.zeros((len(ids), self.dimension), np.float32)


def encoder_batches(encoder: Encoder, ids: list[list[int]]) -> list[Ids]:
    """Return the token ids of each batch that an encoder makes of shards."""
    recorder = Recorder(encoder.engine, encoder.spec.dimension)
    recording = Encoder(recorder, encoder.tokenizer, encoder.spec)
    for start in range(0, len(ids), SHARD_SIZE):
        recording.encode_ids(ids[start : start + SHARD_SIZE])
    return recorder.batches


@torch.inference_mode()
def time_plain(model: nn.Module, batches: list[Tensor], precision: str) -> float:
    """Return the seconds of a forward pass of all batches."""
    device = batches[0].device
    begin = time.perf_counter()
    with autocast(device, precision):
        for rows in batches:
            last = model(rows.clamp(min=0), (rows != PADDING).long())
    last[0, 0].item()  # waits for all
    return time.perf_counter() - begin


def time_encoding(collection: Path, encoder: Encoder) -> float:
    """Return the seconds until all vectors are on the disk."""
    with tempfile.TemporaryDirectory(dir=collection.parent) as folder:
        begin = time.perf_counter()
        encode_collection(collection, Path(folder, "E"), encoder, progress=False)
        return time.perf_counter() - begin


def measure(
    args: argparse.Namespace, device: torch.device, precision: str, folder: Path
) -> list[dict[str, Any]]:
    """Return a row of each of the two."""
    count = args.passages or PASSAGES[device.type]
    texts, collection = list(islice(passages(2), count)), folder / "collection.tsv"
    write_tsv(collection, texts)
    make_model(folder / "model")
    name = f"tasb:{precision}:{folder / 'model'}"
    encoder = Encoder.load(name, device=str(device))
    ids = encoder.tokenize_passages(texts)
    made = encoder_batches(encoder, ids)
    batches = [torch.from_numpy(some).to(device) for some in made]
    model = load_model(folder / "model", encoder.spec).to(device)
    encoder.encode_passages(texts[:WARM_UP])
    time_plain(model, batches[:2], precision)
    seconds: dict[str, list[float]] = {"plain forward pass": [], "encoding": []}
    for _ in range(args.rounds):
        seconds["plain forward pass"].append(time_plain(model, batches, precision))
        seconds["encoding"].append(time_encoding(collection, encoder))
    tokens = sum(len(text) for text in ids)
    weights = sum(
        weight.numel() for name, weight in model.named_parameters() if "layer." in name
    )
    plain = statistics.median(seconds["plain forward pass"])
    return [
        {
            "what": what,
            "device": device.type,
            "precision": {"torch": "fp32"}.get(precision, precision),
            "passages/s": round(count / statistics.median(times), 1),
            "TFLOP/s": round(2 * weights * tokens / statistics.median(times) / 1e12, 3),
            "share of the plain pass": round(plain / statistics.median(times), 3),
        }
        for what, times in seconds.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--precision",
        choices=("torch", "bf16", "fp16"),
        help="bf16 on a GPU, else torch (fp32)",
    )
    parser.add_argument("--passages", type=int, help="204,800 on a GPU, 400 on a CPU")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    device = resolve_device(args.device)
    on_gpu = device.type == "cuda"
    precision = args.precision or ("bf16" if on_gpu else "torch")
    with tempfile.TemporaryDirectory() as scratch:
        rows = measure(args, device, precision, Path(scratch))
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    share = 100 * rows[1]["share of the plain pass"]
    promised = share if on_gpu and precision == "bf16" else None
    made = [
        at_least(
            "on a GPU in bf16, of a plain forward pass",
            70,
            promised,
            "%",
            why="" if on_gpu else "needs an NVIDIA GPU",
        )
    ]
    print_promises(made)
    write_results(
        "encode_rate",
        rows,
        made,
        settings={"rounds": args.rounds, "shard_size": SHARD_SIZE},
        libraries=("torch", "transformers", "tokenizers"),
        path=args.json,
    )


if __name__ == "__main__":
    main()
