"""What is measured of a stage, and on how much of MS MARCO."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from training_fakes import Size

from tasb_pyserini.encoders.spec import EncoderSpec

PASSAGES, QUERIES, ALL_QUERIES = 8_841_823, 400_000, 808_731
"""The collection; the queries with teacher scores; those of ``queries.train.tsv``."""

CLUSTERS, PAIRS_A_QUERY = 2_000, 100
VALIDATION_QUERIES, VALIDATION_DEPTH = 3_200, 100  # TAS-B paper, §4.3


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How much of a stage runs, and on what.

    Parameters
    ----------
    folder
        Scratch, with the untrained model in ``start``.
    device
        ``cpu`` or ``cuda``.
    fraction
        Of the full size; training makes a fixed number of steps instead.
    size
        Of the student, and of its teacher.
    batch_size
        Queries in a training step.
    """

    folder: Path
    device: str
    fraction: float
    size: Size
    batch_size: int = 32

    @property
    def start(self) -> Path:
        """The untrained model."""
        return self.folder / "start"

    @property
    def spec(self) -> EncoderSpec:
        """What the untrained model is."""
        return EncoderSpec.read(self.start / "encoder.json")

    def part(self, full: int) -> int:
        """Return how many of the full number are measured."""
        return max(2, round(full * self.fraction))


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A row of the results.

    Parameters
    ----------
    stage, full, measured
        What it is, all of it, and what was measured, in words.
    fraction
        Measured work over all work.
    seconds
        Measured; None: NOT RUN.
    gpus
        Used; 0: the CPU.
    peak_mb, gpu_peak_mb
        Most resident memory of the process, and most memory allocated on its GPU.
    scaled_peak_mb
        What the full size needs, where memory grows with it.
    scaled_disk_bytes
        Left on disk by the full size.
    flop
        Floating-point operations of the full size, one for each addition and each
        multiplication.
    note
        What the figures leave out.
    """

    stage: str
    full: str
    measured: str
    fraction: float = 0.0
    seconds: float | None = None
    gpus: int = 0
    peak_mb: float | None = None
    gpu_peak_mb: float | None = None
    scaled_peak_mb: float | None = None
    scaled_disk_bytes: int | None = None
    flop: float | None = None
    note: str = ""

    def row(self) -> dict[str, Any]:
        """Return it as JSON, with its seconds scaled to the full size, and the card."""
        scaled = None if self.seconds is None else self.seconds / self.fraction
        card = torch.cuda.get_device_name() if self.gpus else None
        return {**asdict(self), "scaled_seconds": scaled, "card": card}


def bytes_under(folder: Path, pattern: str = "*") -> int:
    """Return the size of all files in a folder and below."""
    return sum(path.stat().st_size for path in folder.rglob(pattern) if path.is_file())
