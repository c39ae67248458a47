"""Recipes have the papers' values, and a mistake in one is refused by its name."""

import re
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.config import CHOICES, TrainingConfig
from tasb_pyserini.training.recipe import (
    ENCODER_KEYS,
    TRAINING_KEYS,
    Recipe,
    load_recipe,
    recipe_names,
)

NAMES = [
    *("dual-random", "dual-tas", "in-batch-colbert", "margin-mse", "standalone"),
    *("tas", "tas-balanced", "tct-colbert", "tct-colbert-hn", "tct-colbert-hn-plus"),
]
SPEC = EncoderSpec(checkpoint="start")
TCT_READS = {
    "query_prefix": "[Q]",
    "passage_prefix": "[D]",
    "query_max_length": 32,
    "passage_max_length": 150,
}


def test_the_package_has_the_recipes_of_the_papers() -> None:
    assert {*NAMES} <= {*recipe_names()}


@pytest.mark.parametrize("name", recipe_names())
def test_every_value_of_a_recipe_cites_its_source(name: str) -> None:
    path = files("tasb_pyserini.training.recipes") / f"{name}.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    values = [line for line in lines if line and not line.startswith("#")]
    cited = re.compile(r"^\w+: +\S+ +# .*(§|eq\.|Table|matchmaker|paper|arXiv|same)")
    assert [line for line in values if not cited.search(line)] == []
    recipe = load_recipe(name)
    read = len(recipe.training) + len(recipe.encoder) + (recipe.loss is not None)
    assert len(values) == read
    assert lines[0].startswith("# ")


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_is_a_configuration(name: str) -> None:
    config = load_recipe(name).config()
    colbert = {"dual-random", "dual-tas", "in-batch-colbert", "tas-balanced"}
    assert config.needs_colbert == (name in colbert or name.startswith("tct"))
    assert load_recipe(name).spec(SPEC).checkpoint == "start"


def test_tas_balanced_is_that_of_the_paper() -> None:
    """TAS-B paper, §4.2 and §4.3; steps where the authors' cosine reaches zero."""
    config = load_recipe("tas-balanced").config()
    expected = {
        "strategy": "tas-balanced",
        "batch_size": 32,
        "clusters_per_batch": 1,
        "bins": 10,
        "learning_rate": 7e-6,
        "schedule": "cosine",
        "steps": 850_000,
        "pair_loss": "margin-mse",
        "in_batch_loss": "margin-mse",
        "in_batch_weight": 0.75,
        "normalisation": "code",
        "teacher_masks": 0,
        "validate_every": 4_000,
        "patience": 30,
        "encode_query": "once",
    }
    assert {key: asdict(config)[key] for key in expected} == expected
    spec = load_recipe("tas-balanced").spec(SPEC)
    assert (spec.query_max_length, spec.passage_max_length) == (30, 200)
    assert (spec.pooling, spec.query_prefix, spec.passage_prefix) == ("cls", "", "")


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("tct-colbert", 500_000),  # §4.1.1
        ("tct-colbert-hn", 100_000),  # §4.1.2
        ("tct-colbert-hn-plus", 100_000),  # §4.1.2
    ],
)
def test_tct_students_are_those_of_the_paper(name: str, steps: int) -> None:
    """Lin et al., RepL4NLP 2021, §3.2, §4.1.1 and §4.1.2."""
    config = load_recipe(name).config()
    assert config == TrainingConfig(
        steps=steps,
        batch_size=96,
        learning_rate=7e-6,
        schedule="constant",
        strategy="random",
        pair_loss="none",
        in_batch_loss="tct-kl",
        temperature=0.25,
    )
    assert load_recipe(name).encoder == {**TCT_READS, "pooling": "mean"}


def test_tct_teacher_is_that_of_the_paper() -> None:
    """Lin et al., RepL4NLP 2021, eq. 1, §3.2 and §4.1.1."""
    recipe = load_recipe("tct-teacher")
    assert recipe.config() == TrainingConfig(
        steps=500_000,
        batch_size=96,
        learning_rate=7e-6,
        schedule="constant",
        strategy="random",
    )
    assert (recipe.loss, recipe.encoder) == ("contrastive", TCT_READS)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("standalone", ("none", "contrastive", "random")),
        ("margin-mse", ("margin-mse", "none", "random")),
        ("tas", ("margin-mse", "none", "tas")),
        ("in-batch-colbert", ("none", "margin-mse", "random")),
        ("dual-random", ("margin-mse", "margin-mse", "random")),
        ("dual-tas", ("margin-mse", "margin-mse", "tas")),
    ],
)
def test_ablations_are_the_rows_of_table_4(
    name: str, row: tuple[str, str, str]
) -> None:
    config = load_recipe(name).config()
    assert (config.pair_loss, config.in_batch_loss, config.strategy) == row
    assert config.in_batch_weight == (0.75 if name.startswith("dual") else 1.0)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("tas-balance", "unknown recipe 'tas-balance'; did you mean 'tas-balanced'?"),
        ("TCT-colbert", "did you mean 'tct-colbert'?"),
        ("zzzz", "unknown recipe 'zzzz'; known: dual-random, dual-tas,"),
        ("absent.yaml", "unknown recipe 'absent.yaml'"),
    ],
)
def test_an_unknown_recipe_is_refused_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(TasbError, match=re.escape(near)):
        load_recipe(name)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"batchsize": 3}, "unknown key 'batchsize'; did you mean 'batch_size'?"),
        ({7: 3}, "unknown key 7; known: steps"),
        ({"steps": "many"}, "steps many: expected a whole number"),
        ({"steps": 1.5}, "steps 1.5: expected a whole number"),
        ({"steps": True}, "steps True: expected a whole number"),
        ({"steps": None}, "steps None: expected a whole number"),
        ({"learning_rate": "fast"}, "learning_rate fast: expected a number"),
        ({"gather": "maybe"}, "gather maybe: expected true or false"),
        ({"gather": 1}, "gather 1: expected true or false"),
        ({"schedule": "linear"}, "schedule linear: expected cosine or constant"),
        ({"pooling": "max"}, "pooling max: expected cls or mean"),
        ({"loss": "mse"}, "loss mse: expected ranknet or margin-mse or contrastive"),
    ],
)
def test_a_bad_key_or_value_is_refused(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(TasbError, match=re.escape(problem)):
        load_recipe("standalone").changed(values)


def test_a_value_out_of_range_is_refused() -> None:
    with pytest.raises(TasbError, match="learning_rate nan: expected a number above"):
        load_recipe("standalone").changed({"learning_rate": "nan"}).config()


def test_a_file_is_a_recipe_too_with_lines_as_yaml_has_them(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "steps: 5\nmixed_precision: no\nin_batch_loss: lambda\n"
        "gather: yes\nquery_prefix:\nlearning_rate: 1e-5\npatience: '3'\n"
    )
    recipe = load_recipe(str(path))
    config = recipe.config()
    assert config == TrainingConfig(
        steps=5,
        mixed_precision="no",
        in_batch_loss="lambda",
        gather=True,
        learning_rate=1e-5,
        patience=3,
    )
    assert recipe.encoder == {"query_prefix": ""}


def test_a_file_without_steps_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("batch_size: 4\n")
    with pytest.raises(TasbError, match=r"a\.yaml' has no steps; expected a number"):
        load_recipe(str(tmp_path / "a.yaml")).config()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"steps: 5\nbins: [1\nseed: 3\n", r"bad\.yaml:3: not YAML"),
        (b"steps: 5\nbins: {\n", r"bad\.yaml:3: not YAML"),
        (b"steps: 5\n\tbins: 4\n", r"bad\.yaml:2: not YAML"),
        (b"steps: 5\nbins: 4\nbins\x01: 4\n", r"bad\.yaml:3: not YAML"),
        (b"steps: 5\nbins: \xff\n", r"bad\.yaml: not UTF-8"),
        (b"- steps\n", r"bad\.yaml: not a mapping"),
        (b"", r"bad\.yaml: not a mapping"),
        (b"step: 5\n", r"bad\.yaml:1: unknown key 'step'; did you mean 'steps'\?"),
        (
            b"# mine\n\nsteps: 5\nbatchsize: 4\n",
            r"bad\.yaml:4: unknown key 'batchsize'; did you mean 'batch_size'\?",
        ),
        (b"bins: 4\nsteps: five\n", r"bad\.yaml:2: steps five: expected a whole"),
        (b"bins: 4\n7: five\n", r"bad\.yaml:2: unknown key 7; known: steps"),
        (
            b"steps: 4\nquery_prefix: [Q]\n",
            r"^\S+bad\.yaml:2: query_prefix \['Q'\]: expected a text; "
            r"quote it, such as \"\[Q\]\"$",
        ),
        (b"passage_prefix: 7\n", r"yaml:1: passage_prefix 7: expected a text; quote"),
        (b"passage_prefix: on\n", r"yaml:1: passage_prefix True: expected a text; q"),
        (b"query_prefix: {Q: 1}\n", "query_prefix a mapping: expected a text; quote"),
        (b"steps: 4\nbins: 4\nsteps: 5\n", r"yaml:3: a second 'steps', after line 1"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(
    tmp_path: Path, text: bytes, problem: str
) -> None:
    (tmp_path / "bad.yaml").write_bytes(text)
    with pytest.raises(TasbError, match=problem):
        load_recipe(str(tmp_path / "bad.yaml"))


def values_of(key: str) -> st.SearchStrategy[Any]:
    if key in CHOICES:
        return st.sampled_from(CHOICES[key])
    if key == "pooling":
        return st.sampled_from(["cls", "mean"])
    if key.endswith("prefix"):
        return st.text()
    kinds = {bool: st.booleans(), int: st.integers(), float: st.floats(allow_nan=False)}
    default = getattr(TrainingConfig(steps=1), key, 1)
    return kinds[type(default)]


@given(st.fixed_dictionaries({}, optional={k: values_of(k) for k in TRAINING_KEYS}))
def test_settings_as_text_are_read_back(values: dict[str, Any]) -> None:
    changed = Recipe("r").changed({key: str(value) for key, value in values.items()})
    assert changed == Recipe("r", values)
    assert [type(v) for v in changed.training.values()] == [
        type(v) for v in values.values()
    ]


@given(st.fixed_dictionaries({}, optional={k: values_of(k) for k in ENCODER_KEYS}))
def test_an_encoder_as_text_is_read_back(values: dict[str, Any]) -> None:
    changed = Recipe("r").changed({key: str(value) for key, value in values.items()})
    assert changed == Recipe("r", {}, values)


def test_changed_values_win_and_the_recipe_stays() -> None:
    recipe = load_recipe("tct-colbert")
    changed = recipe.changed({"steps": "7", "pooling": "cls"})
    assert (changed.config().steps, changed.spec(SPEC).pooling) == (7, "cls")
    assert (recipe.config().steps, recipe.spec(SPEC).pooling) == (500_000, "mean")
    assert changed.config().batch_size == 96
