"""What must come before what: stages in a spec, and specs."""

from collections.abc import Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath

from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.formats.section import Section
from tasb_pyserini.regressions.spec import Spec


def ordered_stages(spec: Spec, section: Section) -> Spec:
    """Return the spec with each stage after those whose outcome it reads.

    Raises
    ------
    TasbError
        If stages read each other's outcome, or something reads what nothing makes.
    """
    makers = {stage.writes: stage.name for stage in spec.stages}
    given = {item.file for item in spec.inputs}
    given |= {str(p) for item in given for p in PurePosixPath(item).parents}
    others = tuple(f"../{name}/" for name in spec.uses)
    items = {item.text("name"): item for item in section.sections("stages")}
    known = [*makers, *sorted(given - {"."})]

    def check(where: Section, key: str, path: str) -> None:
        if path not in makers and path not in given and not path.startswith(others):
            raise where.error(key, unknown(f"file in {key}", path, known))

    before: dict[str, set[str]] = {stage.name: set() for stage in spec.stages}
    for stage in spec.stages:
        for path in stage.reads:
            check(items[stage.name], "reads", path)
            if path in makers:
                before[stage.name].add(makers[path])
    for target, item in zip(spec.targets, section.sections("targets"), strict=True):
        if not target.paper_only:
            check(item, "run", target.run)
            check(item, "qrels", target.qrels)
    try:
        names = list(TopologicalSorter(before).static_order())
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        problem = f"stages read each other's outcome: {cycle}"
        raise items[error.args[1][0]].fault("reads", problem, "no cycle") from error
    stages = {stage.name: stage for stage in spec.stages}
    return replace(spec, stages=tuple(stages[name] for name in names))


def with_used(chosen: list[Spec], known: Mapping[str, Spec]) -> list[Spec]:
    """Return specs and all that they use, each after those.

    Raises
    ------
    TasbError
        If one uses itself by way of others, or one that there is not.
    """
    before: dict[str, tuple[str, ...]] = {}
    waiting = [spec.name for spec in chosen]
    while waiting:
        spec = known[waiting.pop(0)]
        if spec.name in before:
            continue
        before[spec.name] = spec.uses
        for name in spec.uses:
            if name not in known:
                raise _uses(spec).error("uses", unknown("spec", name, known))
        waiting += spec.uses
    try:
        names = list(TopologicalSorter(before).static_order())
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        where = _uses(known[error.args[1][0]])
        raise where.fault("uses", f"specs use each other: {cycle}", "no cycle") from (
            error
        )
    return [known[name] for name in names]


def _uses(spec: Spec) -> Section:
    """Return the section of a spec's file, for its line numbers."""
    from tasb_pyserini.formats.yaml_file import read_yaml

    return read_yaml(spec.path)
