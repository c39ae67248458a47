"""``log.jsonl``: the course of a training run, a line every so many steps."""

import json
from pathlib import Path
from typing import Any, Self, TextIO

from tasb_pyserini.formats.lines import numbered_lines
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.training.tensorboard import open_tensorboard

LOG_FILE = "log.jsonl"
REFRESHED = "refresh_seconds"
"""In lines about newly drawn negatives, the last ones of their step."""


class TrainingLog:
    """The log of a run, open for writing; TensorBoard gets it too, where installed.

    Parameters
    ----------
    folder
        Where ``log.jsonl`` is.
    step, seconds
        Where the run goes on: what a killed run wrote about later steps is removed, and
        what it wrote about the negatives drawn next, which is written again.
    write
        Whether to write at all: of several processes one does.
    """

    def __init__(
        self, folder: Path, step: int, seconds: float, *, write: bool = True
    ) -> None:
        path = folder / LOG_FILE
        self._file: TextIO | None = None
        self._board: Any = None
        self._last = step, seconds
        if not write:
            return
        kept = _lines_until(path, step) if path.exists() else []
        with replace_file(path) as file:
            file.writelines(f"{line}\n" for line in kept)
        self._file = path.open("a", encoding="utf-8")
        self._board = open_tensorboard(folder, step)

    def write(self, step: int, seconds: float, **values: float) -> None:
        """Append a line; the steps per second are those since the line before."""
        last_step, last_seconds = self._last
        speed = (step - last_step) / max(seconds - last_seconds, 1e-9)
        self.note(step, **values, steps_per_second=round(speed, 3))
        self._last = step, seconds

    def note(self, step: int, **values: float) -> None:
        """Append a line without a speed."""
        if self._file is not None:
            self._file.write(json.dumps({"step": step, **values}) + "\n")
            self._file.flush()
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._board is not None:
            self._board.close()


def _lines_until(path: Path, step: int) -> list[str]:
    kept = []
    for _, line in numbered_lines(path):
        try:
            values = json.loads(line)
            if values["step"] > step or (
                values["step"] == step and REFRESHED in values
            ):
                break
        except ValueError:  # the line that a killed run was writing
            break
        kept.append(line)
    return kept
