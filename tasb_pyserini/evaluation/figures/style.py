"""The one style of all figures: read in grey as well, the same bytes each time."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RULES: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelsize": 11,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 10,
    "grid.color": "0.9",
    "hatch.linewidth": 0.6,
    "legend.edgecolor": "white",
    "legend.framealpha": 0.9,
    "legend.fancybox": False,
    "savefig.dpi": 150,
    "svg.fonttype": "none",  # text stays text: searched, read aloud
    "svg.hashsalt": "tasb",
    "text.parse_math": False,  # a name may hold $
}

# Darker to lighter, so that neighbours differ in grey; safe for the colour-blind
# (Okabe and Ito, Color Universal Design, 2008).
COLOURS = ("black", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
MARKERS = "os^vDPX*"
LINES = ("-", "--", "-.", ":")

LONGEST = 24


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the style of the house, whatever the user's matplotlibrc says."""
    style = import_module("matplotlib.style")
    with style.context(["default", RULES]):
        yield


def line_style(number: int) -> dict[str, Any]:
    """Return how the line of a number, from 0, looks.

    Marker and dashes together differ for the first 32.

    Examples
    --------
    >>> line_style(0)
    {'color': 'black', 'marker': 'o', 'linestyle': '-'}
    """
    rounds = number // len(MARKERS)
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": MARKERS[number % len(MARKERS)],
        "linestyle": LINES[(number + rounds) % len(LINES)],
    }


def log_x(axes: "Axes", least: float, most: float) -> None:
    """Make a log scale of x whose ticks are plain numbers, and never fewer than two.

    Parameters
    ----------
    axes
        To change.
    least, most
        Ends of what is drawn, above 0.
    """
    ticker = import_module("matplotlib.ticker")
    axes.set_xscale("log")
    if most < 10 * least:
        locator = ticker.AutoLocator()
    else:
        crowded = most > 10**4 * least
        locator = ticker.LogLocator(subs=(1,) if crowded else (1, 2, 5))
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.6g}")
    axes.xaxis.set_minor_formatter(ticker.NullFormatter())


def leader_line(across: float, up: float) -> dict[str, Any]:
    """Return how a label's line to its point looks.

    Parameters
    ----------
    across, up
        Where on the label it begins: 0 is left or bottom, 1 is right or top.
    """
    look = {"arrowstyle": "-", "color": "0.5", "linewidth": 0.6}
    return look | {"relpos": (across, up), "shrinkA": 1, "shrinkB": 1}


def shorten(name: str, most: int = LONGEST) -> str:
    """Cut a long name, at its end.

    Examples
    --------
    >>> shorten("tasb"), shorten("a-very-long-name", 8)
    ('tasb', 'a-very-…')
    """
    return name if len(name) <= most else name[: most - 1] + "…"
