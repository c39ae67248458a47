"""The YAML file of a study, checked before any work."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.formats.section import Section
from tasb_pyserini.formats.yaml_file import read_yaml
from tasb_pyserini.study.schema_claims import check_claims, read_claim
from tasb_pyserini.study.schema_tables import read_experiment
from tasb_pyserini.study.spec import Profile, StageTemplate, Study, TestSet

KEYS = (
    *("name", "title", "about", "limits", "measures", "tests", "values", "profiles"),
    *("shared", "chains", "experiments", "claims"),
)
TEST_KEYS = ("name", "title", "collection", "topics", "qrels", "level")
STAGE_KEYS = ("writes", "command", "each", "resumes", "temporary")
PROFILE_KEYS = (
    *("name", "about", "trains", "pretrains", "tests", "values", "seeds"),
    *("seeds_of", "not_run", "notes"),
)

Named = TypeVar("Named", bound=TestSet | Profile)


def read_study(path: Path) -> Study:
    """Read a study.

    Raises
    ------
    InputError
        If the file is not YAML, or a key is unknown, missing or of the wrong kind.
    TasbError
        If a measure is unknown, or a name is of nothing in the file.
    """
    section = read_yaml(path)
    section.refuse_unknown(KEYS)
    name = section.text("name")
    if path.name != f"{name}.yaml":
        raise section.fault("name", f"name {name}", f"the file's: {path.stem}")
    tests = _by_name(section, "tests", _test)
    experiments = [
        read_experiment(item, tests) for item in section.sections("experiments")
    ]
    _refuse_twice(section, "experiments", (e.name for e in experiments))
    study = Study(
        path=path,
        name=name,
        title=section.text("title"),
        about=section.text("about").strip(),
        limits=section.text("limits").strip(),
        measures=section.at(
            "measures", lambda: tuple(map(Measure.parse, section.texts("measures")))
        ),
        tests=tests,
        values=section.texts_by_key("values"),
        profiles=_by_name(section, "profiles", _profile),
        shared=tuple(map(_stage, section.sections("shared"))),
        chains=_chains(section),
        experiments={experiment.name: experiment for experiment in experiments},
        claims=tuple(map(read_claim, section.sections("claims"))),
    )
    _check_names(study, section)
    check_claims(study, section.sections("claims"))
    return study


def _by_name(
    section: Section, key: str, read: Callable[[Section], Named]
) -> dict[str, Named]:
    items = [read(item) for item in section.sections(key)]
    if not items:
        raise section.fault(key, f"no {key}", "at least one")
    _refuse_twice(section, key, (item.name for item in items))
    return {item.name: item for item in items}


def _refuse_twice(section: Section, key: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise section.fault(key, f"a second {name!r} in {key}", "each name once")
        seen.add(name)


def _test(section: Section) -> TestSet:
    section.refuse_unknown(TEST_KEYS, "key of a test set")
    return TestSet(
        name=section.text("name"),
        title=section.text("title"),
        collection=section.inner_path("collection"),
        topics=section.inner_path("topics"),
        qrels=section.inner_path("qrels"),
        level=section.count("level", 1),
    )


def _stage(section: Section) -> StageTemplate:
    section.refuse_unknown(STAGE_KEYS, "key of a stage")
    return StageTemplate(
        writes=section.inner_path("writes"),
        command=section.text("command"),
        each=section.flag("each"),
        resumes=section.flag("resumes"),
        temporary=section.flag("temporary"),
    )


def _chains(section: Section) -> dict[str, tuple[StageTemplate, ...]]:
    chains = section.values.get("chains")
    if not isinstance(chains, Section):
        raise section.fault("chains", "no chains", "name: list of stages")
    return {
        str(name): tuple(map(_stage, chains.sections(name))) for name in chains.values
    }


def _profile(section: Section) -> Profile:
    section.refuse_unknown(PROFILE_KEYS, "key of a profile")
    few = section.values.get("seeds_of")
    return Profile(
        name=section.text("name"),
        about=section.text("about", "").strip(),
        trains=section.texts("trains"),
        pretrains=section.texts("pretrains"),
        tests=section.texts("tests"),
        values=section.texts_by_key("values"),
        seeds=_seeds(section, "seeds"),
        seeds_of={str(name): _seeds(few, name) for name in few.values}
        if isinstance(few, Section)
        else {},
        not_run=section.texts_by_key("not_run"),
        notes=section.texts_by_key("notes"),
    )


def _seeds(section: Section, key: str) -> tuple[int, ...]:
    seeds = section.texts(key)
    if not all(seed.isdecimal() for seed in seeds) or len(set(seeds)) < len(seeds):
        raise section.fault(key, f"{key}: {[*seeds]}", "whole numbers that differ")
    return tuple(map(int, seeds))


def _check_names(study: Study, section: Section) -> None:
    cells = study.all_cells()
    profiles = section.sections("profiles")
    for profile, where in zip(study.profiles.values(), profiles, strict=True):
        for test in profile.tests:
            if test not in study.tests:
                raise where.error("tests", unknown("test set", test, study.tests))
        for key, names in (("not_run", profile.not_run), ("notes", profile.notes)):
            for name in names:
                if name not in cells and name not in study.experiments:
                    raise where.error(key, unknown("cell", name, cells))
        for name in profile.seeds_of:
            if name not in study.experiments:
                problem = unknown("experiment", name, study.experiments)
                raise where.error("seeds_of", problem)
    items = section.sections("experiments")
    for experiment, where in zip(study.experiments.values(), items, strict=True):
        rows = where.sections("cells")
        for cell, row in zip(experiment.cells, rows, strict=True):
            if cell.same_as and cell.same_as not in cells:
                raise row.error("same_as", unknown("cell", cell.same_as, cells))
            for chain in cell.chains or experiment.chains:
                if chain not in study.chains:
                    at = row if cell.chains else where
                    raise at.error("chains", unknown("chain", chain, study.chains))
