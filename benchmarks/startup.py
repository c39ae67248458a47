"""What the start-up hook adds to every start of Python (promised: under 1 ms).

Two bare virtual environments, one with the package and its start-up files as a wheel
installs them, one without. ``python -c pass`` runs in each by turns, so that a busy
machine slows both alike.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=120, help="starts of each kind")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    args = parser.parse_args()
    times = measure(args.runs)
    medians = {name: statistics.median(values) for name, values in times.items()}
    added = medians["with hook"] - medians["without hook"]
    for name, value in medians.items():
        print(f"{name:<14}{value:8.2f} ms")
    print(f"{'added':<14}{added:8.2f} ms")
    if args.json:
        figures = {"python": sys.version.split()[0], "runs": args.runs, "added": added}
        args.json.write_text(json.dumps(figures | medians, indent=2) + "\n")


if __name__ == "__main__":
    main()
