"""The size of an encoder that pre-training makes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEncoder:
    """A new DistilBERT.

    Parameters
    ----------
    start
        ``lsa``, see :mod:`tasb_pyserini.training.spectral`; or ``random`` weights.
    layers, dimension, heads
        See :func:`~tasb_pyserini.training.student.random_student`.
    vocabulary
        Word pieces to learn, special tokens included.
    """

    start: str = "lsa"
    layers: int = 2
    dimension: int = 256
    heads: int = 4
    vocabulary: int = 8000
