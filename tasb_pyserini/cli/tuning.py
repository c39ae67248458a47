"""How ``tasb tune`` reports."""

import json
import math
from dataclasses import asdict
from typing import Any

from rich.table import Table

from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.evaluation.measures import mean
from tasb_pyserini.search.tuned import Tuned
from tasb_pyserini.search.tuning.choose import POINTS, Choice
from tasb_pyserini.search.tuning.objective import Objective
from tasb_pyserini.search.tuning.tune import Fold, Tuning

ROWS = range(100, POINTS, 50)
"""Points of the curve that are shown: two decades either side, two a decade."""


def report_of(tuning: Tuning, objective: Objective, queries: int) -> dict[str, Any]:
    """Return how the parameters were found, for JSON."""
    interval = tuning.choice.interval
    return {
        "measure": str(objective.measure),
        "relevance_level": objective.relevance_level,
        "k": objective.k,
        "value": tuning.value,
        "dense_alone": tuning.dense,
        "sparse_alone": tuning.sparse,
        "best_from": interval.low,
        "best_to": None if math.isinf(interval.high) else interval.high,
        "queries": queries,
    } | ({"cross_validation": _folds_report(tuning.folds)} if tuning.folds else {})


def _folds_report(folds: list[Fold]) -> dict[str, Any]:
    return {
        "value": mean([v for fold in folds for v in fold.held_out.values()]),
        "folds": [
            {
                **_parameters(fold.choice),
                "value": mean(fold.held_out.values()),
                "queries": len(fold.held_out),
            }
            for fold in folds
        ],
    }


def _parameters(choice: Choice) -> dict[str, float | None]:
    return {"alpha": choice.fusion.alpha, **choice.setting._asdict()}


def print_tuning(
    tuned: Tuned, tuning: Tuning, about: dict[str, Any], *, as_json: bool
) -> None:
    """Print JSON, or the curve, the choice and the folds."""
    if as_json:
        print(json.dumps(asdict(tuned) | about))
        return
    print_table(_curve_table(tuning, about["measure"]))
    bm25 = "" if tuned.k1 is None else f", k1 {tuned.k1:g}, b {tuned.b:g}"
    end = "infinity" if about["best_to"] is None else f"{about['best_to']:.6g}"
    print(
        f"alpha {tuned.alpha:.6g}{bm25}: {about['measure']} {tuning.value:.4f} on "
        f"{about['queries']:,} queries (best from {about['best_from']:.6g} to {end})"
    )
    if tuning.folds:
        print_table(_folds_table(about["cross_validation"], about["measure"]))


def _curve_table(tuning: Tuning, measure: str) -> Table:
    choice = tuning.choice
    table = Table()
    table.add_column("alpha", justify="right", no_wrap=True)
    table.add_column(measure, justify="right", no_wrap=True)
    table.add_row("dense alone", f"{tuning.dense:.4f}")
    for place in ROWS:
        alpha, value = f"{choice.alphas[place]:.4g}", choice.values[place]
        if place == POINTS // 2:
            table.add_row(f"best: {alpha}", f"{tuning.value:.4f}", style="bold")
        else:
            table.add_row(alpha, f"{value:.4f}")
    table.add_row("sparse alone", f"{tuning.sparse:.4f}")
    return table


def _folds_table(crossed: dict[str, Any], measure: str) -> Table:
    table = Table(show_footer=True)
    table.add_column("fold held out", "all", justify="right")
    names = [n for n in ("alpha", "k1", "b") if crossed["folds"][0][n] is not None]
    for name in names:
        table.add_column(name, justify="right")
    queries = sum(fold["queries"] for fold in crossed["folds"])
    table.add_column("queries", f"{queries:,}", justify="right")
    table.add_column(measure, f"{crossed['value']:.4f}", justify="right")
    for number, fold in enumerate(crossed["folds"], start=1):
        chosen = (f"{fold[name]:.6g}" for name in names)
        table.add_row(
            f"{number}", *chosen, f"{fold['queries']:,}", f"{fold['value']:.4f}"
        )
    return table
