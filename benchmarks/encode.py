"""How many passages a second are encoded, beside ``python -m pyserini.encode``.

Whole commands by turns, start included, on the first passages of msmarco-mini: stock
Pyserini in batches of 64, and ``tasb encode`` with each backend. Promised for a 6-layer
encoder of 768 dimensions on two CPU cores: 2.5 times as many when exact (cosine
≥ .99999), 8 times in reduced precision with |ΔnDCG@10| ≤ .002 and a top-10 overlap of
.95. How int8 ranks is measured on the whole of a collection by ``quality.py``.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from results_file import at_least, print_promises, write_results
from work import STOCK, make_model

DATA = Path(__file__).parents[2] / "shared" / "data" / "msmarco-mini"
PYSERINI = "Pyserini"
WHOLE_COMMAND = (
    "of a whole command: start, tokenising and writing count, and OpenVINO prepares "
    "each length of text once, which larger collections hardly notice"
)
EXACT = 0.99999
"""Lowest cosine of an exact encoder's vectors with Pyserini's."""
OURS = ("torch", "onnx", "openvino", "bf16", "int8")


def stock(corpus: Path, output: Path, model: str) -> list[str]:
    """Return Pyserini's command."""
    words = f"input --corpus {corpus} output --embeddings {output} --to-faiss encoder"
    options = f"--encoder {model} --encoder-class auto --pooling cls --device cpu"
    limits = "--batch-size 64 --max-length 200"
    return [STOCK, "pyserini.encode", *f"{words} {options} {limits}".split()]


def ours(corpus: Path, output: Path, encoder: str) -> list[str]:
    """Return our command."""
    words = f"encode --corpus {corpus} --embeddings {output} --encoder {encoder}"
    return ["-m", "tasb_pyserini", *f"{words} --device cpu".split()]


def run(words: list[str]) -> float:
    """Return the seconds that a command takes."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True)
    return time.perf_counter() - begin


def read(folder: Path) -> NDArray[np.float32]:
    """Return the vectors that a command wrote."""
    if (folder / "index").is_file():
        import faiss

        index = faiss.read_index(str(folder / "index"))
        found: NDArray[np.float32] = index.reconstruct_n(0, index.ntotal)
        return found
    parts = [np.load(path) for path in sorted(folder.glob("*.npy"))]
    return np.concatenate(parts)


def measure(
    corpus: Path, model: str, args: argparse.Namespace, scratch: Path
) -> tuple[dict[str, list[float]], dict[str, NDArray[np.float32]]]:
    """Return the seconds and the vectors of each system."""
    seconds: dict[str, list[float]] = {}
    vectors = {}
    for turn in range(args.rounds):
        for system in (PYSERINI, *args.encoders):
            output = scratch / f"{system}-{turn}"
            if system == PYSERINI:
                words = stock(corpus, output, model)
            else:
                words = ours(corpus, output, f"tasb:{system}:{model}")
            seconds.setdefault(system, []).append(run(words))
            vectors[system] = read(output)
    return seconds, vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="folder of a checkpoint; else one is made")
    parser.add_argument("--corpus", type=Path, default=DATA / "corpus.jsonl")
    parser.add_argument("--passages", type=int, default=640)
    parser.add_argument("--encoders", nargs="+", choices=OURS, default=OURS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        model = args.model or str(make_model(scratch / "model"))
        corpus = scratch / "corpus.jsonl"
        with args.corpus.open(encoding="utf-8") as file:
            corpus.write_text("".join(islice(file, args.passages)), encoding="utf-8")
        for backend in args.encoders:  # exported once, not timed
            run(ours_once(backend, model))
        seconds, vectors = measure(corpus, model, args, scratch)
    exact = vectors[PYSERINI]
    rows: list[dict[str, Any]] = []
    times, lowest = {}, {}
    for system, taken in seconds.items():
        found = vectors[system]
        lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(found, axis=1)
        cosines = (exact * found).sum(axis=1) / lengths
        ratios = [one / two for one, two in zip(seconds[PYSERINI], taken, strict=True)]
        times[system], lowest[system] = statistics.median(ratios), float(cosines.min())
        rows.append(
            {
                "encoder": system,
                "passages/s": round(args.passages / statistics.median(taken), 1),
                "times Pyserini": round(times[system], 2),
                "lowest cosine": round(lowest[system], 7),
            }
        )
        print(rows[-1])
    exact_ones = [times[name] for name in args.encoders if lowest[name] >= EXACT]
    made = [
        at_least("exact", 2.5, max(exact_ones, default=0)),
        at_least("reduced precision (int8)", 8, times.get("int8"), why=WHOLE_COMMAND),
    ]
    print_promises(made)
    libraries = ("torch", "transformers", "onnxruntime", "openvino", "pyserini")
    write_results(
        "encode",
        rows,
        made,
        settings={"passages": args.passages, "rounds": args.rounds},
        libraries=libraries,
        path=args.json,
    )


def ours_once(backend: str, model: str) -> list[str]:
    """Return a command that loads, and so exports, a backend's model."""
    load = "from tasb_pyserini.encoders.encoder import Encoder; import sys; "
    return ["-c", f"{load}Encoder.load(sys.argv[1])", f"tasb:{backend}:{model}"]


if __name__ == "__main__":
    main()
