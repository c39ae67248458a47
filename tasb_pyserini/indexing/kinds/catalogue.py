"""All kinds of Faiss indexes by name."""

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.indexing.kinds.flat import FLAT
from tasb_pyserini.indexing.kinds.hnsw import HNSW
from tasb_pyserini.indexing.kinds.ivf import IVF
from tasb_pyserini.indexing.kinds.kind import Kind
from tasb_pyserini.indexing.kinds.parameters import Parameters
from tasb_pyserini.indexing.kinds.product import IVF_PQ, PQ
from tasb_pyserini.indexing.kinds.scalar import FP16, INT8

KINDS: dict[str, Kind] = {
    "flat": FLAT,
    "fp16": FP16,
    "int8": INT8,
    "hnsw": HNSW,
    "ivf": IVF,
    "pq": PQ,
    "ivf-pq": IVF_PQ,
}


def kind_named(name: str, parameters: Parameters) -> Kind:
    """Return a kind that has the parameters said.

    Raises
    ------
    TasbError
        If there is no such kind, or it has no such parameter.
    """
    if name not in KINDS:
        raise TasbError(unknown("kind of index", name, list(KINDS)))
    kind = KINDS[name]
    for parameter in Parameters.__slots__:
        if getattr(parameters, parameter) is not None and parameter not in kind.takes:
            having = [other for other in KINDS if parameter in KINDS[other].takes]
            raise TasbError(
                f"a {name} index has no parameter {parameter}; "
                f"expected it with {' or '.join(having)}"
            )
    return kind
