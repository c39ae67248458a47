"""The claims of a study's file."""

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.formats.section import Section
from tasb_pyserini.study.spec import Claim, Relation, Study

KEYS = ("text", "source", "compare", "test", "measure", "within")


def read_claim(section: Section) -> Claim:
    """Read a claim; what it compares is ``a > b``, ``a = b`` or ``a steady``.

    Raises
    ------
    InputError
        If a key is missing or of the wrong kind, or comparisons are of several kinds.
    TasbError
        If a key or the measure is unknown.
    """
    section.refuse_unknown(KEYS, "key of a claim")
    compared = [_comparison(section, text) for text in section.texts("compare")]
    relation = compared[0][0]
    if any(other != relation for other, _ in compared):
        raise section.fault("compare", "several kinds", "one kind in a claim")
    if (relation == ">") != ("within" not in section.values):
        raise section.fault("within", "within", "one with = and steady, none with >")
    return Claim(
        text=section.text("text"),
        source=section.text("source"),
        relation=relation,
        pairs=tuple(pair for _, pair in compared),
        test=section.text("test"),
        measure=section.at("measure", lambda: Measure.parse(section.text("measure"))),
        within=section.number("within", 0.0),
    )


def _comparison(section: Section, text: str) -> tuple[Relation, tuple[str, str]]:
    match text.split():
        case [first, ">", second]:
            return ">", (first, second)
        case [first, "=", second]:
            return "=", (first, second)
        case [first, "steady"]:
            return "steady", (first, first)
    expected = (
        "'experiment/cell > experiment/cell', with =, or 'experiment/cell steady'"
    )
    raise section.fault("compare", f"compare {text!r}", expected)


def check_claims(study: Study, items: list[Section]) -> None:
    """Check that claims are about cells, tests and measures that there are.

    Raises
    ------
    TasbError
        At the first that is not.
    """
    cells = study.all_cells()
    for claim, where in zip(study.claims, items, strict=True):
        for name in (name for pair in claim.pairs for name in pair):
            if name not in cells:
                raise where.error("compare", unknown("cell", name, cells))
            if claim.test not in study.cell(name)[0].tests:
                tests = study.cell(name)[0].tests
                raise where.error("test", unknown(f"test of {name}", claim.test, tests))
        if claim.measure not in study.measures:
            names = [str(measure) for measure in study.measures]
            raise where.error("measure", unknown("measure", claim.measure, names))
