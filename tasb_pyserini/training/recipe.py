"""Recipes by name: what the papers and their authors' code trained with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, cast, get_args

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.formats.yaml_file import parse_yaml, read_yaml
from tasb_pyserini.training.config import CHOICES, TrainingConfig
from tasb_pyserini.training.teachers.kind import TeacherLoss

ENCODER_KEYS = (
    "pooling",
    "query_prefix",
    "passage_prefix",
    "query_max_length",
    "passage_max_length",
)
"""What of an encoder's spec a recipe may say."""

LOSS = "loss"
"""What a teacher learns by; a student has `pair_loss` and `in_batch_loss`."""

COMMANDS = {"train": "standalone", "train-teacher": "teacher"}
"""Command of ``tasb`` → its recipe where none is given."""

TRAINING_KEYS = tuple(setting.name for setting in fields(TrainingConfig))
KEYS = (*TRAINING_KEYS, *ENCODER_KEYS, LOSS)
KINDS: dict[str, type] = {
    setting.name: type(setting.default)
    for setting in fields(TrainingConfig)
    if setting.name != "steps"
} | {"steps": int, "query_max_length": int, "passage_max_length": int}

TEXT_KEYS: dict[str, tuple[str, ...]] = CHOICES | {
    LOSS: get_args(TeacherLoss),
    "pooling": ("cls", "mean"),
    "query_prefix": (),
    "passage_prefix": (),
}
"""Keys whose values are text → those that there are; none: any."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings under a name.

    Parameters
    ----------
    name
        As it was asked for.
    training
        Of :class:`~tasb_pyserini.training.config.TrainingConfig`.
    encoder
        Of :class:`~tasb_pyserini.encoders.spec.EncoderSpec`.
    loss
        Of a teacher; None where the recipe says none.
    """

    name: str
    training: dict[str, Any] = field(default_factory=dict)
    encoder: dict[str, Any] = field(default_factory=dict)
    loss: TeacherLoss | None = None

    def config(self) -> TrainingConfig:
        """Return the settings of a run.

        Raises
        ------
        TasbError
            If a value is out of range, two do not go together, or `steps` is missing.
        """
        if "steps" not in self.training:
            raise TasbError(f"recipe {self.name!r} has no steps; expected a number")
        return TrainingConfig(**self.training)

    def spec(self, start: EncoderSpec) -> EncoderSpec:
        """Return what a student that begins as `start` is to become."""
        return replace(start, **self.encoder)

    def changed(self, values: Mapping[str, object]) -> "Recipe":
        """Return the recipe with other values.

        Parameters
        ----------
        values
            Key → value; text is read as the key's type.

        Raises
        ------
        TasbError
            If a key is unknown, or a value has the wrong type.
        """
        training, encoder, loss = dict(self.training), dict(self.encoder), self.loss
        for key, value in values.items():
            if key not in KEYS:
                raise TasbError(unknown("key", key, KEYS))
            if key == LOSS:
                loss = cast(TeacherLoss, _read_value(key, value))
                continue
            target = training if key in TRAINING_KEYS else encoder
            target[key] = _read_value(key, value)
        return Recipe(self.name, training, encoder, loss)


def recipe_names() -> list[str]:
    """Return the names of the recipes that come with the package."""
    folder = files("tasb_pyserini.training.recipes")
    return sorted(
        file.name.removesuffix(".yaml")
        for file in folder.iterdir()
        if file.name.endswith(".yaml")
    )


def load_recipe(name: str) -> Recipe:
    """Read a recipe of the package, or a YAML file of the same form.

    Raises
    ------
    TasbError
        If there is none of that name; the nearest is named. If a file is not YAML, or
        has an unknown key or a value of the wrong type; its line is named.
    """
    if name in recipe_names():
        resource = files("tasb_pyserini.training.recipes") / f"{name}.yaml"
        section = parse_yaml(Path(f"{name}.yaml"), resource.read_text(encoding="utf-8"))
    elif name.endswith((".yaml", ".yml")) and Path(name).is_file():
        section = read_yaml(Path(name))
    else:
        raise TasbError(unknown("recipe", name, recipe_names()))
    recipe = Recipe(name)
    for key, value in section.values.items():
        try:
            recipe = recipe.changed({key: value})
        except TasbError as error:
            raise section.error(key, error) from error
    return recipe


def _read_value(key: str, value: object) -> object:
    if key in TEXT_KEYS:
        if value is False and "no" in TEXT_KEYS[key]:
            return "no"  # YAML 1.1 reads the word as a truth value
        text = "" if value is None else str(value)
        if TEXT_KEYS[key] and text not in TEXT_KEYS[key]:
            raise TasbError(f"{key} {text}: expected {' or '.join(TEXT_KEYS[key])}")
        if not isinstance(value, str | None):  # as YAML reads [Q] and 7
            raise TasbError(f'{key} {text}: expected a text; quote it, such as "[Q]"')
        return text
    kind = KINDS[key]
    text = str(value)
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return kind(text)
    except (ValueError, KeyError) as error:
        words = {int: "a whole number", float: "a number", bool: "true or false"}
        raise TasbError(f"{key} {text}: expected {words[kind]}") from error
