"""Names beside points, where they hide neither points nor each other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tasb_pyserini.evaluation.figures.style import leader_line, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST = 44
SIZE = 9
RINGS = (7, 18, 30, 44, 60)
"""Distances from the point that are tried, in points of 1/72 inch."""

MARKER, LINE = 6, 1
"""Half the width that a marker and a line take, in pixels."""

XY = tuple[float, float]


class Side(NamedTuple):
    """Where a label stands: its direction from the point, and how it is aligned."""

    across: float
    up: float
    horizontal: str
    vertical: str


SIDES = (
    Side(1, 0, "left", "center"),
    Side(-1, 0, "right", "center"),
    Side(0, 1, "center", "bottom"),
    Side(0, -1, "center", "top"),
    Side(0.7, 0.7, "left", "bottom"),
    Side(-0.7, 0.7, "right", "bottom"),
    Side(0.7, -0.7, "left", "top"),
    Side(-0.7, -0.7, "right", "top"),
)

FACING = {"left": 0.0, "bottom": 0.0, "center": 0.5, "right": 1.0, "top": 1.0}
"""Alignment → the part of a label that is at its place."""


class Box(NamedTuple):
    """A part of the picture, in pixels."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def around(cls, start: XY, end: XY, room: float) -> "Box":
        """Return the box of a level or upright line, with room about it."""
        (x0, y0), (x1, y1) = start, end
        low, high = (min(x0, x1), min(y0, y1)), (max(x0, x1), max(y0, y1))
        return cls(low[0] - room, low[1] - room, high[0] + room, high[1] + room)

    def shared(self, other: "Box") -> float:
        """Return the area that two boxes share.

        Examples
        --------
        >>> Box(0, 0, 4, 2).shared(Box(3, 1, 9, 9))
        1
        """
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(width, 0) * max(height, 0)


def label_points(
    axes: "Axes",
    points: Sequence[tuple[str, float, float]],
    lines: Sequence[tuple[XY, XY]] = (),
) -> None:
    """Write the name of each point beside it.

    Each label takes the nearest of its places that is free and within the axes; where
    none is, the one that covers the least. Those off their point get a line to it.

    Parameters
    ----------
    axes
        With everything else drawn, and their limits final.
    points
        Name, x and y of each.
    lines
        Ends of level or upright lines that labels should not lie on either.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # fixes where things are
    inside = Box(*axes.get_window_extent().extents)

    def pixels(x: float, y: float) -> XY:
        across, up = axes.transData.transform((x, y))
        return float(across), float(up)

    taken = [Box.around(pixels(x, y), pixels(x, y), MARKER) for _, x, y in points]
    taken += [Box.around(pixels(*one), pixels(*other), LINE) for one, other in lines]
    for name, x, y in sorted(points, key=lambda point: point[::-1], reverse=True):
        text = shorten(name, LONGEST)
        size = _measure(axes, text)
        ring, side, box = place_label(
            pixels(x, y), size, taken, inside, pixels_a_point=figure.dpi / 72
        )
        taken.append(box)
        begin = FACING[side.horizontal], FACING[side.vertical]
        label = axes.annotate(
            text,
            (x, y),
            (ring * side.across, ring * side.up),
            textcoords="offset points",
            ha=side.horizontal,
            va=side.vertical,
            fontsize=SIZE,
            arrowprops=leader_line(*begin) if ring > RINGS[0] else None,
        )
        label.set_in_layout(False)


def place_label(
    at: XY,
    size: XY,
    taken: Sequence[Box],
    inside: Box,
    *,
    pixels_a_point: float = 1.0,
) -> tuple[int, Side, Box]:
    """Return the ring and side of a label, and the box that it fills there.

    Parameters
    ----------
    at
        The point, in pixels.
    size
        Width and height of the label, in pixels.
    taken
        What it should not cover.
    inside
        What it should not leave.
    pixels_a_point
        Pixels in 1/72 inch.

    Examples
    --------
    >>> room = Box(0, 0, 100, 100)
    >>> _, side, _ = place_label((50, 50), (20, 10), [], room)
    >>> _, other, _ = place_label((90, 50), (20, 10), [], room)
    >>> side.horizontal, other.horizontal
    ('left', 'right')
    """
    width, height = size
    places = []
    for ring in RINGS:
        for side in SIDES:
            away = ring * pixels_a_point
            left = at[0] + away * side.across - width * FACING[side.horizontal]
            bottom = at[1] + away * side.up - height * FACING[side.vertical]
            places.append(
                (ring, side, Box(left, bottom, left + width, bottom + height))
            )

    def hidden(box: Box) -> float:
        outside = width * height - box.shared(inside)
        # Rounding must not send a label to a farther place.
        return round(outside + sum(map(box.shared, taken)), 3)

    return min(places, key=lambda place: hidden(place[2]))


def _measure(axes: "Axes", text: str) -> XY:
    sample = axes.text(0, 0, text, fontsize=SIZE)
    box = sample.get_window_extent()
    sample.remove()
    return float(box.width), float(box.height)
