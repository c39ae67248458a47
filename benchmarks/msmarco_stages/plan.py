"""The stages: where each one's function is, how much it measures, what it can use."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Stage:
    """A stage of the recipe.

    Parameters
    ----------
    function
        Module of this package, and function in it.
    on_cpu, on_gpu
        Fraction of the full size that is measured unless told; training has a number
        of steps of its own.
    most_gpus
        How many GPUs the stage can use; 0: none.
    """

    function: str
    on_cpu: float
    on_gpu: float = 0
    most_gpus: Literal[0, 1, 8] = 0

    def fraction(self, device: str) -> float:
        """Return what is measured on a device; ``cuda`` where the stage knows it."""
        return self.on_gpu if device == "cuda" and self.most_gpus else self.on_cpu


STAGES = {
    "pairs": Stage("data.import_pairs", 1),
    "tokens": Stage("data.tokenize", 0.01),
    "queries": Stage("encoding.encode_queries", 0.0025, 0.25, 1),
    "clusters": Stage("data.cluster", 1, 1, 1),
    "validate": Stage("encoding.validate", 0.001, 0.25, 1),
    "train": Stage("training.train", 1, 1, 8),
    "encode": Stage("encoding.encode_passages", 0.00003, 0.01, 1),
    # Faiss doubles its array as it grows: a power of two meets it as far grown.
    "index": Stage("data.build", 1 / 128),
}
PREPARE = Stage("training.prepare", 1)
