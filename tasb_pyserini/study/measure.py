"""The measures of a cell, from the runs that its stages made."""

from datetime import UTC, datetime
from pathlib import Path

from tasb_pyserini.evaluation.figures.recall import recall_curves
from tasb_pyserini.evaluation.measures import describe_coverage, evaluate, query_mean
from tasb_pyserini.formats.checksum import path_sha256, text_sha256
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.formats.runs import read_run
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.regressions.machine import commit, hardware, versions
from tasb_pyserini.regressions.stage_records import read_stage_record
from tasb_pyserini.regressions.stages import log_file
from tasb_pyserini.study.distractors import distractor_curve
from tasb_pyserini.study.latency import latency_of
from tasb_pyserini.study.leakage import refuse_strangers
from tasb_pyserini.study.origin import DATA, data_files, recipes_of
from tasb_pyserini.study.plan import CellRun, Plan
from tasb_pyserini.study.prepare import CORPUS, TOPICS, Prepared
from tasb_pyserini.study.record import Measured, Record
from tasb_pyserini.study.spec import Profile, Study

DIGITS = 4


def measure_cell(
    study: Study, profile: Profile, plan: Plan, run: CellRun, work: Path, made: Prepared
) -> Record:
    """Measure a cell whose stages are all done.

    Raises
    ------
    InputError
        If a file of triples has a query that is none of the training queries, or a run
        is at fault.
    TasbError
        If a run and its qrels share no query.
    """
    _check_triples(run, work)
    stages = [plan.stages[name] for name in run.needs]
    found = {stage.writes: read_stage_record(work, stage.name) for stage in stages}
    known = {name: record for name, record in found.items() if record is not None}
    said = {stage.writes: latency_of(log_file(work, stage.name)) for stage in stages}
    runs = {path: read_run(work / path) for path in set(run.runs.values())}
    return Record(
        study=study.name,
        profile=profile.name,
        cell=run.name,
        seed=run.seed,
        sha256=run.sha256,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=commit(),
        seconds=round(sum(record.seconds for record in known.values()), 1),
        stages={name: record.seconds for name, record in known.items()},
        inputs={
            path: digest
            for record in known.values()
            for path, digest in record.reads.items()
            if path.startswith(DATA)
        }
        | {
            path: path_sha256(work / path)
            for path in data_files(study, profile, run, stages)
        },
        recipes=recipes_of(stages),
        versions=versions(),
        hardware=hardware(),
        training_queries=made.queries,
        dropped=len(made.dropped),
        tests={
            test: _measured(study, run, test, runs[path], work)
            for test, path in run.runs.items()
        },
        latency={n: round(ms, 3) for n, ms in said.items() if ms is not None},
        distractors=_curve(study, run, work),
    )


def _check_triples(run: CellRun, work: Path) -> None:
    """Refuse triples of other queries than those that leakage was looked for in."""
    triples = [name for name in run.needs if name.endswith("triples.tsv")]
    if triples:
        topics = read_topics(work / "train" / TOPICS)
        for name in triples:
            if (work / name).is_file():
                refuse_strangers(work / name, topics)


def _qrels(study: Study, test: str, work: Path) -> Qrels:
    of = study.tests[test]
    return read_qrels(work / "data" / of.collection / of.qrels)


def _measured(study: Study, run: CellRun, test: str, hits: Run, work: Path) -> Measured:
    level, qrels = study.tests[test].level, _qrels(study, test, work)
    name = str(work / run.runs[test])
    describe_coverage(hits, qrels, run_name=name, qrels_name=test)
    values = evaluate(hits, qrels, study.measures, relevance_level=level)
    qids = sorted(qrels)
    recall = {}
    if run.experiment.recall:
        curves = recall_curves({"": hits}, qrels, relevance_level=level)
        found = zip(curves.cutoffs, curves.recall[""], strict=True)
        recall = {str(cutoff): value for cutoff, value in found}
    return Measured(
        queries=len(qids),
        qids_sha256=text_sha256("\n".join(qids)),
        means={str(measure): query_mean(of) for measure, of in values.items()},
        per_query={
            str(measure): [round(of[qid], DIGITS) for qid in qids]
            for measure, of in values.items()
        },
        recall=recall,
    )


def _curve(study: Study, run: CellRun, work: Path) -> dict[str, float]:
    curve = run.experiment.distractors
    if curve is None or not run.curve:
        return {}
    deep, pool = (read_run(work / path) for path in run.curve)
    corpus = work / "data" / study.tests[curve.test].collection / CORPUS
    return distractor_curve(
        deep,
        pool,
        _qrels(study, curve.test, work),
        [passage.docid for passage in read_collection(corpus)],
        depth=curve.depth,
        sizes=curve.sizes,
        measure=curve.measure,
        level=study.tests[curve.test].level,
        seed=curve.seed,
    )
