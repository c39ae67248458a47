"""Pyserini's Faiss searcher, made to check that index and query encoder match."""

from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from tasb_pyserini.encoders.names import is_our_name
from tasb_pyserini.encoders.query import TasbQueryEncoder
from tasb_pyserini.encoders.spec import EncoderSpec, check_dimension, check_index


def adapt_searcher(module: ModuleType) -> None:
    """Adapt ``FaissSearcher``: our encoders by name, a check of the index, and ties.

    Its methods are replaced one by one, since Pyserini compares the class itself.
    """
    searcher = module.FaissSearcher
    searcher._init_encoder_from_str = staticmethod(
        name_our_encoders(searcher._init_encoder_from_str)
    )
    searcher.load_index = check_on_load(searcher.load_index)
    searcher.search = order_ties(searcher.search)
    searcher.batch_search = order_ties(searcher.batch_search)


def name_our_encoders(init_encoder: Any) -> Any:
    """Wrap ``_init_encoder_from_str``: ``tasb`` and ``tasb:…`` mean our encoder."""

    @wraps(init_encoder)
    def init_encoder_from_str(encoder: str) -> Any:
        if is_our_name(encoder):
            return TasbQueryEncoder(encoder_dir=encoder)
        return init_encoder(encoder)

    return init_encoder_from_str


def check_on_load(load_index: Any) -> Any:
    """Wrap ``load_index``: an index that a TAS-B encoder can't search is an error.

    Raises
    ------
    TasbError
        If the index was built by another encoder or has another dimension.
    """

    @wraps(load_index)
    def load_checked_index(self: Any, index_dir: str) -> Any:
        spec = getattr(self.query_encoder, "spec", None)
        if not isinstance(spec, EncoderSpec):
            return load_index(self, index_dir)
        check_index(Path(index_dir), spec)
        index, docids = load_index(self, index_dir)
        check_dimension(Path(index_dir), index.d, spec.dimension)
        return index, docids

    return load_checked_index


def order_ties(search: Any) -> Any:
    """Wrap ``search`` and ``batch_search``: hits of our encoders tie as in trec_eval.

    Faiss leaves the order of equal scores to chance, so that a run would depend on
    batch and threads. Other encoders' hits, and those with vectors, stay as they are.
    """

    @wraps(search)
    def search_in_order(self: Any, *args: Any, **options: Any) -> Any:
        found = search(self, *args, **options)
        spec = getattr(self.query_encoder, "spec", None)
        if not isinstance(spec, EncoderSpec):
            return found
        if isinstance(found, dict):
            return {qid: in_order(hits) for qid, hits in found.items()}
        return in_order(found) if isinstance(found, list) else found

    return search_in_order


def in_order(hits: list[Any]) -> list[Any]:
    """Sort hits by score as a run prints it, equal ones by docid, both descending."""
    return sorted(
        hits, key=lambda hit: (float(f"{hit.score:.6f}"), hit.docid), reverse=True
    )
