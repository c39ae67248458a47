"""The checkpoints that validated best, on disk."""

import shutil
from pathlib import Path

from tasb_pyserini.encoders.model import BertDot
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.json_file import read_object, write_object
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.training.export import export_checkpoint

BEST, SCORES = "best", "best.json"


class BestCheckpoints:
    """Keeps the n checkpoints with the highest validation, each an encoder of its own.

    ``best/step-N`` are folders that ``tasb:OUTPUT/best/step-N`` loads;
    ``best/best.json`` says how they validated. A folder is whole or not there.

    Parameters
    ----------
    output
        The run's folder.
    keep
        How many are kept.
    model, spec, start
        What is exported; see :func:`~tasb_pyserini.training.export.export_checkpoint`.
    """

    def __init__(
        self, output: Path, keep: int, model: BertDot, spec: EncoderSpec, start: Path
    ) -> None:
        self.folder = output / BEST
        self.keep = keep
        self._exported = model, spec, start
        self.scores = read_scores(self.folder)

    def offer(self, step: int, value: float) -> None:
        """Keep the model as it is if it is among the best.

        Of equal ones the earlier is better.
        """
        self.scores[step] = value
        ranked = sorted(self.scores, key=lambda s: (-self.scores[s], s))
        kept = ranked[: self.keep]
        if step in kept:
            name = f"step-{step}"
            with replace_folder(self.folder / name) as folder:
                export_checkpoint(*self._exported, folder, name=name)
        self.scores = {s: self.scores[s] for s in kept}
        scores = {f"{s}": score for s, score in self.scores.items()}
        write_object(self.folder / SCORES, scores)
        self._remove_others()

    @property
    def best(self) -> Path | None:
        """Folder of the best, if there is one."""
        if not self.scores:
            return None
        step = min(self.scores, key=lambda s: (-self.scores[s], s))
        return self.folder / f"step-{step}"

    def _remove_others(self) -> None:
        """Remove what is no longer kept, and what a killed process had left."""
        names = {SCORES, *(f"step-{step}" for step in self.scores)}
        for path in list(self.folder.iterdir()):
            if path.name not in names and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name not in names:
                path.unlink(missing_ok=True)


def read_scores(folder: Path) -> dict[int, float]:
    """Return how the checkpoints in a folder validated, by step; none at the start.

    Raises
    ------
    InputError
        If ``best.json`` is damaged.
    """
    path = folder / SCORES
    if not path.is_file():
        return {}
    expected, remedy = "a score for each step", "train again into another folder"
    read = read_object(path, expected, remedy)
    try:
        return {int(step): float(score) for step, score in read.items()}
    except (TypeError, ValueError) as error:
        raise InputError(path, None, "not scores", expected, remedy) from error
