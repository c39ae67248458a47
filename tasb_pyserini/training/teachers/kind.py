"""The kinds of teacher, what they learn by, and which settings are none of theirs."""

from typing import Literal

Kind = Literal["cat", "colbert"]

TeacherLoss = Literal["ranknet", "margin-mse", "contrastive"]
"""See :class:`~tasb_pyserini.training.tasks.teachers.TeacherTask`."""

STUDENT_ONLY = (
    "pair_loss",
    "in_batch_loss",
    "in_batch_weight",
    "normalisation",
    "temperature",
    "encode_query",
    "cache_chunk",
    "refresh_every",
    "refresh_depth",
    "refresh_skip",
    "refresh_negatives",
    "gather",
    "compile",
    "validate_every",
    "patience",
    "stop_not_before",
    "keep",
)
"""Settings of a student's run that a teacher's leaves as they are."""
