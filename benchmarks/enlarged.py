"""Many vectors with the structure of a few real ones."""

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.bindings.faiss_library import load_faiss

Vectors = NDArray[np.float32]
NEIGHBOURS, NOISE, AT_ONCE = 8, 0.1, 10_000


def enlarge(real: Vectors, passages: int, seed: int = 0) -> Vectors:
    """Return the real vectors, followed by mixes of them.

    A mix is of a real vector and two of its 8 nearest, with weights drawn evenly
    (Dirichlet), plus noise a tenth as long as they are apart.
    """
    rng = np.random.default_rng(seed)
    index = load_faiss().IndexFlatL2(real.shape[1])
    index.add(real)
    squared, near = index.search(real, NEIGHBOURS + 1)
    apart = np.sqrt(squared[:, 1:].mean(axis=1) / real.shape[1])
    vectors = np.empty((max(passages, len(real)), real.shape[1]), np.float32)
    vectors[: len(real)] = real
    for start in range(len(real), passages, AT_ONCE):
        count = min(AT_ONCE, passages - start)
        base = rng.integers(len(real), size=count)
        others = rng.integers(1, NEIGHBOURS + 1, size=(count, 2))
        mixed = np.column_stack([base, np.take_along_axis(near[base], others, axis=1)])
        weights = rng.dirichlet([1, 1, 1], size=count).astype(np.float32)
        noise = rng.standard_normal((count, real.shape[1]), dtype=np.float32)
        noise *= NOISE * apart[base, None]
        vectors[start : start + count] = (
            np.einsum("nm,nmd->nd", weights, real[mixed]) + noise
        )
    return vectors
