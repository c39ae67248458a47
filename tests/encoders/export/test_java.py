"""Anserini's Java runs the file that we export."""

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tasb_pyserini.bindings.java import OLDEST
from tasb_pyserini.bindings.jvm import anserini_jar, find_java
from tasb_pyserini.cli.main import main
from tasb_pyserini.encoders.encoder import Encoder
from tests.bindings.conftest import CHECKOUT, Python, python
from tests.encoders.models import make_model

pytestmark = pytest.mark.pyserini

__all__ = ["python"]

TEXTS = [
    "dense retrieval",
    "The copy, of the TREE?",
    "café naïve",
    "京 山 tree",
    "word-piece 🌲 unknownword covid-19",
]
OTHERS = ["京山 tree", "dense passage retriever " * 30]
"""What Anserini tokenises otherwise, as docs/backends.md says."""

ENCODING = """
import json, sys
import jnius_config

home, classes, name, texts = sys.argv[1:]
jnius_config.add_options(f"-Duser.home={home}")
jnius_config.add_classpath(classes)
from tasb_pyserini.bindings.jvm import start_jvm

start_jvm()
from jnius import autoclass

encoder = autoclass(f"io.anserini.encoder.dense.{name}")()
print(json.dumps([list(encoder.encode(text)) for text in json.loads(texts)]))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("model") / "model")


def export(model: Path, home: Path, name: str, precision: str = "fp32") -> Path:
    """Put an export where Anserini looks for `name`; return its vocabulary."""
    output = home / ".cache" / "pyserini" / "encoders" / name
    words = ["--encoder", f"tasb:{model}", "--output", str(output)]
    assert main(["export", *words, "--precision", precision]) == 0
    return output.with_suffix(".vocab.txt")


def encode(
    python: Python, home: Path, classes: Path, name: str, texts: list[str]
) -> NDArray[np.float32]:
    # Anserini 1 heeds user.home, Anserini 2 this variable before it.
    cache = str(home / ".cache" / "pyserini")
    arguments = ["-c", ENCODING, home, classes, name, json.dumps(texts)]
    out = python(*arguments, PYSERINI_CACHE=cache).stdout
    return np.array(json.loads(out.splitlines()[-1]), np.float32)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_class_of_anserinis_takes_our_file_for_its_own(
    precision: str, model: Path, python: Python, tmp_path: Path
) -> None:
    vocabulary = export(model, tmp_path, "cosdpr-distil-optimized.onnx", precision)
    vocabulary.rename(vocabulary.with_name("cosdpr-distil-vocab.txt"))
    found = encode(python, tmp_path, tmp_path, "CosDprDistilEncoder", TEXTS + OTHERS)
    expected = Encoder.load(f"tasb:onnx:{model}").encode_queries(TEXTS + OTHERS)
    scale = np.abs(expected).max()
    bound = (1e-4 if precision == "fp32" else 0.1) * scale
    same = np.abs(found - expected).max(axis=1) <= bound
    assert same.tolist() == [True] * len(TEXTS) + [False] * len(OTHERS)


def test_the_class_in_the_documentation_encodes_for_lucene(
    model: Path, python: Python, tmp_path: Path
) -> None:
    compiler = find_java().home / "bin" / "javac"
    if not compiler.is_file():
        pytest.skip(f"no javac of Java {OLDEST} or newer")
    guide = (CHECKOUT / "docs" / "backends.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```java\n(.*?)```", guide, re.DOTALL)
    source = tmp_path / "TasbEncoder.java"
    source.write_text(code)
    classes = tmp_path / "classes"
    words = [compiler, "-cp", anserini_jar(), "-d", classes, source]
    subprocess.run(list(map(str, words)), check=True)
    export(model, tmp_path, "tasb.onnx")
    texts = [*TEXTS, OTHERS[1]]
    found = encode(python, tmp_path, classes, "TasbEncoder", texts)
    vectors = Encoder.load(f"tasb:onnx:{model}").encode_queries(texts)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = np.pad(unit, ((0, 0), (0, 1)))
    np.testing.assert_allclose(found, expected, atol=1e-4)
