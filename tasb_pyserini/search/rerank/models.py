"""The models that rerank, by name."""

from tasb_pyserini.search.rerank.cat import Cat
from tasb_pyserini.search.rerank.duot5 import DuoT5
from tasb_pyserini.search.rerank.monot5 import MonoT5

Model = Cat | MonoT5 | DuoT5

MODELS: dict[str, type[Model]] = {"cat": Cat, "monot5": MonoT5, "duot5": DuoT5}
"""Name → model, in the order in which `tasb rerank` runs them."""
