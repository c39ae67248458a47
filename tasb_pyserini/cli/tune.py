"""``tasb tune``: the weight of the sparse side, found on training queries."""

import argparse
import math
import sys
from collections.abc import Collection
from functools import partial
from pathlib import Path

from tasb_pyserini.cli.arguments import (
    add_json_argument,
    add_threads_argument,
    positive_int,
)
from tasb_pyserini.cli.measuring import add_relevance_level_argument
from tasb_pyserini.cli.names import QRELS_HELP, located
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.cli.tuning import print_tuning, report_of
from tasb_pyserini.cli.tuning_sides import (
    add_sides_arguments,
    describe_inputs,
    open_sides,
)
from tasb_pyserini.evaluation.figures.alpha import draw_alpha
from tasb_pyserini.evaluation.figures.output import check_outputs, write_figure
from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import check_files
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.records import Qrels, Topics
from tasb_pyserini.formats.same_text import find_overlap, refuse_overlap
from tasb_pyserini.formats.write_columns import RankedHits, write_run_columns
from tasb_pyserini.search.fusion.normalisation import NORMALISATIONS
from tasb_pyserini.search.fusion.rule import OF_TWO, Fusion
from tasb_pyserini.search.tuned import Tuned
from tasb_pyserini.search.tuning.candidates import Candidates
from tasb_pyserini.search.tuning.choose import alpha_of
from tasb_pyserini.search.tuning.figure import alpha_curve
from tasb_pyserini.search.tuning.objective import Objective
from tasb_pyserini.search.tuning.sample import cut_folds, draw_sample, find_usable
from tasb_pyserini.search.tuning.tune import Fold, Tuning, held_out_hits, tune


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb tune``, under Pyserini's names where it has them.

    Nothing bounds alpha: every value above 0 counts, for the ranking of a query
    changes at finitely many, which are computed.
    """
    parser.description = (
        "Find the alpha of hybrid search that is best on a sample of training queries. "
        "Every alpha above 0 is considered: the measure is computed exactly between "
        "the alphas where two documents change places. The answer is the geometric "
        "middle of the best interval, the widest where several are as good."
    )
    add_sides_arguments(parser)
    parser.add_argument("--qrels", required=True, help=QRELS_HELP)
    parser.add_argument(
        "--test-topics",
        nargs="+",
        default=[],
        metavar="TOPICS",
        help="test sets: refuse topics that are in one of them, by qid or by text",
    )
    parser.add_argument(
        "--measure", type=str, default="RR@10", help="as in tasb eval: nDCG@10, R@100 …"
    )
    add_relevance_level_argument(parser)
    parser.add_argument(
        "--method",
        choices=OF_TWO,
        default="interpolation",
        help="alpha * sparse + dense, or alpha * sparse + (1 - alpha) * dense",
    )
    parser.add_argument(
        "--normalization",
        dest="normalisation",
        choices=NORMALISATIONS,
        default="none",
        help="of each side's scores before fusion, as in tasb fuse",
    )
    parser.add_argument(
        "--k", type=positive_int, default=1000, help="hits per query of the fused run"
    )
    parser.add_argument(
        "--sample",
        type=positive_int,
        default=6000,
        help="queries to draw (6,000 in TCT-ColBERT); all where there are fewer",
    )
    parser.add_argument("--seed", type=int, default=42, help="seed of sample and folds")
    parser.add_argument(
        "--folds",
        type=positive_int,
        help="cross-validate: measure each fold with the choice of the others",
    )
    parser.add_argument(
        "--output", type=Path, help="JSON to write, for tasb hybrid --tuned"
    )
    parser.add_argument(
        "--output-run",
        type=Path,
        help="TREC run to write: each query by the choice of the folds it is not in",
    )
    parser.add_argument(
        "--figure",
        type=Path,
        help="picture of the measure over alpha: png, svg or pdf; a csv of its numbers "
        "goes beside it",
    )
    add_threads_argument(parser)
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Tune, write what was asked for, and report."""
    args.qrels = located(args.qrels, "qrels")
    _check(args)
    measure = Measure.parse(args.measure)
    objective = Objective(
        measure=measure, k=args.k, relevance_level=args.relevance_level
    )
    fusion = Fusion(method=args.method, alpha=1, normalisation=args.normalisation)
    qrels = read_qrels(args.qrels)
    topics = None if args.topics is None else load_topics(args.topics)
    sides = open_sides(args, topics)
    qids = _draw(args, sides.qids, topics, qrels, objective)
    folds = cut_folds(qids, args.folds, args.seed) if args.folds else []
    search_sparse, dense = sides.search(
        {qid: (topics or {}).get(qid, "") for qid in qids}
    )
    candidates = Candidates(
        search_sparse,
        dense,
        qids,
        qrels,
        fusion,
        objective,
        progress=sys.stderr.isatty(),
    )
    tuning = tune(candidates, sides.settings, folds)
    if len(sides.settings) == 1 or tuning.value == 0:
        _refuse_flat(args, tuning, objective, len(qids))
    setting, best = tuning.choice.setting, tuning.choice.fusion
    about = report_of(tuning, objective, len(qids)) | {
        "seed": args.seed,
        "inputs": describe_inputs(args),
        "hits_sha256": candidates.digest(setting),
    }
    assert best.alpha is not None
    tuned = Tuned(
        method=best.method,
        alpha=best.alpha,
        normalisation=best.normalisation,
        k1=setting.k1,
        b=setting.b,
    )
    if args.output is not None:
        tuned.write(args.output, about)
    if args.figure is not None:
        name = measure.at_level(args.relevance_level)
        curve = alpha_curve(tuning, name, len(qids))
        write_figure([args.figure], curve.table(), partial(draw_alpha, curve=curve))
    if args.output_run is not None:
        _write_held_out(args, candidates, tuning.folds)
    print_tuning(tuned, tuning, about, as_json=args.json)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what does not go together, before anything is read."""
    if args.test_topics and args.topics is None:
        raise TasbError("--test-topics without --topics: expected the texts to compare")
    if args.output_run is not None and not args.folds:
        raise TasbError(
            "--output-run without --folds: expected --folds, since only queries that "
            "are held out are fused ('tasb hybrid --tuned' fuses others)"
        )
    if args.seed < 0:
        raise TasbError(f"--seed {args.seed}: expected at least 0")
    topics = [args.topics, *args.test_topics]
    inputs = [args.qrels, *(args.runs or ()), *(Path(name) for name in topics if name)]
    check_files([args.output, args.output_run, args.figure], inputs)
    if args.figure is not None:
        check_outputs([args.figure], inputs)


def _draw(
    args: argparse.Namespace,
    known: Collection[str],
    topics: Topics | None,
    qrels: Qrels,
    objective: Objective,
) -> list[str]:
    usable = find_usable(known, qrels, objective, name=str(args.qrels))
    if topics is not None:
        tests = {name: load_topics(name) for name in args.test_topics}
        wanted = set(usable)
        queries = {qid: text for qid, text in topics.items() if qid in wanted}
        refuse_overlap(find_overlap(queries, tests), topics, args.topics)
    qids = draw_sample(usable, args.sample, args.seed)
    if len(qids) < args.sample:
        _say(f"all {len(qids):,} queries with a relevant passage are used")
    return qids


def _refuse_flat(
    args: argparse.Namespace, tuning: Tuning, objective: Objective, queries: int
) -> None:
    """Refuse to choose an alpha where all are as good."""
    interval = tuning.choice.interval
    if interval.low > 0 or interval.high < alpha_of(args.method, math.inf):
        return
    raise TasbError(
        f"{args.qrels}: {objective.measure} is {tuning.value:.4f} whatever alpha "
        f"(queries: {queries:,}), so that none is best; expected qrels of the "
        "collection that was searched, and rankings that alpha changes"
    )


def _write_held_out(
    args: argparse.Namespace, candidates: Candidates, folds: list[Fold]
) -> None:
    import numpy as np
    import pyarrow as pa

    fused = {
        qid: RankedHits(
            qid,
            pa.array(list(hits), pa.large_string()),
            np.array(list(hits.values()), np.float32),
        )
        for qid, hits in held_out_hits(candidates, folds, args.k)
    }
    fusion = candidates.fusion
    tag = f"{fusion.method}-norm={fusion.normalisation}-of-{args.folds}-folds"
    ordered = [fused[qid] for qid in candidates.qids]
    write_run_columns(args.output_run, ordered, tag, fusion.decimals)


def _say(note: str) -> None:
    print(f"tasb tune: {note}", file=sys.stderr)
