"""The vocabulary that student and teacher have to share."""

from pathlib import Path

from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import TasbError


def check_vocabulary(teacher: Path, student: Path) -> None:
    """Make sure that a token id is the same token to teacher and student.

    The teacher reads the student's token ids; with another vocabulary it would read
    other words, and teach them.

    Parameters
    ----------
    teacher, student
        Folders of checkpoints.

    Raises
    ------
    TasbError
        If a token has another id, or none; the first is named.
    """
    of_teacher = load_tokenizer(teacher).get_vocab()
    of_student = load_tokenizer(student).get_vocab()
    differing = of_teacher.items() ^ of_student.items()
    if not differing:
        return
    number = min(number for _, number in differing)
    raise TasbError(
        f"{teacher}: token {number} is {_name(of_teacher, number)}, but "
        f"{_name(of_student, number)} in {student}; expected a teacher with the "
        "student's vocabulary, as it reads the student's token ids"
    )


def mask_id_of(folder: Path, masks: int) -> int:
    """Return the token id of [MASK].

    Parameters
    ----------
    folder
        Of a checkpoint.
    masks
        How many a query gets; where it gets none, the vocabulary may lack it.

    Raises
    ------
    TasbError
        If there is none.
    """
    number = load_tokenizer(folder).token_to_id("[MASK]")
    if masks and number is None:
        raise TasbError(
            f"{folder}: no [MASK] in its vocabulary; expected one, or teacher_masks 0"
        )
    return number or 0


def _name(vocabulary: dict[str, int], number: int) -> str:
    names = [repr(token) for token, other in vocabulary.items() if other == number]
    return names[0] if names else "missing"
