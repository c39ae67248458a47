"""The expected scores of a spec's YAML file."""

from tasb_pyserini.formats.section import Section
from tasb_pyserini.regressions.metric import Metric
from tasb_pyserini.regressions.spec import Target

KEYS = (
    *("name", "run", "qrels", "scores", "source", "measured"),
    *("tolerance", "reason", "machine_dependent", "paper_only"),
)
MEASURED = "measured"
MEASURED_KEYS = ("versions", "hardware", "date", "how")
UNMEASURED = "unmeasured"
"""Stands for a score that nobody has measured or published."""


def read_target(section: Section) -> Target:
    """Read one of the targets.

    Raises
    ------
    TasbError
        If a measure is unknown, a score is missing, or nobody is named for it.
    """
    section.refuse_unknown(KEYS, "key of a target")
    paper_only = section.text("paper_only", "")
    needed = ("run", "qrels", "tolerance", "reason")
    if paper_only:
        for key in (*needed, "machine_dependent"):
            if key in section.values:
                problem = f"{key} of a target that is paper only"
                raise section.fault(key, problem, "none, since nothing is run")
    tolerance = 0.0 if paper_only else section.number("tolerance")
    if tolerance < 0:
        raise section.fault("tolerance", f"tolerance {tolerance:g}", "0 or more")
    dependent = section.flag("machine_dependent")
    return Target(
        name=section.text("name"),
        run="" if paper_only else section.text("run"),
        qrels="" if paper_only else section.text("qrels"),
        scores=_scores(section),
        source=_source(section),
        tolerance=tolerance,
        reason="" if paper_only else section.text("reason"),
        machine_dependent=dependent,
        paper_only=paper_only,
    )


def _scores(section: Section) -> dict[Metric, float | None]:
    scores = section.values.get("scores")
    if not isinstance(scores, Section) or not scores.values:
        raise section.fault("scores", "no scores", "lines such as 'nDCG@10: 0.6789'")
    found: dict[Metric, float | None] = {}
    for key in scores.values:
        metric = scores.at(key, lambda key=key: Metric.parse(str(key)))  # type: ignore[misc]
        if scores.values[key] == UNMEASURED:
            found[metric] = None
            continue
        expected = scores.number(key)
        if not 0 <= expected <= 1:
            raise scores.fault(key, f"{key}: {expected:g}", "a score from 0 to 1")
        found[metric] = expected
    return found


def _source(section: Section) -> str:
    """Return the source; one of our own says with what and on what."""
    source = section.text("source")
    if (source == MEASURED) != ("measured" in section.values):
        expected = "'source: measured' and a mapping 'measured', both or neither"
        raise section.fault("source", f"source: {source:.40}", expected)
    if source != MEASURED:
        return source
    how = section.values["measured"]
    if not isinstance(how, Section):
        raise section.fault("measured", "no mapping", f"{', '.join(MEASURED_KEYS)}")
    how.refuse_unknown(MEASURED_KEYS, "key of measured")
    said = [how.text(key) for key in ("date", "versions", "hardware")]
    more = f"; {how.text('how')}" if "how" in how.values else ""
    return f"measured {said[0]} with {said[1]} on {said[2]}{more}"
