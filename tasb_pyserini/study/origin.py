"""What a record rests on beside its commands, and whether that is as it was."""

from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path

from tasb_pyserini.formats.checksum import path_sha256
from tasb_pyserini.study.plan import CellRun
from tasb_pyserini.study.prepare import CORPUS, QRELS, TOPICS
from tasb_pyserini.study.record import RecipeValues, Record
from tasb_pyserini.study.spec import Profile, Study
from tasb_pyserini.study.stage import Stage
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.recipe import COMMANDS, load_recipe, recipe_names

DATA = "data/"

Checksums = Callable[[str], str]
"""Data file → its SHA-256; empty where it is not at hand."""


def data_files(
    study: Study, profile: Profile, run: CellRun, stages: Iterable[Stage]
) -> list[str]:
    """Return the data files that numbers rest on and no command may name.

    They are the topics and qrels of the tests. Where something is trained, they are
    also the training files, and the topics of every test set: those queries are left
    out of training.

    Parameters
    ----------
    study, profile, run
        What was measured.
    stages
        All that it needs.
    """
    files = [
        f"{DATA}{test.collection}/{file}"
        for test in run.tests
        for file in (test.topics, test.qrels)
    ]
    if any(word.startswith("train/") for stage in stages for word in stage.inputs()):
        files += [f"{DATA}{t.collection}/{t.topics}" for t in study.tests.values()]
        files += [
            f"{DATA}{name}/{file}"
            for name in profile.trains
            for file in (CORPUS, f"train.{TOPICS}", f"train.{QRELS}")
        ]
    return list(dict.fromkeys(files))


def recipes_of(stages: Iterable[Stage]) -> dict[str, RecipeValues]:
    """Return the recipes of the package that commands train by, with their values.

    A recipe in a file of its own is a data file.
    """
    names = {_recipe_of(stage) for stage in stages} & {*recipe_names()}
    return {name: recipe_values(name) for name in sorted(names)}


def _recipe_of(stage: Stage) -> str:
    command = stage.words[1] if len(stage.words) > 1 else ""
    if "--recipe" in stage.words[:-1]:
        return stage.words[stage.words.index("--recipe") + 1]
    return COMMANDS.get(command, "")


def recipe_values(name: str) -> RecipeValues:
    """Return the values of a recipe, with the defaults of those that it leaves open.

    Examples
    --------
    >>> values = recipe_values("tct-colbert")
    >>> values["in_batch_loss"], values["temperature"], values["bins"]
    ('tct-kl', 0.25, 10)
    """
    recipe = load_recipe(name)
    defaults = {
        setting.name: setting.default
        for setting in fields(TrainingConfig)
        if setting.default is not MISSING
    }
    loss = {} if recipe.loss is None else {"loss": recipe.loss}
    return {**defaults, **recipe.training, **recipe.encoder, **loss}


def checksums(data: Path) -> Checksums:
    """Return what gives the checksums of data files, each read once.

    Parameters
    ----------
    data
        Folder of collections.
    """

    @cache
    def checksum(path: str) -> str:
        place = data / path.removeprefix(DATA)
        return path_sha256(place) if place.exists() else ""

    return checksum


def why_stale(record: Record, run: CellRun, now: Checksums) -> str:
    """Return why a record does not hold for a run as it is planned; empty if it does.

    What the record does not tell, and data that are not at hand, speak against nothing.
    """
    if record.sha256 != run.sha256:
        return "of the study as it was"
    for path, there in record.inputs.items():
        if now(path) not in ("", there):
            return f"of {path} as it was"
    for name, values in (record.recipes or {}).items():
        if name not in recipe_names() or not _holds(values, recipe_values(name)):
            return f"of recipe {name} as it was"
    return ""


def _holds(recorded: RecipeValues, now: RecipeValues) -> bool:
    return all(key in now and now[key] == value for key, value in recorded.items())
