"""Memory of ``tasb encode`` beyond the model, on collections of two sizes.

Makes up collections of 300 and 600 MB, of passages longer than TAS-B's limit, and a
tiny encoder. Each is encoded in a process of its own; memory counts from when the model
is loaded and has encoded a text.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from figures import peak_mb
from msmarco_stages.texts import passages
from results_file import at_most, write_results
from scratch import made_folder

HERE = Path(__file__).parent
DIFFERENT, JOINED = 2_000, 10
MOST_MB, GROWTH_MB = 1_000, 100


def make_encoder(folder: Path) -> None:
    """Write a student of one layer and 32 dimensions that has learned nothing."""
    from transformers import DistilBertConfig, DistilBertModel

    from tasb_pyserini.training.student import learn_vocabulary, save_student

    vocabulary = learn_vocabulary(islice(passages(0), DIFFERENT), 5_000)
    config = DistilBertConfig(
        vocab_size=len(vocabulary), dim=32, n_layers=1, n_heads=1, hidden_dim=64
    )
    save_student(folder, DistilBertModel(config), vocabulary)


def make_collection(path: Path, megabytes: int) -> None:
    """Write passages of about 560 words until the file has its size."""
    some = passages(1)
    texts = [" ".join(islice(some, JOINED)) for _ in range(DIFFERENT)]
    size = number = 0
    with path.open("w", encoding="ascii") as file:
        while size < megabytes * 1_000_000:
            contents = f"{number} {texts[number % DIFFERENT]}"
            line = json.dumps({"id": f"{number}", "contents": contents})
            size += file.write(f"{line}\n")
            number += 1


def encode(encoder: Path, collection: Path) -> dict[str, float]:
    """Encode here; return figures."""
    from tasb_pyserini.encoders.encoder import Encoder
    from tasb_pyserini.formats.check import check_collection
    from tasb_pyserini.indexing.encode import encode_collection

    loaded = Encoder.load(f"tasb:torch:{encoder}")
    loaded.encode_passages(["one text"])
    before = peak_mb()
    with tempfile.TemporaryDirectory(dir=collection.parent) as name:
        begin = time.perf_counter()
        manifest = encode_collection(collection, Path(name) / "E", loaded)
        seconds = time.perf_counter() - begin
    after = peak_mb()
    begin = time.perf_counter()
    check_collection(collection)
    checking = time.perf_counter() - begin
    return {
        "passages": manifest.passages,
        "beyond the model (MB)": round(after - before),
        "model and libraries (MB)": round(before),
        "passages/s": round(manifest.passages / seconds),
        "seconds": round(seconds, 1),
        "of these checking (s)": round(checking, 1),
    }


def in_process(encoder: Path, collection: Path) -> dict[str, float]:
    """Return what `encode` does in a process of its own."""
    words = ["--encoder", f"{encoder}", "--collection", f"{collection}"]
    run = subprocess.run(
        [sys.executable, __file__, *words],
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    figures: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs=2, default=[300, 600])
    parser.add_argument("--scratch", type=made_folder, help="where 700 MB may be put")
    parser.add_argument("--json", type=Path, help="results/encode_memory.json")
    parser.add_argument("--encoder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--collection", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.collection:
        print(json.dumps(encode(args.encoder, args.collection)))
        return
    rows = []
    with tempfile.TemporaryDirectory(dir=args.scratch) as name:
        encoder, collection = Path(name) / "encoder", Path(name) / "collection.jsonl"
        make_encoder(encoder)
        for megabytes in args.megabytes:
            make_collection(collection, megabytes)
            row = {"collection (MB)": megabytes, **in_process(encoder, collection)}
            print("  ".join(f"{key} {value:,}" for key, value in row.items()))
            rows.append(row)
    small, large = (row["beyond the model (MB)"] for row in rows)
    one, two = (f"{megabytes} MB" for megabytes in args.megabytes)
    promises = [
        at_most(f"memory beyond the model, {one}", MOST_MB, small, "MB"),
        at_most(f"what {two} need more than {one}", GROWTH_MB, large - small, "MB"),
    ]
    write_results(
        "encode_memory",
        rows,
        promises,
        settings={"dimension": 32, "layers": 1, "shard_size": 4_096},
        libraries=["torch", "tokenizers", "transformers"],
        path=args.json,
    )


if __name__ == "__main__":
    main()
