"""A spec's YAML is read strictly, and every mistake names file and line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.regressions.catalog import choose_specs, load_specs
from tasb_pyserini.regressions.metric import Metric
from tasb_pyserini.regressions.schema import read_spec
from tests.regressions.tiny import copying_spec


def test_stages_are_put_in_the_order_that_they_read_each_other(
    data: Path, specs: Path
) -> None:
    path = specs / "copying.yaml"
    path.write_text(copying_spec(data))
    spec = read_spec(path)
    assert [stage.name for stage in spec.stages] == ["first", "second"]
    assert spec.stages[0].command == ("python", "tool.py", "given.txt", "first.txt")
    assert spec.stages[1].words(fast=True) == spec.stages[1].command
    (target,) = spec.targets
    assert {str(metric): score for metric, score in target.scores.items()} == {
        "RR@10": 0.625,
        "R(rel=2)@100": 0.25,
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("RR@10: 0.6250", "NDGC@10: 0.5", "unknown measure 'NDGC@10'"),
        ("RR@10: 0.6250", "MRR@10: 0.5", "expected the name that ir_measures prints"),
        ("RR@10: 0.6250", "nDCG(rel=2)@10: 1", "nDCG takes every grade"),
        ("RR@10: 0.6250", "RR@10:", "RR@10: nothing; expected a finite number"),
        ("RR@10: 0.6250", "RR@10: high", "RR@10: high; expected a finite number"),
        ("RR@10: 0.6250", "RR@10: 62.5", "RR@10: 62.5; expected a score from 0 to 1"),
        ("source: by hand", "sauce: by hand", "did you mean 'source'?"),
        ("source: by hand", "source: measured", "a mapping 'measured', both"),
        ("tolerance: 0\n", "tolerance: -1\n", "tolerance -1; expected 0 or more"),
        ("    tolerance: 0\n", "", "no key 'tolerance'; expected a finite number"),
        ("reason: four queries", "reason:", "reason: nothing; expected a text"),
        ("run: run.txt", "run: rum.txt", "did you mean 'run.txt'?"),
        ("reads: [first.txt, tool.py]", "reads: [fist.txt]", "did you mean 'first.t"),
        ("writes: run.txt", "writes: ../run.txt", "expected a path inside the folder"),
        ("writes: run.txt", "write: run.txt", "did you mean 'writes'?"),
        ("python tool.py first.txt run.txt", "rm run.txt", "command of 'rm': expected"),
        (
            "tool.py first.txt run",
            "tool.py first.txt | run",
            "nothing that needs shell",
        ),
        ("name: second", "name: first", "name first, a second time in stages"),
        (
            "writes: run.txt",
            "writes: ./first.txt",
            "first.txt, a second time in stages",
        ),
        ("title: Copies", "titel: Copies", "did you mean 'title'?"),
        ("name: copying", "name: copied", "name copied; expected the file's: copying"),
        (
            "reads: [given.txt, tool.py]",
            "reads: [run.txt]",
            "read each other's outcome",
        ),
        ("    sha256: ", "    sha256: 0", "expected 64 hexadecimal digits"),
        ("    from: tiny", "    form: tiny", "did you mean 'from'?"),
        ("title: Copies", "title: Copies\nnetwork: perhaps", "expected true or false"),
        ("title: Copies", "title: [Copies", "not YAML; expected key: value lines"),
    ],
)
def test_a_mistake_names_file_and_line(
    data: Path, specs: Path, old: str, new: str, message: str
) -> None:
    path = specs / "copying.yaml"
    text = copying_spec(data)
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(TasbError) as raised:
        read_spec(path)
    said = str(raised.value)
    assert message in said
    where, _, rest = said.removeprefix(f"{path}:").partition(":")
    assert said.startswith(f"{path}:")
    assert where.isdigit()
    # The line is that of the mistake, or of the mapping that lacks something.
    lines = path.read_text().splitlines()
    if new and "YAML" not in message and "no key" not in message:
        wrong = new.strip().splitlines()[-1].split(":")[0].split("[")[0].strip()
        assert wrong.split(" ")[0] in lines[int(where) - 1], rest


def test_a_score_that_nobody_has_measured_is_said_in_a_word(
    data: Path, specs: Path
) -> None:
    path = specs / "copying.yaml"
    path.write_text(copying_spec(data).replace("0.6250", "unmeasured"))
    assert None in read_spec(path).targets[0].scores.values()


def test_specs_that_use_each_other_in_a_circle_are_refused(
    data: Path, specs: Path
) -> None:
    for name, used in (("one", "two"), ("two", "three"), ("three", "one")):
        text = copying_spec(data, name, more=f"uses: [{used}]\n")
        (specs / f"{name}.yaml").write_text(text)
    with pytest.raises(TasbError, match=r"yaml:3: specs use each other: .* -> "):
        choose_specs(load_specs(specs), ["one"])


def test_used_specs_come_first_and_must_be_there(data: Path, specs: Path) -> None:
    (specs / "one.yaml").write_text(copying_spec(data, "one", more="uses: [two]\n"))
    (specs / "two.yaml").write_text(copying_spec(data, "two"))
    chosen = choose_specs(load_specs(specs), ["one"])
    assert [spec.name for spec in chosen] == ["two", "one"]
    (specs / "two.yaml").rename(specs / "twos.yaml")
    text = (specs / "twos.yaml").read_text().replace("name: two\n", "name: twos\n")
    (specs / "twos.yaml").write_text(text)
    with pytest.raises(TasbError, match="unknown spec 'two'; did you mean 'twos'"):
        choose_specs(load_specs(specs), ["one"])


@given(
    st.sampled_from(["nDCG", "RR", "AP", "R", "P"]),
    st.integers(1, 4),
    st.integers(1, 5000),
)
def test_a_metric_reads_what_it_prints(name: str, level: int, cutoff: int) -> None:
    rel = f"(rel={level})" if level > 1 and name != "nDCG" else ""
    text = f"{name}{rel}@{cutoff}"
    assert str(Metric.parse(text)) == text
