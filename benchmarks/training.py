"""How fast a student trains, beside sentence-transformers, and what its teacher costs.

On made-up texts of MS MARCO's lengths. Pairs per second of the recipe ``margin-mse``
and of sentence-transformers' trainer with its MarginMSELoss: the same model, data,
precision, device, batch size and optimizer, in processes of their own, by turns. Then
the share of the in-batch ColBERT in a step of the recipe ``tas-balanced``. On a GPU,
where there is one, also the speed of a student of DistilBERT's size.

sentence-transformers is none of our dependencies. For this benchmark alone:
``pip install --no-deps --target DIR sentence-transformers``.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from figures import peak_mb
from results_file import at_least, at_most, flat_rows, print_promises, write_results
from training_fakes import Fakes, Size, make_fakes, make_start
from training_steps import measure_gpu, measure_teacher

from tasb_pyserini.training.recipe import load_recipe
from tasb_pyserini.training.trainer import train

HERE = Path(__file__).parent
SIZE = Size(layers=3, dimension=256, heads=4)
BATCH_SIZE, WINDOW, WINDOWS = 32, 4, 4
GPU_BATCH_SIZES = (32, 96, 256)
PROMISED = {
    "faster": (at_least, 1.5, "times"),
    "teacher_share": (at_most, 0.6, "(TCT-ColBERT: 0.33)"),
    "gpu, b = 32: hours_for_800000_steps": (at_most, 48, "hours (the paper's)"),
}
NOT_RUN = "NOT RUN"


def train_ours(fakes: Fakes, folder: Path, device: str) -> dict[str, float]:
    """Train by the recipe; the speed is the log's, without the first lines."""
    start = make_start(folder / "start", SIZE)
    begin = time.perf_counter()
    data = fakes.tokenized(start)
    tokenized = time.perf_counter() - begin
    changes = {"steps": WINDOW * WINDOWS, "log_every": WINDOW}
    config = load_recipe("margin-mse").changed(changes).config()
    train(config, data, start, folder / "out", device=device)
    lines = map(json.loads, (folder / "out" / "log.jsonl").read_text().splitlines())
    speeds = [BATCH_SIZE * line["steps_per_second"] for line in lines]
    return {
        "pairs_per_second": statistics.median(speeds[1:]),
        "tokenization_seconds": tokenized,
        "peak_mb": peak_mb(),
    }


def train_theirs(fakes: Fakes, folder: Path, device: str) -> dict[str, float]:
    """Train with sentence-transformers; timed like ours."""
    from datasets import Dataset
    from transformers import TrainerCallback

    library = import_module("sentence_transformers")
    modules = import_module("sentence_transformers.sentence_transformer.modules")
    losses = import_module("sentence_transformers.losses")
    start = make_start(folder / "start", SIZE)
    transformer = modules.Transformer(str(start), max_seq_length=200)
    pooling = modules.Pooling(SIZE.dimension, "cls")
    model = library.SentenceTransformer(modules=[transformer, pooling], device=device)
    rows = [
        (fakes.queries[t.qid], fakes.passages[t.pos], fakes.passages[t.neg])
        for t in fakes.triples
    ]
    columns: dict[str, Any] = dict(
        zip(("query", "pos", "neg"), zip(*rows, strict=True), strict=True)
    )
    columns["label"] = [t.pos_score - t.neg_score for t in fakes.triples]
    times: list[float] = []

    class Clock(TrainerCallback):
        def on_step_end(self, *args: object, **more: object) -> None:
            if device == "cuda":
                torch.cuda.synchronize()
            times.append(time.perf_counter())

    arguments = library.SentenceTransformerTrainingArguments(
        str(folder / "out"),
        per_device_train_batch_size=BATCH_SIZE,
        max_steps=WINDOW * WINDOWS,
        max_grad_norm=10_000,
        logging_steps=WINDOW,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=device == "cpu",
    )
    adam = torch.optim.Adam(model.parameters(), lr=7e-6, fused=True)
    library.SentenceTransformerTrainer(
        model,
        arguments,
        Dataset.from_dict(columns),
        loss=losses.MarginMSELoss(model),
        callbacks=[Clock()],
        optimizers=(adam, None),
    ).train()
    ends = times[WINDOW - 1 :: WINDOW]
    speeds = [BATCH_SIZE * WINDOW / (end - begin) for begin, end in pairwise(ends)]
    return {"pairs_per_second": statistics.median(speeds), "peak_mb": peak_mb()}


STAGES: dict[str, Callable[[Fakes, Path, str], dict[str, Any]]] = {
    "ours": train_ours,
    "theirs": train_theirs,
    "teacher": partial(measure_teacher, SIZE),
    **{f"gpu-{n}": partial(measure_gpu, n) for n in GPU_BATCH_SIZES},
}


def in_process(stage: str, device: str, theirs: Path | None) -> dict[str, Any]:
    """Return the figures of a stage that runs in a process of its own."""
    say(stage)
    words = [sys.executable, "-W", "ignore", __file__, "--stage", stage]
    path = [str(HERE.parent), *([] if theirs is None else [str(theirs.resolve())])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    environment |= {"HF_HUB_OFFLINE": "1"}
    run = subprocess.run(
        [*words, "--device", device],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    figures: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return figures


def measure(rounds: int, device: str, theirs: Path | None) -> dict[str, Any]:
    """Return all figures; what could not be measured says so."""
    figures: dict[str, Any] = {}
    others = theirs is not None or find_spec("sentence_transformers") is not None
    turns = [
        (
            in_process("ours", device, None),
            in_process("theirs", device, theirs) if others else None,
        )
        for _ in range(rounds)
    ]
    for name in turns[0][0]:
        figures[name] = statistics.median(ours[name] for ours, _ in turns)
    pairs = [(ours, other) for ours, other in turns if other is not None]
    for name in ("pairs_per_second", "peak_mb"):
        values = [other[name] for _, other in pairs]
        key = f"sentence_transformers_{name}"
        figures[key] = statistics.median(values) if values else NOT_RUN
    ratios = [
        ours["pairs_per_second"] / other["pairs_per_second"] for ours, other in pairs
    ]
    figures["faster"] = statistics.median(ratios) if ratios else NOT_RUN
    figures |= in_process("teacher", device, None)
    for size in GPU_BATCH_SIZES:
        on_gpu = torch.cuda.is_available()
        figures[f"gpu, b = {size}"] = (
            in_process(f"gpu-{size}", "cuda", None) if on_gpu else NOT_RUN
        )
    return figures


def say(what: str) -> None:
    """Tell how far the benchmark is."""
    print(f"training: {what}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument(
        "--sentence-transformers", type=Path, metavar="DIR", help="where pip put it"
    )
    parser.add_argument("--json", type=Path, help="results/training.json else")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.stage:
        with tempfile.TemporaryDirectory() as folder:
            figures = STAGES[args.stage](make_fakes(), Path(folder), args.device)
        print(json.dumps(figures))
        return
    figures = measure(args.rounds, args.device, args.sentence_transformers)
    rows = flat_rows(figures)
    values: dict[Any, Any] = {row["figure"]: row["value"] for row in rows}
    for name, value in values.items():
        shown = f"{value:,.2f}" if isinstance(value, float) else f"{value}"
        print(f"{name:<52}{shown:>14}")
    promises = []
    for name, (bound, number, unit) in PROMISED.items():
        measured = values.get(name)
        if isinstance(measured, str):
            measured = None
        promises.append(bound(name.replace("_", " "), number, measured, unit))
    print_promises(promises)
    threads = torch.get_num_threads()
    write_results(
        "training",
        rows,
        promises,
        settings={"device": args.device, "rounds": args.rounds, "threads": threads},
        libraries=["torch", "transformers", "accelerate", "sentence-transformers"],
        path=args.json,
    )


if __name__ == "__main__":
    main()
