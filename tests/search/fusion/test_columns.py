"""Whole files are fused to the bytes that hits in memory are fused to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.run_columns import read_run_columns
from tasb_pyserini.formats.runs import read_run, write_run
from tasb_pyserini.formats.write_columns import write_run_columns
from tasb_pyserini.search.fusion.columns import fuse_columns
from tasb_pyserini.search.fusion.fuse import fuse_runs
from tasb_pyserini.search.fusion.normalisation import NORMALISATIONS
from tasb_pyserini.search.fusion.rule import Fusion
from tests.search.fusion.slow import random_runs

RULES = [
    Fusion(method="interpolation", alpha=0.1),
    Fusion(method="convex", alpha=0.3, normalisation="min-max"),
    Fusion(method="average", missing="zero"),
    Fusion(method="sum", normalisation="z-score", weights=(1, -2)),
    Fusion(method="rrf"),
]


def cut_after_normalisation(run: Run, fusion: Fusion, depth: int | None) -> Run:
    """Do in this order what Pyserini does with normalize and --depth."""
    if depth is None:
        return run
    cut = {}
    for qid, hits in run.items():
        scores = NORMALISATIONS[fusion.normalisation](np.array(list(hits.values())))
        cut[qid] = dict(list(zip(hits, scores.tolist(), strict=True))[:depth])
    return cut


@pytest.mark.parametrize("fusion", RULES, ids=lambda fusion: fusion.tag)
@pytest.mark.parametrize("depth", [5, None])
def test_fused_files_are_fused_runs(
    tmp_path: Path, fusion: Fusion, depth: int | None
) -> None:
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path, run in zip(paths, random_runs(seed=6, runs=2, queries=60), strict=True):
        write_run(path, run, "tag")
    cut = [cut_after_normalisation(read_run(path), fusion, depth) for path in paths]
    rule = fusion if depth is None else replace(fusion, normalisation="none")
    write_run(tmp_path / "expected.txt", fuse_runs(cut, rule, 8), "tag")
    columns = [read_run_columns(path) for path in paths]
    fused = fuse_columns(columns, fusion, 8, depth)
    write_run_columns(tmp_path / "fused.txt", fused, "tag")
    written = (tmp_path / "fused.txt").read_text()
    assert written == (tmp_path / "expected.txt").read_text()
    assert written


@pytest.mark.parametrize("depth", [1, None])
def test_a_docid_that_comes_twice_is_named_with_its_line(
    tmp_path: Path, depth: int | None
) -> None:
    path = tmp_path / "run.txt"
    path.write_text("1 Q0 a 1 3 x\n2 Q0 a 1 2 x\n2 Q0 b 2 1 x\n2 Q0 a 3 0 x\n")
    runs = [read_run_columns(path)] * 2
    with pytest.raises(InputError, match=":4: docid a again for query 2; expected ea"):
        fuse_columns(runs, Fusion(method="rrf"), 10, depth)
