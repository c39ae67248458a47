"""The study of the papers: sound, and with the papers' own numbers."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tasb_pyserini.regressions.catalog import load_specs
from tasb_pyserini.study.plan import make_plan
from tasb_pyserini.study.schema import read_study
from tasb_pyserini.study.spec import Study
from tasb_pyserini.training.recipe import load_recipe, recipe_names

PAPERS = Path(__file__).parents[2] / "docs" / "studies" / "papers.yaml"


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(PAPERS)


def test_its_profiles_can_be_planned(study: Study) -> None:
    for profile in study.profiles.values():
        plan = make_plan(study, profile)
        for stage in plan.stages.values():
            if "--recipe" in stage.words:
                recipe = stage.words[stage.words.index("--recipe") + 1]
                assert recipe in recipe_names()
        cells = {run.name for run in plan.runs}
        assert {name.split("/")[0] for name in cells} == {
            *("ablation", "losses", "batch", "tct", "hard", "pipeline", "transfer")
        }


@pytest.mark.parametrize("cell", ["hard/tct-hn", "transfer/dual.tas", "tct/baseline"])
def test_a_cell_alone_is_planned_as_among_all(study: Study, cell: str) -> None:
    """Students of one table start from those of another."""
    for profile in study.profiles.values():
        plan = make_plan(study, profile, [cell], [1])
        [run] = plan.runs
        assert run in make_plan(study, profile).runs
        assert set(plan.stages) == set(run.needs)


def test_the_ablation_has_five_seeds_of_twelve_cells(study: Study) -> None:
    for profile in study.profiles.values():
        runs = make_plan(study, profile, ["ablation"]).runs
        assert len(runs) >= 12 * 5
        assert len({run.sha256 for run in runs}) == len(runs)


@pytest.mark.parametrize(
    ("table", "experiment", "names"),
    [
        (
            "tas-balanced.table3",
            "losses",
            {
                "KLDiv": "kl",
                "ListNet": "listnet",
                "Lambdarank": "lambdarank",
                "Margin-MSE": "margin-mse",
            },
        ),
        (
            "tas-balanced.table4",
            "ablation",
            {"no teacher + Random": "none.random"}
            | {
                f"{teacher} + {sampling}": f"{teacher}.{sampling.lower()}"
                for teacher in ("pairwise", "in-batch", "dual")
                for sampling in ("Random", "TAS", "TAS-Balanced")
            },
        ),
    ],
)
def test_the_papers_numbers_are_those_of_the_regressions(
    study: Study, table: str, experiment: str, names: dict[str, str]
) -> None:
    targets = {target.name: target for target in load_specs()[table].targets}
    of = study.experiments[experiment]
    compared = 0
    for label, cell in names.items():
        paper = study.cell(f"{experiment}/{cell}")[1].paper
        for test, row in zip(of.paper_tests, paper, strict=True):
            name = f"{label}, {'dev' if test == 'heldout' else test}"
            assert name in targets
            scores = {
                f"{metric.measure}": value
                for metric, value in targets[name].scores.items()
            }
            for measure, number in zip(of.paper_measures, row, strict=True):
                assert scores.get(measure) == number
                compared += 1
    assert compared == len(names) * 9


def test_a_claim_says_where_the_pairwise_teacher_is_not_bert_cat(study: Study) -> None:
    """Only then is it the ColBERT of the in-batch loss a second time."""
    for profile in study.profiles.values():
        plan = make_plan(study, profile, ["ablation"], [profile.seeds[0]])
        taught = {
            run.name: plan.stages[f"cells/{run.name}/{run.seed}/model"].words
            for run in plan.runs
        }
        for claim in study.claims:
            for name in (name for pair in claim.pairs for name in pair):
                if name.startswith(("ablation/pairwise", "ablation/dual")):
                    assert ("pairs" in taught[name]) == (name not in profile.notes)


FLAGS = {
    "--schedule": "schedule",
    "--pooling": "pooling",
    "--query-prefix": "query_prefix",
    "--passage-prefix": "passage_prefix",
    "--query-max-length": "query_max_length",
}


def said(words: Sequence[str]) -> dict[str, str]:
    """What a ``tasb train`` says, or its recipe, or else the first defaults."""
    recipe = load_recipe(words[words.index("--recipe") + 1])
    values = {"pooling": "cls", "query_prefix": "", "passage_prefix": ""}
    values |= {key: f"{value}" for key, value in recipe.training.items()}
    values |= {key: f"{value}" for key, value in recipe.encoder.items()}
    values |= {
        key: words[words.index(flag) + 1]
        for flag, key in FLAGS.items()
        if flag in words
    }
    return {key: values[key] for key in FLAGS.values()}


@pytest.mark.parametrize("table", ["tct", "hard"])
def test_students_of_a_tct_table_differ_in_nothing_but_their_rows(
    study: Study, table: str
) -> None:
    for profile in study.profiles.values():
        plan = make_plan(study, profile, [table], [profile.seeds[0]])
        students = [
            said(plan.stages[f"cells/{run.name}/{run.seed}/model"].words)
            for run in plan.runs
        ]
        assert len(students) >= 3
        assert {tuple(one.items()) for one in students} == {
            tuple(
                {
                    "schedule": "constant",
                    "pooling": "mean",
                    "query_prefix": "",
                    "passage_prefix": "",  # as the ColBERT that teaches has none
                    "query_max_length": "32",
                }.items()
            )
        }
