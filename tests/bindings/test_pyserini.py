"""The commands of Pyserini, as its users type them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasb_pyserini.encoders.encoder import Encoder
from tests.bindings.conftest import PASSAGES, QUERIES, Python, Ranking, read_run
from tests.checkpoints import make_checkpoint
from tests.prebuilt.server import FileServer
from tests.prebuilt.small_indexes import packed

pytestmark = pytest.mark.pyserini


@pytest.fixture(scope="module")
def faiss_index(
    python: Python,
    corpus: Path,
    checkpoint: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("faiss") / "faiss-flat.tiny"
    python(
        *("-m", "pyserini.encode"),
        *("input", "--corpus", corpus),
        *("output", "--embeddings", folder, "--to-faiss"),
        *("encoder", "--encoder", f"tasb:{checkpoint}", "--device", "cpu"),
    )
    return folder


@pytest.fixture(scope="module")
def lucene_index(
    python: Python, corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("lucene") / "lucene-inverted.tiny"
    python(
        *("-m", "tasb_pyserini", "pyserini.index.lucene"),
        *("--collection", "JsonCollection", "--generator"),
        *("DefaultLuceneDocumentGenerator", "--threads", "1"),
        *("--input", corpus, "--index", folder),
        TASB_PYSERINI_HOOK="0",
    )
    return folder


@pytest.fixture(scope="module")
def expected(checkpoint: Path) -> Ranking:
    """Every query's ranking by the dot products of its vector, best first."""
    encoder = Encoder.load(f"tasb:{checkpoint}")
    passages = encoder.encode_passages(list(PASSAGES.values()))
    scores = encoder.encode_queries(list(QUERIES.values())) @ passages.T
    return [
        (qid, list(PASSAGES)[position], float(row[position]))
        for qid, row in zip(QUERIES, scores, strict=True)
        for position in np.argsort(-row)
    ]


def assert_same(found: Ranking, expected: Ranking) -> None:
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    scores = [row[2] for row in expected]
    assert [row[2] for row in found] == pytest.approx(scores, abs=1e-4)


def test_passages_of_many_lines_are_encoded_as_readme_tells_pyserini(
    python: Python, checkpoint: Path, tmp_path: Path
) -> None:
    texts = ["one line", "A title\nthe body of it", "A title\nthe body\nin two lines"]
    corpus, output = tmp_path / "corpus", tmp_path / "out"
    corpus.mkdir()
    lines = (json.dumps({"id": f"{n}", "contents": t}) for n, t in enumerate(texts))
    (corpus / "corpus.jsonl").write_text("\n".join(lines) + "\n")
    python(
        *("-m", "pyserini.encode"),
        *("input", "--corpus", corpus, "--delimiter", "<none>"),
        *("output", "--embeddings", output),
        *("encoder", "--encoder", f"tasb:{checkpoint}", "--device", "cpu"),
    )
    [file] = output.iterdir()
    found = [json.loads(line)["vector"] for line in file.read_text().splitlines()]
    expected = Encoder.load(f"tasb:{checkpoint}").encode_passages(texts)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_encode_writes_an_index_of_the_checkpoints_own_dimension(
    faiss_index: Path, checkpoint: Path
) -> None:
    faiss = pytest.importorskip("faiss")
    index = faiss.read_index(str(faiss_index / "index"))
    encoder = Encoder.load(f"tasb:{checkpoint}")
    vectors = encoder.encode_passages(list(PASSAGES.values()))
    assert np.abs(index.reconstruct_n(0, index.ntotal) - vectors).max() <= 1e-5
    assert (faiss_index / "docid").read_text().split() == list(PASSAGES)


def test_hybrid_search_adds_bm25_where_start_up_hooks_are_not_read(
    python: Python,
    faiss_index: Path,
    lucene_index: Path,
    topics: Path,
    checkpoint: Path,
    expected: Ranking,
    tmp_path: Path,
) -> None:
    python(
        *("-m", "tasb_pyserini", "pyserini.search.hybrid"),
        *("dense", "--index", faiss_index, "--encoder", f"tasb:{checkpoint}"),
        *("sparse", "--index", lucene_index, "fusion", "--alpha", "1000"),
        *("run", "--topics", topics, "--output", tmp_path / "run.txt"),
        TASB_PYSERINI_HOOK="0",
    )
    found = read_run(tmp_path / "run.txt")
    # So large an alpha leaves the first place to BM25: a passage with the words.
    firsts = {qid: docid for qid, docid, _ in reversed(found)}
    assert firsts == {"1": "d4", "2": "d3", "3": "d2"}
    assert len(found) == len(expected)


def serve(server: FileServer, folder: Path) -> dict[str, Any]:
    """Put an archive of an index on a server; return the files of its entry."""
    name, content = f"{folder.name}.tar.gz", packed(folder)
    server.files[name] = content
    md5 = hashlib.md5(content).hexdigest()
    urls = [server.url(name)]
    file = {"filename": name, "urls": urls, "md5": md5, "size": len(content)}
    return {"files": [file]}


def test_search_faiss_fetches_our_prebuilt_indexes_by_name(
    python: Python,
    faiss_index: Path,
    lucene_index: Path,
    topics: Path,
    checkpoint: Path,
    expected: Ranking,
    tmp_path: Path,
    server: FileServer,
) -> None:
    code = """
import json, sys
from pyserini.index.lucene import LuceneIndexReader
stats = LuceneIndexReader(sys.argv[1]).stats()
keys = ("documents", "total_terms", "unique_terms")
print(json.dumps({key: stats[key] for key in keys}))
"""
    statistics = json.loads(python("-c", code, lucene_index).stdout)
    assert statistics["documents"] == len(PASSAGES)
    entries: list[dict[str, Any]] = [
        {"name": "tiny.tasb", "kind": "faiss", "texts": "tiny"}
        | serve(server, faiss_index),
        {"name": "tiny", "kind": "lucene", **statistics} | serve(server, lucene_index),
    ]
    for entry in entries:
        entry["description"] = "five passages"
    (tmp_path / "catalog.json").write_text(json.dumps(entries))
    environment = {
        "TASB_CATALOG": str(tmp_path / "catalog.json"),
        "PYSERINI_CACHE": str(tmp_path / "cache"),
    }
    python(
        *("-m", "pyserini.search.faiss", "--index", "tiny.tasb", "--topics", topics),
        *("--encoder", f"tasb:{checkpoint}", "--output", tmp_path / "run.txt"),
        **environment,
    )
    assert_same(read_run(tmp_path / "run.txt"), expected)
    folders = {path.name for path in (tmp_path / "cache" / "indexes").glob("[!.]*")}
    assert folders == {
        f"{file['filename'].removesuffix('.tar.gz')}.{file['md5']}"
        for entry in entries
        for file in entry["files"]
    }


def test_a_wrong_catalogue_is_named(python: Python, tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text('[{"name": "x"}]')
    done = python(
        *("-m", "tasb_pyserini", "pyserini.search.faiss", "--help"),
        check=False,
        TASB_CATALOG=str(tmp_path / "catalog.json"),
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"pyserini.search.faiss: {tmp_path}/catalog.json: entry 'x': no key 'kind'; "
        "expected one of faiss, lucene, encoded-queries, topics, qrels, "
        "teacher-scores, collection\n"
    )


def test_pyserini_is_adapted_in_one_process(
    python: Python, faiss_index: Path, checkpoint: Path, tmp_path: Path
) -> None:
    other = make_checkpoint(tmp_path / "other", dimension=16)
    code = """
import json, shutil, sys
from pathlib import Path
import numpy as np
index, checkpoint, other, folder = map(Path, sys.argv[1:])
import pyserini.encode as encode
from pyserini.encode.optional import FaissRepresentationWriter
from pyserini.search.faiss import FaissSearcher
from pyserini.search.faiss.__main__ import init_query_encoder
from tasb_pyserini.formats.errors import TasbError

found = {}
for kind in ("query", "document"):
    classes = getattr(encode, f"{kind}_encoder_class_map")
    first, *_, last = classes
    found[kind] = [len(classes), first, last, classes[first].__name__]
    found[kind + " ance"] = classes["ance"].__name__
searcher = FaissSearcher(str(index), f"tasb:{checkpoint}")
found["by string"] = type(searcher.query_encoder).__name__
found["hits"] = [hit.docid for hit in searcher.search("what is a dog", k=2)]

def refusal(index, encoder):
    try:
        FaissSearcher(str(index), encoder)
    except TasbError as error:
        return str(error)

found["same"] = refusal(index, f"tasb:{checkpoint}")
found["other"] = refusal(index, f"tasb:{other}")
found["none"] = refusal(index, None)
unmarked = folder / "unmarked"
shutil.copytree(index, unmarked)
(unmarked / "encoder.json").unlink()
found["dimension"] = refusal(unmarked, f"tasb:{other}")

writer = FaissRepresentationWriter(str(folder / "written"), dimension=768)
with writer:
    for docid in ("a", "b"):
        vectors = np.ones((1, 4), dtype=np.float32)
        writer.write({"id": [docid], "vector": vectors}, ["text"])
found["written"] = [writer.dimension, writer.index.d, writer.index.ntotal]
print(json.dumps(found))
"""
    done = python("-c", code, faiss_index, checkpoint, other, tmp_path)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["query"] == [19, "tasb:", "tasb", "TasbQueryEncoder"]
    assert found["document"] == [19, "tasb:", "tasb", "TasbDocumentEncoder"]
    assert found["query ance"] == "AnceQueryEncoder"
    assert found["document ance"] == "AnceDocumentEncoder"
    assert found["by string"] == "TasbQueryEncoder"
    assert len(found["hits"]) == 2
    assert found["dimension"] == (
        f"{tmp_path / 'unmarked'}: an index of 32 dimensions, but query vectors of 16; "
        "search with the encoder that built it"
    )
    assert found["same"] is None
    assert "index 32, query encoder 16" in found["other"]
    assert found["none"] is None
    assert found["written"] == [4, 4, 2]


def test_an_index_of_stock_pyserini_says_what_encoded_it(
    python: Python, checkpoint: Path, tmp_path: Path
) -> None:
    another = make_checkpoint(tmp_path / "another", dimension=32, seed=3)
    code = """
import sys
from pathlib import Path
import pyserini.encode as encode
from pyserini.encode.optional import FaissRepresentationWriter
from tasb_pyserini.encoders.spec import check_index
from tasb_pyserini.formats.errors import TasbError

checkpoint, another, folder = sys.argv[1:]
encoder = encode.document_encoder_class_map["tasb:"]
ours, theirs = encoder(f"tasb:{checkpoint}"), encoder(f"tasb:{another}")

def written(*batches):
    writer = FaissRepresentationWriter(folder)
    with writer:
        for vectors in batches:
            writer.write({"id": ["d"], "vector": vectors()}, ["text"])
    return (Path(folder) / "encoder.json").exists()

text = lambda encoder: lambda: encoder.encode(["what is a dog"], max_length=256)
print(written(text(ours), text(ours)))
check_index(Path(folder), ours.spec)
try:
    check_index(Path(folder), theirs.spec)
except TasbError as error:
    print(str(error).partition(" (")[0])
print(written(text(ours), text(theirs)), written(lambda: text(ours)() * 2), written())
"""
    folder = tmp_path / "written"
    done = python("-c", code, checkpoint, another, folder)
    assert done.stdout.splitlines()[-3:] == [
        "True",
        f"{folder}: this index and the query encoder do not belong together",
        "False False False",
    ]


def test_pyserini_asks_the_network_when_an_index_is_named_and_not_before(
    python: Python, tmp_path: Path
) -> None:
    code = """
import socket
attempts = []
look_up = socket.getaddrinfo

def counted(*where, **how):
    attempts.append(where)
    return look_up(*where, **how)

socket.getaddrinfo = counted
import pyserini.prebuilt_index_info as info
print(len(attempts))
print(info.IMPACT_INDEX_INFO["msmarco-passage-unicoil-d2q"]["md5"])
for name in ("msmarco-v1-passage.no-such", "beir-v1.0.0-no-such"):
    print(name in info.IMPACT_INDEX_INFO or name in info.FAISS_INDEX_INFO)
print(info.FAISS_INDEX_INFO["msmarco-v1-passage.tasb"]["md5"])
print(len(attempts), hasattr(info, "urlopen"))
"""
    done = python("-c", code, PYSERINI_CACHE=str(tmp_path))
    at_import, unicoil, first, second, tasb, rest = done.stdout.splitlines()
    assert at_import == "0"
    assert unicoil == "f926bd3e17d210ff041f880d27bdcd6f"
    assert (first, second) == ("False", "False")
    assert tasb == "538546d5818527a51d87ce482e7a197e"
    # Pyserini 1 has its catalogues on board; Pyserini 2 tries once, not per catalogue.
    assert rest in ("0 False", "1 True")
    assert done.stderr.count("could not be read") == int(rest[0])
