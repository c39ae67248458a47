"""``refresh.json``: what a hard-negative round is made from."""

from pathlib import Path
from typing import Any

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.json_file import read_object, write_object
from tasb_pyserini.formats.work import differences

ROUND_FILE = "refresh.json"

Inputs = dict[str, Any]


def open_round(output: Path, inputs: Inputs, teacher: str | None) -> None:
    """Start a round in `output`, or go on with it.

    Parameters
    ----------
    output
        The round's folder.
    inputs
        What decides its outcome, as JSON.
    teacher
        Who scores the pairs, if anyone does. A round may get a teacher later, but not
        another one.

    Raises
    ------
    TasbError
        If the folder holds anything but this round.
    """
    path = output / ROUND_FILE
    there: Inputs = {}
    if path.is_file():
        there = read_object(path, "the record of a round", "choose another folder")
        if teacher is None:
            teacher = there.get("teacher")
    elif output.is_file() or any(output.glob("[!.]*")):  # hidden: a record begun
        raise TasbError(
            f"{output}: holds other files; expected a new or empty folder, or one "
            f"with the {ROUND_FILE} of this round"
        )
    now = {**inputs, "teacher": teacher}
    # Without a teacher nothing was scored that another could contradict.
    bound_to = inputs if there.get("teacher") is None else now
    if there and (differing := differences(there, bound_to)):
        raise TasbError(
            f"{output}: holds another round ({'; '.join(differing)}); expected the "
            "same inputs to go on with it, or another folder"
        )
    if now != there:
        write_object(path, now)
