"""The measure over alpha, drawn."""

import io
from importlib import import_module
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.files import replace_bytes
from tasb_pyserini.search.tuning.tune import Tuning

FORMATS = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}
"""Suffix → what matplotlib must not write, for the same bytes each time."""


def check_figure(path: Path) -> None:
    """Refuse a figure of a kind that is not drawn.

    Raises
    ------
    TasbError
        If the suffix is unknown.
    """
    if path.suffix not in FORMATS:
        raise TasbError(f"{path}: expected a name that ends in {', '.join(FORMATS)}")


def draw_figure(path: Path, tuning: Tuning, measure: str, queries: int) -> None:
    """Draw the curve, the best alpha, and each side alone; told apart in grey.

    Parameters
    ----------
    path
        Where to; replaced whole.
    tuning
        What was found.
    measure, queries
        What was measured, and on how many.
    """
    check_figure(path)
    matplotlib = import_module("matplotlib")
    library = import_module("matplotlib.figure")
    choice = tuning.choice
    figure = library.Figure(figsize=(6.5, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(choice.alphas, choice.values, color="black", label="hybrid")
    axes.axhline(tuning.dense, color="0.35", linestyle="--", label="dense alone")
    axes.axhline(tuning.sparse, color="0.55", linestyle=":", label="sparse alone")
    alpha = choice.fusion.alpha
    axes.plot([alpha], [tuning.value], "ko", label=f"best: {alpha:.4g}")
    axes.set_xscale("log" if choice.fusion.method == "interpolation" else "linear")
    axes.set_xlabel("alpha, weight of the sparse side")
    axes.set_ylabel(f"{measure}, mean of {queries:,} queries")
    axes.grid(color="0.9")
    axes.legend(frameon=False)
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "alpha"}):
        figure.savefig(
            buffer, format=path.suffix[1:], metadata=FORMATS[path.suffix], dpi=150
        )
    with replace_bytes(path) as file:
        file.write(buffer.getvalue())
