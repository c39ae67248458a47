"""Rules of fusion by the names that users give them."""

from tasb_pyserini.search.fusion.rule import Fusion

METHODS = {
    "rrf": Fusion(method="rrf"),
    "interpolation": Fusion(method="convex", alpha=0.5, missing="zero"),
    "average": Fusion(method="average", missing="zero"),
    "normalize": Fusion(method="sum", normalisation="min-max", missing="zero"),
    "hybrid": Fusion(method="interpolation", alpha=0.1),
    "convex": Fusion(method="convex", alpha=0.5, normalisation="min-max"),
    "sum": Fusion(method="sum", missing="zero"),
}
"""Name → rule; the first four are those of pyserini.fusion."""
