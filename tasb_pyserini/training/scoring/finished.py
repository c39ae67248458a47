"""A finished output of scoring: the same, or that of other work."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tasb_pyserini.formats.work import differences, refuse_other_work
from tasb_pyserini.training.pairs.store import (
    MANIFEST,
    Pairs,
    open_pairs,
    read_manifest,
)


def finished_pairs(output: Path, scores: Mapping[str, Any]) -> Pairs | None:
    """Return the pairs of an output that the same work has finished.

    Parameters
    ----------
    output
        Where scored pairs are to be.
    scores
        All that they depend on, as ``scores`` in ``pairs.json``.

    Returns
    -------
    Pairs or None
        None where nothing is there yet, or pairs without scores.

    Raises
    ------
    TasbError
        If `output` holds scores of another teacher, other pairs or other texts.
    """
    if not (output / MANIFEST).is_file():
        return None
    manifest = read_manifest(output)
    if not manifest.get("scored"):
        return None
    there = manifest.get("scores")
    known = there if isinstance(there, Mapping) else {}
    refuse_other_work(output, differences(known, scores))
    return open_pairs(output)


def share_of_negative_margins(pairs: Pairs) -> float:
    """Return the share of rows in which the teacher puts neg above pos."""
    return float(np.mean(pairs.margins(slice(None)) < 0))
