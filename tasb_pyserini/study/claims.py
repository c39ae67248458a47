"""The papers' claims against the records: confirmed, not confirmed or undecided.

Differences are tested by Student's paired t-test over queries: each query has one value
a cell, its mean over the cell's seeds. So the seeds, which share their queries, are not
counted as if they were further queries, and what differs from seed to seed is averaged
out as far as there are seeds. p is corrected by Holm's method over all differences that
are claimed of one experiment.
"""

import math
from dataclasses import dataclass
from typing import Literal

from scipy import stats

from tasb_pyserini.evaluation.compare import Comparison, compare
from tasb_pyserini.study.cells import reason_not_run
from tasb_pyserini.study.records import Records, same_queries, seed_average, spread
from tasb_pyserini.study.spec import Claim, Profile, Study

ALPHA = 0.05

CONFIRMED: Literal["CONFIRMED"] = "CONFIRMED"
NOT_CONFIRMED: Literal["NOT CONFIRMED"] = "NOT CONFIRMED"
UNDECIDED: Literal["UNDECIDED"] = "UNDECIDED"
NOT_RUN: Literal["NOT RUN"] = "NOT RUN"
Verdict = Literal["CONFIRMED", "NOT CONFIRMED", "UNDECIDED", "NOT RUN"]

MEANINGS = {
    CONFIRMED: "every difference is as claimed and significant; of 'no difference' and "
    "'steady', the whole confidence interval is within the bound",
    NOT_CONFIRMED: "a difference is significant the other way; the whole interval is "
    "outside the bound",
    UNDECIDED: "this data can't tell",
    NOT_RUN: "a cell that it is about has no record",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A claim and what came of it.

    Parameters
    ----------
    claim, verdict
        The two.
    evidence
        A sentence for each comparison: the test and its numbers; then the profile's
        notes on what was compared.
    """

    claim: Claim
    verdict: Verdict
    evidence: tuple[str, ...]


Finding = tuple[Verdict, str]


def judge_claims(study: Study, profile: Profile, records: Records) -> list[Judged]:
    """Judge all claims of a study by the records of a profile."""
    differences = _differences(study, records)
    judged = []
    for claim in study.claims:
        findings = [
            _judge(study, profile, records, claim, pair, differences)
            for pair in claim.pairs
        ]
        judged.append(
            Judged(
                claim=claim,
                verdict=_together([verdict for verdict, _ in findings]),
                evidence=(
                    *(evidence for _, evidence in findings),
                    *_notes(profile, claim),
                ),
            )
        )
    return judged


def _notes(profile: Profile, claim: Claim) -> dict[str, None]:
    """Return what a profile says of the cells of a claim, each note once."""
    cells = [name for pair in claim.pairs for name in pair]
    about = [key for name in cells for key in (name.split("/")[0], name)]
    return dict.fromkeys(profile.notes[key] for key in about if key in profile.notes)


Key = tuple[tuple[str, str], str, str]
"""Better and worse as claimed, test set, measure."""


def _differences(study: Study, records: Records) -> dict[Key, Comparison]:
    """Compare what is claimed to differ; an experiment's differences are a family."""
    families: dict[str, list[Key]] = {}
    for claim in study.claims:
        for pair in claim.pairs:
            if claim.relation == ">" and not _missing(records, claim, pair):
                family = families.setdefault(pair[0].split("/")[0], [])
                key = (pair, claim.test, str(claim.measure))
                if key not in family:
                    family.append(key)
    found: dict[Key, Comparison] = {}
    for family in families.values():
        values = {}
        for (better, worse), test, measure in family:
            for cell in (better, worse):
                name = " ".join((cell, test, measure))
                values[name] = seed_average(records[cell], test, measure)
        pairs = [
            (" ".join((worse, test, measure)), " ".join((better, test, measure)))
            for (better, worse), test, measure in family
        ]
        found |= dict(zip(family, compare(values, pairs, alpha=ALPHA), strict=True))
    return found


def _missing(records: Records, claim: Claim, pair: tuple[str, str]) -> list[str]:
    """Return the cells that have nothing on the claim's test set."""
    gone = [name for name in pair if not _on(records, name, claim.test)]
    if gone:
        return gone
    first, second = (next(iter(records[name].values())) for name in pair)
    return [] if same_queries(first, second, claim.test) else [pair[1]]


def _on(records: Records, name: str, test: str) -> bool:
    return any(test in record.tests for record in records.get(name, {}).values())


def _judge(
    study: Study,
    profile: Profile,
    records: Records,
    claim: Claim,
    pair: tuple[str, str],
    differences: dict[Key, Comparison],
) -> Finding:
    missing = _missing(records, claim, pair)
    if missing:
        why = reason_not_run(study, profile, missing[0])
        return NOT_RUN, f"no record of {missing[0]}{': ' if why else ''}{why}"
    test, measure = claim.test, str(claim.measure)
    what = f"{claim.measure.at_level(study.tests[test].level)} on {test}"
    if claim.relation == "steady":
        return _judge_steady(records, claim, pair[0], what)
    if claim.relation == ">":
        return _judge_greater(differences[pair, test, measure], pair, what)
    values = {name: seed_average(records[name], test, measure) for name in pair}
    found = compare(values, [(pair[1], pair[0])])[0]
    return _judge_equal(found, claim.within, pair, what)


def _judge_greater(found: Comparison, pair: tuple[str, str], what: str) -> Finding:
    evidence = (
        f"{_names(pair)}: {what} {found.difference:+.4f}, 95 % "
        f"[{found.interval[0]:+.4f}, {found.interval[1]:+.4f}], paired t-test with "
        f"Holm's correction p = {found.corrected_p:.2g}"
    )
    if found.corrected_p > ALPHA:
        return UNDECIDED, evidence
    return (CONFIRMED if found.difference > 0 else NOT_CONFIRMED), evidence


def _judge_equal(
    found: Comparison, within: float, pair: tuple[str, str], what: str
) -> Finding:
    low, high = found.interval
    evidence = (
        f"{_names(pair)}: {what} {found.difference:+.4f}, 95 % interval of the mean "
        f"over queries [{low:+.4f}, {high:+.4f}], bound ±{within:g}"
    )
    if -within <= low and high <= within:
        return CONFIRMED, evidence
    outside = low > within or high < -within
    return (NOT_CONFIRMED if outside else UNDECIDED), evidence


def _judge_steady(records: Records, claim: Claim, cell: str, what: str) -> Finding:
    measure = str(claim.measure)
    found = spread(records[cell], claim.test, measure)
    seeds = sum(claim.test in record.tests for record in records[cell].values())
    if found is None or seeds < 2:
        return NOT_RUN, f"{cell}: one seed has no deviation"
    low, high = deviation_interval(found.deviation, seeds)
    evidence = (
        f"{cell}: deviation of {what} {found.deviation:.4f} over {seeds} seeds, 95 % "
        f"interval [{low:.4f}, {high:.4f}] (chi-square), bound {claim.within:g}"
    )
    if high <= claim.within:
        return CONFIRMED, evidence
    return (NOT_CONFIRMED if low > claim.within else UNDECIDED), evidence


def deviation_interval(deviation: float, seeds: int) -> tuple[float, float]:
    """Return the 95 % interval of a standard deviation of normal values.

    Examples
    --------
    >>> [round(bound, 4) for bound in deviation_interval(0.01, 5)]
    [0.006, 0.0287]
    """
    free = seeds - 1
    low, high = (
        deviation * math.sqrt(free / stats.chi2.ppf(q, free))
        for q in (1 - ALPHA / 2, ALPHA / 2)
    )
    return low, high


def _together(verdicts: list[Verdict]) -> Verdict:
    """Return the verdict on a claim: what is missing or wrong outweighs the rest."""
    for verdict in (NOT_RUN, NOT_CONFIRMED, UNDECIDED):
        if verdict in verdicts:
            return verdict
    return CONFIRMED


def _names(pair: tuple[str, str]) -> str:
    return f"{pair[0]} less {pair[1]}"
