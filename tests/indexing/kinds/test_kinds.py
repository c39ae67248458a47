"""Each kind finds the best by inner product, in Pyserini as in our search."""

import resource
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.indexing.kinds.catalogue import KINDS
from tasb_pyserini.indexing.kinds.parameters import Parameters
from tasb_pyserini.search.faiss_index import FaissIndex, faiss_threads
from tests.indexing.vectors import uneven_vectors, write_vectors

faiss = pytest.importorskip("faiss")

PASSAGES = uneven_vectors(3000, 64)
QUERIES = uneven_vectors(30, 64, seed=2)
K = 100
BEST = np.argsort(-(QUERIES.astype(np.float64) @ PASSAGES.T.astype(np.float64)))[:, :K]

LEAST_RECALL = {
    "flat": 1.0,
    "fp16": 0.995,
    "int8": 0.97,
    "hnsw": 0.97,
    "ivf": 0.6,
    "pq": 0.85,
    "ivf-pq": 0.55,
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an index of each kind, built of four shards."""
    folder = tmp_path_factory.mktemp("kinds")
    write_vectors(folder / "E", PASSAGES, shard_size=900)
    for name in KINDS:
        assert build_index(folder / "E", folder / name, name) == len(PASSAGES)
    return folder


@pytest.mark.parametrize("name", KINDS)
def test_the_best_by_inner_product_are_found_though_lengths_differ(
    built: Path, name: str
) -> None:
    scores, positions = FaissIndex(built / name).search(QUERIES, K)
    found = [
        len(np.intersect1d(*rows)) / K for rows in zip(positions, BEST, strict=True)
    ]
    assert np.mean(found) >= LEAST_RECALL[name]
    exact = np.einsum("qd,qkd->qk", QUERIES, PASSAGES[positions])
    np.testing.assert_allclose(scores, exact, rtol=0.02, atol=1)


@pytest.mark.pyserini
@pytest.mark.parametrize("name", KINDS)
def test_pyserinis_own_searcher_finds_what_ours_does(built: Path, name: str) -> None:
    from tasb_pyserini.search.hybrid import result_class

    result_class()  # starts Java as Pyserini wants it
    from pyserini.search.faiss import FaissSearcher

    theirs = FaissSearcher(str(built / name), query_encoder=None)
    ours = FaissIndex(built / name)
    scores, positions = ours.search(QUERIES, K)
    for row in range(0, 30, 7):
        hits = theirs.search(QUERIES[row : row + 1], K)
        assert [hit.docid for hit in hits] == [ours.docids[p] for p in positions[row]]
        np.testing.assert_allclose([hit.score for hit in hits], scores[row], rtol=1e-5)
    _, hits = theirs.search(QUERIES[:1], K, return_vector=True)
    vectors = ours.reconstruct(positions[0])
    np.testing.assert_allclose([hit.vectors for hit in hits], vectors, rtol=1e-6)


@pytest.mark.parametrize("name", KINDS)
def test_hits_do_not_depend_on_the_batch_or_on_threads(built: Path, name: str) -> None:
    index = FaissIndex(built / name)
    scores, positions = index.search(QUERIES, K, threads=2)
    for row in range(len(QUERIES)):
        alone = index.search(QUERIES[row : row + 1], K, threads=1)
        np.testing.assert_array_equal(scores[row], alone[0][0])
        np.testing.assert_array_equal(positions[row], alone[1][0])


@pytest.mark.parametrize("name", KINDS)
def test_vectors_come_back(built: Path, name: str) -> None:
    positions = np.array([2999, 0, 17, 17])
    vectors = FaissIndex(built / name).reconstruct(positions)
    assert vectors.dtype == np.float32
    tolerance = {"flat": 0, "ivf": 0, "hnsw": 0, "int8": 0.1}.get(name, 0.01)
    np.testing.assert_allclose(vectors, PASSAGES[positions], atol=tolerance)


@pytest.mark.parametrize("name", [name for name in KINDS if name != "hnsw"])
def test_shards_make_the_same_index_as_one_piece(
    built: Path, tmp_path: Path, name: str
) -> None:
    """All but HNSW, whose graph depends on what is added together."""
    write_vectors(tmp_path / "whole", PASSAGES)
    with faiss_threads(1):
        build_index(tmp_path / "whole", tmp_path / "one", name)
        build_index(built / "E", tmp_path / "several", name)
    one, several = tmp_path / "one" / "index", tmp_path / "several" / "index"
    assert one.read_bytes() == several.read_bytes()


@pytest.mark.parametrize("name", KINDS)
def test_sizes_are_foretold(built: Path, name: str) -> None:
    said = KINDS[name].size(64, len(PASSAGES), Parameters())
    assert (built / name / "index").stat().st_size == pytest.approx(said, rel=0.1)


@pytest.mark.parametrize("name", KINDS)
def test_an_index_whose_last_byte_finds_no_room_is_not_written(
    built: Path, tmp_path: Path, name: str
) -> None:
    size = (built / name / "index").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size - 1, before[1]))
    try:
        with pytest.raises(TasbError, match="I: not written: File too large"):
            build_index(built / "E", tmp_path / "I", name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_parameters_are_kept_in_the_file(built: Path, tmp_path: Path) -> None:
    build_index(built / "E", tmp_path / "ivf", "ivf", Parameters(nlist=20, nprobe=20))
    index = faiss.read_index(str(tmp_path / "ivf" / "index"))
    assert (index.nlist, index.nprobe) == (20, 20)
    _, positions = index.search(QUERIES, K)
    np.testing.assert_array_equal(np.sort(positions), np.sort(BEST))
    hnsw = Parameters(links=8, ef_construction=40)
    build_index(built / "E", tmp_path / "hnsw", "hnsw", hnsw)
    index = faiss.read_index(str(tmp_path / "hnsw" / "index"))
    graph = index.hnsw
    assert (graph.efConstruction, graph.efSearch, graph.nb_neighbors(1)) == (40, 512, 8)
    assert faiss.read_index(str(built / "pq" / "index")).k_factor == 4


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("flatt", Parameters(), "unknown kind of index 'flatt'; did you mean 'flat'"),
        ("flat", Parameters(nlist=3), "has no parameter nlist; expected it with ivf"),
        ("ivf", Parameters(nlist=5000), "5,000 lists for 3,000 passages"),
        ("pq", Parameters(pq_m=40), "40 codes for 64 dimensions; expected at most 32"),
    ],
)
def test_what_does_not_fit_is_refused(
    built: Path, tmp_path: Path, name: str, parameters: Parameters, message: str
) -> None:
    with pytest.raises(TasbError, match=message):
        build_index(built / "E", tmp_path / "I", name, parameters)
    assert not list(tmp_path.iterdir())


def test_too_few_passages_for_codes_are_named(tmp_path: Path) -> None:
    write_vectors(tmp_path / "E", PASSAGES[:10])
    with pytest.raises(TasbError, match=r"10 passages are too few .* take --kind flat"):
        build_index(tmp_path / "E", tmp_path / "I", "pq")
