"""The specs of the package say what their sources say."""

import hashlib
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tasb_pyserini.prebuilt.catalog import our_catalog
from tasb_pyserini.regressions.catalog import load_specs
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.target import UNMEASURED
from tests.conftest import Collections

SPECS = load_specs()

PUBLISHED = {
    "tasb": ".3444 .9771 .4590 .7210 .8406 .4698 .6854 .8727",
    "tasb.avg-prf": ".2910 .9613 .4856 .7190 .8517 .4887 .7086 .9030",
    "tasb.rocchio-prf": ".2896 .9702 .4974 .7231 .8775 .4879 .7083 .8926",
    "d2q-t5.default": ".2723 .9470 .4034 .6417 .8310 .4074 .6187 .8452",
    "d2q-t5.paper": ".2768 .9471 .4052 .6482 .8269 .4082 .6192 .8443",
    "d2q-t5.tuned": ".2816 .9506 .4046 .6336 .8134 .4171 .6265 .8393",
}
"""Spec → RR@10 and R@1000 on dev, AP, nDCG@10 and R@1000 on DL19, on DL20."""

TWO_CLICK = {
    "tasb": "distilbert-kd-tasb-pytorch",
    "tasb.avg-prf": "distilbert-kd-tasb-avg-prf-pytorch",
    "tasb.rocchio-prf": "distilbert-kd-tasb-rocchio-prf-pytorch",
    "d2q-t5.default": "bm25-d2q-t5-default",
    "d2q-t5.tuned": "bm25-d2q-t5-tuned",
}
"""Spec → its condition in Pyserini's ``2cr/msmarco-v1-passage.yaml``."""

METRICS = "RR@10 R@1000" + 2 * " AP(rel=2) nDCG@10 R(rel=2)@1000"


@pytest.mark.parametrize("name", PUBLISHED)
def test_msmarco_scores_are_those_published(name: str) -> None:
    targets = SPECS[f"msmarco-v1-passage.{name}"].targets
    scores = [item for target in targets for item in target.scores.items()]
    assert " ".join(str(metric) for metric, _ in scores) == METRICS
    assert [score for _, score in scores] == list(map(float, PUBLISHED[name].split()))


@pytest.mark.pyserini
@pytest.mark.parametrize("name", TWO_CLICK)
def test_scores_and_commands_are_those_of_the_installed_pyserini(name: str) -> None:
    found = find_spec("pyserini")
    assert found is not None
    assert found.origin is not None
    file = Path(found.origin).parent / "2cr" / "msmarco-v1-passage.yaml"
    conditions = yaml.safe_load(file.read_text())["conditions"]
    [theirs] = [each for each in conditions if each["name"] == TWO_CLICK[name]]
    ours = SPECS[f"msmarco-v1-passage.{name}"]
    published = [
        score
        for topics in theirs["topics"]
        for scores in topics["scores"]
        for score in scores.values()
    ]
    targets = ours.targets
    assert [s for target in targets for s in target.scores.values()] == published
    told = {word for word in theirs["command"].split() if "$" not in word}
    for stage in ours.stages:
        assert told <= set(stage.command)


def test_scifact_is_held_against_anserinis_regression() -> None:
    published = SPECS["scifact.bm25"].targets[0]
    assert list(published.scores.values()) == [0.6789, 0.9253]
    assert published.tolerance == 0


@pytest.mark.parametrize("table", [3, 4, 5, 6, 7])
def test_paper_tables_are_recorded_and_only_published_models_can_pass(
    table: int,
) -> None:
    spec = SPECS[f"tas-balanced.table{table}"]
    runnable = {t.name.split(",")[0] for t in spec.targets if not t.paper_only}
    expected = {6: {"TAS-Balanced 256"}, 7: {"docT5query"}}
    assert runnable == expected.get(table, set())
    assert not spec.stages
    for target in spec.targets:
        assert f"Table {table}" in target.source


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_indexes_have_the_checksums_of_the_catalogue(spec: Spec) -> None:
    for index in spec.indexes:
        ours = our_catalog()[index.name]
        (file,) = ours.files
        there = (index.md5, index.size, index.documents)
        assert there == (file.md5, file.size, ours.documents)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_inputs_have_the_checksums_of_the_data(
    spec: Spec, collections: Collections
) -> None:
    for item in spec.inputs:
        name, _, file = item.source.partition("/")
        content = (collections(name) / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == item.sha256


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_specs_keep_the_house_rules(spec: Spec) -> None:
    assert spec.network == bool(spec.indexes or (spec.uses and spec.network))
    for stage in spec.stages:
        # Pyserini reads topics at any path with this name in CACM's own format.
        assert not any("cacm" in word for word in stage.command)
        assert stage.writes in stage.command
        # Without k1 and b, Pyserini sets others for the index of docT5query.
        if "pyserini.search.lucene" in stage.command:
            assert {"--k1", "--b"} <= set(stage.command)
    if "offline" in spec.tags:
        assert not spec.network
        scores = [s for target in spec.targets for s in target.scores.values()]
        assert None not in scores, UNMEASURED
        assert all(re.search("[a-z]", target.reason) for target in spec.targets)
