"""``curves.svg``: how loss, learning rate and validation went, from the log."""

import io
import json
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

from tasb_pyserini.evaluation.figures.output import FORMATS
from tasb_pyserini.evaluation.figures.style import house_style
from tasb_pyserini.formats.lines import numbered_lines
from tasb_pyserini.formats.replace import replace_bytes
from tasb_pyserini.training.log import LOG_FILE

CURVES_FILE = "curves.svg"

Curve = list[tuple[float, float]]
"""Updates made, and a value after them."""

PANELS = {
    "loss": ("loss", "pair_loss", "in_batch_loss"),
    "validation": ("validation",),
    "accuracy": ("masked_accuracy", "in_batch_accuracy"),
    "learning rate": ("learning_rate",),
}
"""Label → the curves that share its axis."""

# Told apart in grey and without colours.
STYLES: tuple[dict[str, Any], ...] = (
    {"color": "black", "linewidth": 1.6},
    {"color": "0.35", "linewidth": 1.3, "linestyle": "--"},
    {"color": "0.55", "linewidth": 1.3, "linestyle": ":"},
)
DOTS_UP_TO = 30
"""Curves of so few points show each of them."""


def draw_curves(folder: Path) -> Path | None:
    """Draw the log of a run as a picture beside it.

    Parameters
    ----------
    folder
        The run's, with its ``log.jsonl``; ``curves.svg`` is written there.

    Returns
    -------
    Path or None
        The picture; None where the log is empty.
    """
    curves = read_curves(folder / LOG_FILE)
    if not curves:
        return None
    path = folder / CURVES_FILE
    with replace_bytes(path) as file:
        file.write(_draw(curves))
    return path


def read_curves(log: Path) -> dict[str, Curve]:
    """Return the curves of a log by the names of its values."""
    curves: dict[str, Curve] = defaultdict(list)
    for _, line in numbered_lines(log):
        values: dict[str, float] = json.loads(line)
        step = values.pop("step")
        for name, value in values.items():
            curves[name].append((step, value))
    return dict(curves)


def _draw(curves: dict[str, Curve]) -> bytes:
    panels = {
        label: shown
        for label, names in PANELS.items()
        if (shown := [name for name in names if name in curves])
    }
    with house_style():
        library = import_module("matplotlib.figure")
        size = (7.5, 2.4 * len(panels))
        figure = library.Figure(figsize=size, layout="constrained")
        grid = figure.subplots(len(panels), sharex=True, squeeze=False)
        for axes, (label, names) in zip(grid[:, 0], panels.items(), strict=True):
            for name, style in zip(names, STYLES, strict=False):
                steps, values = zip(*curves[name], strict=True)
                look = style | {"marker": "." if len(steps) <= DOTS_UP_TO else ""}
                axes.plot(steps, values, label=name.replace("_", " "), **look)
            axes.set_ylabel(label)
            if len(names) > 1:
                axes.legend(frameon=False)
        grid[-1, 0].set_xlabel("step")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata=FORMATS[".svg"])
    return buffer.getvalue()
