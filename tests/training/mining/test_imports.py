"""Mining from files needs neither Java nor Faiss nor the datasets library."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]

CODE = """
import sys
from importlib import import_module
from pkgutil import iter_modules

for name in ("pyserini", "jnius", "faiss", "datasets", "pyarrow"):
    sys.modules[name] = None  # importing it now fails
import tasb_pyserini.training.mining as mining

for module in iter_modules(mining.__path__):
    import_module(f"{mining.__name__}.{module.name}")
from tasb_pyserini.cli.main import main

words = "mine --run run.txt --qrels qrels.txt --collection c.tsv --output t.tsv"
sys.exit(main(words.split()))
"""


def test_a_run_is_mined_without_them(tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text("1 Q0 a 1 2 x\n1 Q0 b 2 1 x\n")
    (tmp_path / "qrels.txt").write_text("1 0 a 1\n")
    (tmp_path / "c.tsv").write_text("a\tone\nb\ttwo\n")
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=tmp_path,
        env={"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "t.tsv").read_text() == "1\ta\tb\n"
