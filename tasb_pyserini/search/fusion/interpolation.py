"""Interpolation, the hybrid of the TCT-ColBERT and TAS-B papers."""

from tasb_pyserini.search.fusion.normalisation import Scores


def interpolation(sparse: Scores, dense: Scores, alpha: float) -> Scores:
    """Return ``alpha · sparse + dense`` (Lin et al., RepL4NLP 2021, §4.3).

    Parameters
    ----------
    sparse, dense
        Scores of the same documents, shape ``(n,)``; by the papers' rule a document
        that one list lacks has that list's lowest score.
    alpha
        Weight of the sparse side.
    """
    return alpha * sparse + dense
