"""Which commands a study runs: cells times seeds, as stages that read each other."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from graphlib import CycleError, TopologicalSorter

from tasb_pyserini.formats.checksum import json_sha256
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.regressions.commands import split_command
from tasb_pyserini.study.cells import chosen_cells, refuse_other_seeds
from tasb_pyserini.study.experiment import Cell, Experiment
from tasb_pyserini.study.placeholders import fill
from tasb_pyserini.study.spec import Profile, StageTemplate, Study, TestSet
from tasb_pyserini.study.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRun:
    """A cell with one seed, which one record tells of.

    Parameters
    ----------
    experiment, cell, seed
        What it is.
    tests
        Test sets that it is measured on.
    runs
        Test set → run.
    curve
        Run and pool of the distractor curve; empty where there is none.
    needs
        What its stages make, each after what it reads.
    sha256
        Of all commands and tests that the numbers come from.
    """

    experiment: Experiment
    cell: Cell
    seed: int
    tests: tuple[TestSet, ...]
    runs: dict[str, str]
    curve: tuple[str, str] | tuple[()]
    needs: tuple[str, ...]
    sha256: str

    @property
    def name(self) -> str:
        """``experiment/cell``."""
        return f"{self.experiment.name}/{self.cell.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a study runs.

    Parameters
    ----------
    stages
        What is made → how; each after what it reads.
    before
        What is made → what must be made before.
    runs
        Cells with seeds, in the order of the tables.
    """

    stages: dict[str, Stage]
    before: dict[str, tuple[str, ...]]
    runs: list[CellRun]


def make_plan(
    study: Study,
    profile: Profile,
    only: Sequence[str] = (),
    seeds: Sequence[int] = (),
) -> Plan:
    """Plan a study.

    Parameters
    ----------
    study, profile
        What, and how large.
    only
        ``experiment``, ``experiment/cell`` or globs of them; none for all.
    seeds
        Those of the profile's that are wanted; none for all.

    Raises
    ------
    TasbError
        If `only` matches no cell that can be run, a seed is none of the profile's, a
        placeholder is unknown, two stages write the same place, or stages read each
        other's outcome.
    """
    stages: dict[str, Stage] = {}
    for template in study.shared:
        _add(stages, template, _values(study, profile))
    chosen = list(chosen_cells(study, profile, only))
    refuse_other_seeds(profile, [experiment for experiment, _ in chosen], seeds)
    names = {f"{experiment.name}/{cell.name}" for experiment, cell in chosen}
    drafts = []
    # A cell may read what another's stages make, so that all cells are drafted.
    for experiment, cell in chosen_cells(study, profile, ()):
        for seed in profile.seeds_for(experiment.name):
            draft, own = _draft(study, profile, experiment, cell, seed, stages)
            if draft.name in names and (not seeds or seed in seeds):
                drafts.append((draft, own))
    ordered, before = _ordered(stages)
    runs = [
        _finished(study, draft, own, ordered, before)
        for draft, own in drafts
        if draft.tests
    ]
    needed = {made for run in runs for made in run.needs}
    return Plan(
        stages={made: s for made, s in ordered.items() if made in needed},
        before={made: b for made, b in before.items() if made in needed},
        runs=runs,
    )


def _values(study: Study, profile: Profile) -> dict[str, str]:
    corpora = [f"data/{name}/corpus.jsonl" for name in profile.pretrains]
    made = {"pretrain_corpora": " ".join(corpora)}
    return {**study.values, **profile.values, **made}


def _add(
    stages: dict[str, Stage], template: StageTemplate, values: dict[str, str]
) -> str:
    out = fill(template.writes, values)
    stage = Stage(
        writes=out,
        words=split_command(fill(template.command, {**values, "out": out})),
        resumes=template.resumes,
        temporary=template.temporary,
    )
    if stages.setdefault(out, stage) != stage:
        raise TasbError(
            f"{out}: written by two stages, {' '.join(stages[out].words)} and "
            f"{' '.join(stage.words)}; expected one"
        )
    return out


def _draft(
    study: Study,
    profile: Profile,
    experiment: Experiment,
    cell: Cell,
    seed: int,
    stages: dict[str, Stage],
) -> tuple[CellRun, list[str]]:
    values = _values(study, profile) | {**experiment.values, **cell.values}
    values |= {"experiment": experiment.name, "cell": cell.name, "seed": str(seed)}
    values.setdefault("folder", "cells/{experiment}/{cell}/{seed}")
    names = [name for name in experiment.tests if name in profile.tests]
    tests = tuple(study.tests[name] for name in names)
    collections = list(dict.fromkeys(test.collection for test in tests))
    own = []
    for chain in cell.chains or experiment.chains:
        for template in study.chains[chain]:
            for collection in collections if template.each else [""]:
                every = {"collection": collection} if collection else {}
                own.append(_add(stages, template, {**values, **every}))
    runs = {
        test.name: fill(values["run"], {**values, "collection": test.collection})
        for test in tests
    }
    curve = experiment.distractors
    wanted = curve is not None and curve.test in runs
    files = (fill(curve.run, values), fill(curve.pool, values)) if curve else ()
    draft = CellRun(
        experiment=experiment,
        cell=cell,
        seed=seed,
        tests=tests,
        runs=runs,
        curve=files if wanted else (),
        needs=(),
        sha256="",
    )
    return draft, own


def _ordered(
    stages: dict[str, Stage],
) -> tuple[dict[str, Stage], dict[str, tuple[str, ...]]]:
    before = {made: tuple(stage.reads_of(stages)) for made, stage in stages.items()}
    try:
        order = list(TopologicalSorter(before).static_order())
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        raise TasbError(f"stages read each other's outcome: {cycle}") from error
    return {made: stages[made] for made in order}, before


def _finished(
    study: Study,
    draft: CellRun,
    own: list[str],
    ordered: dict[str, Stage],
    before: dict[str, tuple[str, ...]],
) -> CellRun:
    """Return the run of a cell with all that it needs, and the checksum of that."""
    files = [*draft.runs.values(), *draft.curve]
    for file in files:
        if file not in ordered:
            problem = unknown("run", file, [*own, *ordered])
            raise TasbError(f"{draft.name}: no stage makes it: {problem}")
    needed: set[str] = set()
    waiting = list(files)
    while waiting:
        made = waiting.pop()
        if made not in needed:
            needed.add(made)
            waiting += before[made]
    needs = tuple(made for made in ordered if made in needed)
    curve = draft.experiment.distractors
    proof = {
        "commands": [[made, *ordered[made].words] for made in needs],
        "tests": [asdict(test) for test in draft.tests],
        "runs": draft.runs,
        "measures": list(map(str, study.measures)),
        "recall": draft.experiment.recall,
        "curve": asdict(curve) if curve and draft.curve else None,
    }
    values = {f: getattr(draft, f) for f in CellRun.__slots__}
    return CellRun(
        **{**values, "needs": needs, "sha256": json_sha256(proof, sort_keys=True)}
    )
