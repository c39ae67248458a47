"""The records of a profile: which there are, and what they say over seeds."""

from collections.abc import Mapping
from pathlib import Path

from tasb_pyserini.evaluation.measures import mean
from tasb_pyserini.evaluation.seeds import Spread, over_seeds
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.study.origin import checksums, why_stale
from tasb_pyserini.study.plan import make_plan
from tasb_pyserini.study.record import Record, place_of
from tasb_pyserini.study.spec import Profile, Study

Records = dict[str, dict[int, Record]]
"""``experiment/cell`` → seed → record."""


def read_records(
    study: Study, profile: Profile, results: Path, data: Path
) -> tuple[Records, dict[Path, str]]:
    """Return the records that hold as things are, and the files of others: why not.

    A cell that is the same as another has the other's records.

    Parameters
    ----------
    study, profile
        What they are of.
    results
        Folder of the records.
    data
        Folder of collections; what is not in it speaks against no record.

    Raises
    ------
    InputError
        If a record is damaged.
    """
    found: Records = {}
    left_out: dict[Path, str] = {}
    now = checksums(data)
    strangers = set((results / profile.name).rglob("*.json"))
    for run in make_plan(study, profile).runs:
        path = place_of(results, profile.name, run.name, run.seed)
        strangers.discard(path)
        record = Record.read(path)
        if record is None:
            continue
        if why := why_stale(record, run, now):
            left_out[path] = why
        else:
            found.setdefault(run.name, {})[run.seed] = record
    for path in sorted(strangers):
        left_out[path] = f"of no cell and seed of profile {profile.name}"
    for name in study.all_cells():
        same = study.cell(name)[1].same_as
        if same in found:
            found[name] = found[same]
    return found, left_out


def spread(records: Mapping[int, Record], test: str, measure: str) -> Spread | None:
    """Return mean and deviation over seeds; None where nothing was measured.

    One seed has no deviation: it is NaN.
    """
    means = [r.tests[test].means[measure] for r in records.values() if test in r.tests]
    if not means:
        return None
    return over_seeds(means) if len(means) > 1 else Spread(means[0], float("nan"))


def seed_average(
    records: Mapping[int, Record], test: str, measure: str
) -> dict[str, float]:
    """Return the number of a query → its mean over seeds.

    Raises
    ------
    TasbError
        If nothing was measured, or seeds were measured on other queries.
    """
    measured = [r.tests[test] for r in records.values() if test in r.tests]
    if not measured:
        raise TasbError(f"{test}: not measured; expected a record that has it")
    if len({of.qids_sha256 for of in measured}) > 1:
        cell = next(iter(records.values())).cell
        raise TasbError(f"{cell}: {test} of other queries; expected one file of qrels")
    columns = zip(*(of.per_query[measure] for of in measured), strict=True)
    return {str(number): mean(values) for number, values in enumerate(columns)}


def same_queries(first: Record, second: Record, test: str) -> bool:
    """Return whether two records measured a test set on the same queries."""
    if test not in first.tests or test not in second.tests:
        return False
    return first.tests[test].qids_sha256 == second.tests[test].qids_sha256
