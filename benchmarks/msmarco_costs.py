"""What the MS MARCO recipe of docs/training.md costs, stage by stage.

Time, memory and disk, measured on made-up data and an untrained model of DistilBERT's
size: all of a stage, or a fraction of it, whose seconds are then scaled to the full
size and labelled so. Each stage runs in a process of its own, and the JSON file is
written after each; a row stays until the same stage is measured again on the same kind
of device, so that a file can be filled on several machines.

``--device cuda`` fills the column of one GPU, and of eight where there are eight
(``torchrun``). What was not measured says NOT RUN; beside it stand the floating-point
operations that the layers' weights alone take. FLOP divided by the rate that a card
sustains is a time: 2 · 12 · layers · dimension² a token for encoding, three times as
many for a step of the student, as many as encoding for its teacher. A GPU machine needs
nothing but torch, transformers, tokenizers, accelerate and numpy for ``--stages train
queries validate encode``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from msmarco_stages.plan import PREPARE, STAGES
from msmarco_stages.report import Row, merge, print_table, read, write
from scratch import made_folder

HERE = Path(__file__).parent
BATCH_SIZES = (32, 96, 256)


def run_here(args: argparse.Namespace) -> None:
    """Run a stage in this process; print its rows as JSON."""
    from msmarco_stages.cost import Setting
    from training_fakes import Size

    stage = STAGES.get(args.stage, PREPARE)
    setting = Setting(
        folder=args.folder,
        device=args.device,
        fraction=args.fraction or stage.fraction(args.device),
        size=Size(args.layers, args.dimension, max(1, args.dimension // 64)),
        batch_size=args.batch_size,
    )
    module, name = stage.function.split(".")
    function: Callable[[Setting], list[Any]]
    function = getattr(import_module(f"msmarco_stages.{module}"), name)
    rows = [cost.row() for cost in function(setting)]
    if rows or args.stage not in STAGES:
        about = describe(args.layers, args.dimension)
        print(json.dumps([{**row, **about} for row in rows]), flush=True)


def describe(layers: int, dimension: int) -> Row:
    """Return what computed a row, and when."""
    import torch

    from tasb_pyserini.training.record import library_versions

    versions = {"python": sys.version.split()[0], **library_versions()}
    if (faiss := sys.modules.get("faiss")) is not None:
        versions["faiss"] = faiss.__version__
    return {
        "model": {"layers": layers, "dimension": dimension},
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "date": date.today().isoformat(),
        "versions": versions,
    }


def in_process(
    stage: str,
    folder: Path,
    args: argparse.Namespace,
    batch_size: int = BATCH_SIZES[0],
    processes: int = 1,
) -> list[Row]:
    """Return the rows of a stage that runs in a process of its own, or in several."""
    launch = [sys.executable, "-W", "ignore"]
    if processes > 1:
        launch += ["-m", "torch.distributed.run", "--standalone"]
        launch += ["--nproc-per-node", str(processes)]
    words = ["--stage", stage, "--folder", str(folder), "--batch-size", str(batch_size)]
    for name in ("device", "fraction", "layers", "dimension"):
        if (value := getattr(args, name)) is not None:
            words += [f"--{name}", str(value)]
    path = os.pathsep.join([str(HERE.parent), str(HERE)])
    environment = {**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}
    run = subprocess.run(
        [*launch, __file__, *words],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    rows: list[Row] = json.loads(run.stdout.splitlines()[-1])
    return rows


def runs_of(stage: str, gpus: int) -> list[tuple[int, int]]:
    """Return batch size and number of processes of each run of a stage."""
    if stage != "train" or not gpus:
        return [(BATCH_SIZES[0], 1)]
    several = (1, 8) if gpus >= 8 else (1,)
    return [(size, processes) for processes in several for size in BATCH_SIZES]


def count_gpus(device: str) -> int:
    """Return how many GPUs are to be used."""
    if device == "cpu":
        return 0
    code = "import torch; print(torch.cuda.device_count())"
    words = [sys.executable, "-c", code]
    found = int(subprocess.run(words, capture_output=True, check=True).stdout)
    if not found:
        raise SystemExit("msmarco_costs: no GPU here; expected one for --device cuda")
    return found


def measure(args: argparse.Namespace) -> bool:
    """Measure all stages asked for; return whether all went well."""
    gpus, well = count_gpus(args.device), True
    report = read(args.json, {"layers": args.layers, "dimension": args.dimension})
    with tempfile.TemporaryDirectory(dir=args.scratch) as name:
        folder = Path(name)
        say("making a model")
        in_process("prepare", folder, args)
        for stage in args.stages:
            for batch_size, processes in runs_of(stage, gpus):
                say(f"{stage}, b = {batch_size}" if stage == "train" else stage)
                try:
                    rows = in_process(stage, folder, args, batch_size, processes)
                except subprocess.CalledProcessError as error:
                    say(f"{stage} failed with {error.returncode}; see above")
                    well = False
                    continue
                report["rows"] = merge(report["rows"], rows, stage)
                write(args.json, report)
    print_table(report["rows"])
    return well


def say(what: str) -> None:
    """Tell how far the benchmark is."""
    print(f"msmarco_costs: {what}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--stages", nargs="+", choices=STAGES, default=list(STAGES), metavar="STAGE"
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument(
        "--fraction",
        type=float,
        help="of every stage but train, in place of each stage's own; 1: MS MARCO's",
    )
    parser.add_argument("--layers", type=int, default=6, help="of the model")
    parser.add_argument("--dimension", type=int, default=768, help="of the vectors")
    parser.add_argument("--scratch", type=made_folder, help="where 6 GB may be put")
    parser.add_argument(
        "--json", type=Path, default=HERE / "results" / "msmarco_costs.json"
    )
    parser.add_argument("--stage", choices=(*STAGES, "prepare"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--batch-size", type=int, default=32, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.stage:
        run_here(args)
        return
    if not measure(args):
        sys.exit(1)


if __name__ == "__main__":
    main()
