"""``tasb encode-topics`` writes the encoder's vectors in the form of the suffix."""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tasb_pyserini.cli import encode_topics
from tasb_pyserini.encoders.encoded_queries import read_encoded_queries
from tasb_pyserini.encoders.encoder import Encoder
from tests.checkpoints import make_checkpoint


@pytest.mark.parametrize("suffix", ["tsv", "jsonl"])
def test_topics_become_unit_vectors(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = make_checkpoint(tmp_path / "model", dimension=32)
    topics, output = tmp_path / "topics.tsv", tmp_path / f"queries.{suffix}"
    topics.write_text("7\twhat is a dog\nx\tcapital of france\n")
    parser = argparse.ArgumentParser()
    encode_topics.add_arguments(parser)
    words = ["--topics", str(topics), "--encoder", f"tasb:{checkpoint}", "--json"]
    assert encode_topics.run(parser.parse_args([*words, "--output", str(output)])) == 0
    assert json.loads(capsys.readouterr().out) == {"output": str(output), "queries": 2}
    encoder = Encoder.load(f"tasb:{checkpoint}", device="cpu")
    vectors = encoder.encode_queries(["what is a dog", "capital of france"])
    for line, qid, vector in zip(output.open(), ["7", "x"], vectors, strict=True):
        if suffix == "tsv":
            found, text = line.split("\t")
            written = json.loads(text)
        else:
            found, written = json.loads(line)["qid"], json.loads(line)["vector"]
        assert found == qid
        unit = [*(vector / np.linalg.norm(vector)), 0]
        np.testing.assert_allclose(written, unit, atol=1e-6)


def test_a_pickle_is_that_of_pyserinis_encoded_queries(tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tmp_path / "model", dimension=32)
    topics, output = tmp_path / "topics.tsv", tmp_path / "encoded" / "embedding.pkl"
    topics.write_text("7\twhat is a dog\nx\tcapital of france\n")
    parser = argparse.ArgumentParser()
    encode_topics.add_arguments(parser)
    words = ["--topics", str(topics), "--encoder", f"tasb:{checkpoint}"]
    assert encode_topics.run(parser.parse_args([*words, "--output", str(output)])) == 0
    queries = ["what is a dog", "capital of france"]
    vectors = Encoder.load(f"tasb:{checkpoint}").encode_queries(queries)
    # As pyserini.encode.QueryEncoder reads it.
    table = pd.read_pickle(output.parent / "embedding.pkl")
    by_text = dict(
        zip(table["text"].tolist(), table["embedding"].tolist(), strict=True)
    )
    assert list(by_text) == queries
    np.testing.assert_array_equal([by_text[query] for query in queries], vectors)
    ours = read_encoded_queries(output.parent)
    assert ours.qids == ["7", "x"]
    np.testing.assert_array_equal(ours.vectors, vectors)
