"""The stages of a pipeline, from the sections of its file."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, replace
from pathlib import Path
from typing import Literal

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.names import parse_name, read_cards
from tasb_pyserini.encoders.pretrained import find_model
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.formats.section import Section
from tasb_pyserini.search.fusion.methods import METHODS
from tasb_pyserini.search.fusion.rule import OF_TWO, Fusion
from tasb_pyserini.search.pipeline.stages import (
    Bm25,
    Dense,
    Fuse,
    Rerank,
    Source,
    Stage,
)
from tasb_pyserini.search.rerank.models import MODELS
from tasb_pyserini.search.sparse import K1, B, check_bm25
from tasb_pyserini.search.tuned import Tuned

HITS = 1000
DEPTHS = {"cat": 1000, "monot5": 1000, "duot5": 50}
"""Model → hits a query, as in the TAS-B paper's mono-duo-T5 (§5.3)."""

TEXTS: tuple[Literal["collection", "index", "dataset"], ...] = (
    *("collection", "index", "dataset"),
)

Before = Mapping[str, Stage]


def read_bm25(section: Section, base: Path, before: Before) -> Bm25:
    """Read a stage of BM25."""
    k1, b = section.number("k1", K1), section.number("b", B)
    section.at("k1", lambda: check_bm25(k1, B))
    section.at("b", lambda: check_bm25(K1, b))
    return Bm25(
        name=section.text("name", "bm25"),
        index=_lucene_index(section, base),
        k1=k1,
        b=b,
        hits=section.count("hits", HITS),
    )


def read_dense(section: Section, base: Path, before: Before) -> Dense:
    """Read a stage of dense search."""
    index = _place(base, section.text("index"))
    if not (index / "index").is_file():
        problem = f"index {index}: no file 'index' in it"
        raise section.fault("index", problem, "a folder of 'tasb index'")
    name = section.text("encoder", "tasb")
    backend, location = section.at("encoder", lambda: astuple(parse_name(name)))
    if location not in read_cards() and _place(base, location).is_dir():
        location = str(_place(base, location))
        name = ":".join(filter(None, ("tasb", backend, location)))
    folder, _ = section.at("encoder", lambda: find_checkpoint(location))
    return Dense(
        name=section.text("name", "dense"),
        index=index,
        encoder=name,
        checkpoint=folder,
        hits=section.count("hits", HITS),
    )


def read_fuse(section: Section, base: Path, before: Before) -> Fuse:
    """Read a stage of fusion."""
    of = section.texts("of")
    if "tuned" in section.values:
        fusion = _tuned(section, base, before)
    else:
        fusion = _fusion(section)
    section.at("of", lambda: fusion.check_lists(len(of)))
    kinds = [type(before.get(name)) for name in of]
    if fusion.method in OF_TWO and kinds == [Dense, Bm25]:
        problem = f"of [{', '.join(of)}], and alpha weights the first"
        raise section.fault("of", problem, f"the sparse one first: [{of[1]}, {of[0]}]")
    name, k = section.text("name", "fuse"), section.count("k", HITS)
    return Fuse(name=name, of=of, fusion=fusion, k=k)


def read_rerank(section: Section, base: Path, before: Before) -> Rerank:
    """Read a stage of reranking, of the stage just above it unless it says another."""
    model = _one_of(section, tuple(MODELS), "model")
    location = section.text(model)
    if _place(base, location).is_dir():
        location = str(_place(base, location))
    section.at(model, lambda: MODELS[model].check(location))
    last = list(before)[-1] if before else ""
    return Rerank(
        name=section.text("name", model),
        of=section.text("of", last),
        model=model,
        checkpoint=find_model(location),
        depth=section.count("depth", DEPTHS[model]),
        source=_source(section, base),
    )


KINDS: dict[str, tuple[tuple[str, ...], Callable[[Section, Path, Before], Stage]]] = {
    "bm25": (("name", "index", "k1", "b", "hits"), read_bm25),
    "dense": (("name", "index", "encoder", "hits"), read_dense),
    "fuse": (
        ("name", "of", "method", "alpha", "weights", "normalization", "tuned", "k"),
        read_fuse,
    ),
    "rerank": (("name", "of", *MODELS, "depth", *TEXTS), read_rerank),
}
"""Kind of stage → its keys, and what reads it."""


def _place(base: Path, name: str) -> Path:
    return (base / Path(name).expanduser()).resolve()


def _lucene_index(section: Section, base: Path) -> Path | str:
    """Return the folder, or the name of a prebuilt index, which has no slash."""
    name = section.text("index")
    place = _place(base, name)
    if place.is_dir():
        return place
    if "/" in name or name.startswith("."):
        expected = "a Lucene index, or the name of one that Pyserini has"
        raise section.fault("index", f"index {place}: no such folder", expected)
    return name


def _source(section: Section, base: Path) -> Source:
    kind = _one_of(section, TEXTS, "source of texts")
    if kind == "index":
        return Source(kind="index", place=_lucene_index(section, base))
    place = _place(base, section.text(kind))
    if not place.exists():
        raise section.error(kind, f"{kind} {place}: no such file or folder")
    return Source(kind="dataset" if kind == "dataset" else "collection", place=place)


def _one_of(section: Section, keys: tuple[str, ...], what: str) -> str:
    given = [key for key in keys if key in section.values]
    if len(given) != 1:
        problem = " and ".join(given) or f"no {what}"
        expected = f"one of {', '.join(keys)}"
        raise section.fault(given[-1] if given else "", problem, expected)
    return given[0]


def _fusion(section: Section) -> Fusion:
    method = section.text("method")
    if method not in METHODS:
        raise section.error("method", unknown("method", method, METHODS))
    fusion = METHODS[method]
    if "alpha" in section.values:
        alpha = section.number("alpha")
        fusion = section.at("alpha", lambda: replace(fusion, alpha=alpha))
    if "weights" in section.values:
        weights = tuple(section.numbers("weights"))
        fusion = section.at("weights", lambda: replace(fusion, weights=weights))
    if "normalization" in section.values:
        name = section.text("normalization")
        return section.at("normalization", lambda: replace(fusion, normalisation=name))
    return fusion


def _tuned(section: Section, base: Path, before: Before) -> Fusion:
    """Return the rule that was tuned, if it was tuned on BM25 with these settings."""
    for key in ("method", "alpha", "weights", "normalization"):
        if key in section.values:
            raise section.fault(key, f"{key} with 'tuned', which says it", "one of two")
    path = _place(base, section.text("tuned"))
    if not path.is_file():
        raise section.error("tuned", f"tuned {path}: no such file")
    tuned = Tuned.read(path)
    for name in section.texts("of"):
        stage = before.get(name)
        if isinstance(stage, Bm25):
            for key, there, now in (
                ("k1", tuned.k1, stage.k1),
                ("b", tuned.b, stage.b),
            ):
                if there is not None and there != now:
                    problem = f"{path} was tuned with {key} {there:g} of BM25"
                    expected = f"the {key} of stage {name}, {now:g}"
                    raise section.fault("tuned", problem, expected)
    return Fusion(
        method=tuned.method, alpha=tuned.alpha, normalisation=tuned.normalisation
    )
