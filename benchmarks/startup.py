"""What the start-up hook adds to every start of Python (promised: under 1 ms).

Two bare virtual environments, one with the package and its start-up files as a wheel
installs them, one without. ``python -c pass`` runs in each by turns, so that a busy
machine slows both alike.

With ``--index`` and ``--encoder`` also how long one query takes ``tasb search`` and
``python -m pyserini.search.faiss`` in a fresh process, by turns, and which parts of
``tasb search`` take how long. Files are in the memory of the machine, processes are
not.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import venv
from pathlib import Path

from results_file import RESULTS, Value, at_most, write_results
from startup_search import measure_search, medians

CHECKOUT = Path(__file__).parents[1]
LIBRARIES = ("pyserini", "torch", "transformers", "faiss-cpu", "numpy")


def make_environment(folder: Path, *, hook: bool) -> Path:
    """Make a virtual environment, with our package where `hook`; return its Python."""
    venv.create(folder, symlinks=True)
    [packages] = folder.glob("lib/python*/site-packages")
    if hook:
        shutil.copytree(CHECKOUT / "tasb_pyserini", packages / "tasb_pyserini")
        for file in (CHECKOUT / "bindings" / "site").iterdir():
            shutil.copy(file, packages)
    return folder / "bin" / "python"


def start_time(python: Path) -> float:
    """Return how long ``python -c pass`` takes, in milliseconds."""
    begin = time.perf_counter()
    subprocess.run([python, "-c", "pass"], check=True)
    return 1000 * (time.perf_counter() - begin)


def measure(runs: int) -> dict[str, list[float]]:
    """Return the times of `runs` starts without and with the hook, by turns."""
    times: dict[str, list[float]] = {"without hook": [], "with hook": []}
    with tempfile.TemporaryDirectory() as folder:
        pythons = {
            name: make_environment(
                Path(folder) / name.split()[0], hook=name == "with hook"
            )
            for name in times
        }
        for python in pythons.values():  # writes the byte code
            start_time(python)
        for _ in range(runs):
            for name, python in pythons.items():
                times[name].append(start_time(python))
    return times


def measure_hook(runs: int) -> dict[str, float]:
    """Return the medians in ms, and what the hook adds."""
    times = measure(runs)
    found = {name: statistics.median(values) for name, values in times.items()}
    return {**found, "added": found["with hook"] - found["without hook"]}


def search_rows(
    index: Path, checkpoint: Path, query: str, rounds: int
) -> list[dict[str, Value]]:
    """Measure a search, cold; return the tables of commands and of parts."""
    commands, parts = measure_search(index, checkpoint, query, rounds)
    ours = commands["tasb search"]
    rows: list[dict[str, Value]] = []
    for name, seconds in commands.items():
        ratios = [theirs / mine for theirs, mine in zip(seconds, ours, strict=True)]
        rows.append(
            {
                "one query, cold": name,
                "s": statistics.median(seconds),
                "times tasb search": statistics.median(ratios),
            }
        )
    found = medians(parts)
    whole = sum(found.values())
    for name, value in found.items():
        rows.append({"part": name, "s": value, "%": 100 * value / whole})
    return rows


def print_rows(rows: list[dict[str, Value]]) -> None:
    """Print rows; those with the same columns are one table."""
    columns: list[str] = []
    for row in rows:
        if list(row) != columns:
            columns = list(row)
            print(
                f"\n{columns[0]:<28}" + "".join(f"{name:>20}" for name in columns[1:])
            )
        name, *values = row.values()
        print(f"{name:<28}" + "".join(f"{value:>20.3f}" for value in values))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=480, help="starts of each kind")
    parser.add_argument("--index", type=Path, help="Faiss index directory to search")
    parser.add_argument("--encoder", type=Path, help="folder of the index's encoder")
    parser.add_argument("--query", default="how is vitamin d made", help="its text")
    parser.add_argument("--rounds", type=int, default=5, help="searches of each kind")
    parser.add_argument("--json", type=Path, default=RESULTS / "startup.json")
    args = parser.parse_args()
    # An installed package has its byte code; without it each start compiles anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if (args.index is None) != (args.encoder is None):
        parser.error("--index and --encoder go together")
    hook = measure_hook(args.runs)
    rows: list[dict[str, Value]] = [
        {"python -c pass": name, "ms": value} for name, value in hook.items()
    ]
    settings: dict[str, Value] = {"starts of each kind": args.runs}
    if args.index:
        rows += search_rows(args.index, args.encoder, args.query, args.rounds)
        settings["searches of each kind"] = args.rounds
        settings["passages"] = len((args.index / "docid").read_bytes().splitlines())
        sizes = [file.stat().st_size for file in args.encoder.iterdir()]
        settings["encoder in MB"] = round(sum(sizes) / 1e6)
        settings["load"] = os.getloadavg()[0]
    print_rows(rows)
    write_results(
        "startup",
        rows,
        [at_most("added to a start of Python by the hook", 1, hook["added"], "ms")],
        settings=settings,
        libraries=LIBRARIES,
        path=args.json,
    )


if __name__ == "__main__":
    main()
