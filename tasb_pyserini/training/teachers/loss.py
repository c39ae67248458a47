"""What a teacher may learn by."""

from typing import Literal

TeacherLoss = Literal["ranknet", "margin-mse", "contrastive"]
"""See :class:`~tasb_pyserini.training.tasks.teachers.TeacherTask`."""
