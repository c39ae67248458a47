"""What a ColBERT reads beside the texts themselves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError

READS = "reads"
"""Key of ``config.json``, absent from published teachers: a :class:`Reads`."""

QUERY_MAX_LENGTH, PASSAGE_MAX_LENGTH = 30, 200
"""Of a ColBERT that scores pairs; TAS-B's, in tokens, [CLS] and [SEP] included."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What a teacher was trained to find beside the words of a text.

    Parameters
    ----------
    query_prefix, passage_prefix
        Put before each text with a space, where not empty.
    masks
        [MASK] tokens behind each query; see
        :func:`~tasb_pyserini.training.teachers.colbert.append_masks`.
    """

    query_prefix: str = ""
    passage_prefix: str = ""
    masks: int = 0


def reads_of(config: Mapping[str, Any], folder: Path) -> Reads | None:
    """Return what ``config.json`` says that it reads; None where it says nothing.

    Raises
    ------
    TasbError
        If it says it in another form.
    """
    if READS not in config:
        return None
    values = config[READS]
    kinds = {name: type(value) for name, value in asdict(Reads()).items()}
    if (
        not isinstance(values, dict)
        or {name: type(value) for name, value in values.items()} != kinds
        or values["masks"] < 0
    ):
        raise TasbError(
            f"{folder / 'config.json'}: {READS} {values!r}; expected two texts, "
            "query_prefix and passage_prefix, and the number of masks, as 'tasb "
            "train-teacher' writes them"
        )
    return Reads(**values)


def check_reads(
    reads: Reads | None, spec: EncoderSpec, masks: int, folder: Path
) -> None:
    """Make sure that a teacher reads a student's texts as those that it learned from.

    Parameters
    ----------
    reads
        Of the teacher; where nothing is known of it, as of published ones, every
        student will do.
    spec
        Of the student.
    masks
        [MASK] tokens that the teacher is to read behind each query.
    folder
        Of the teacher, named in the error.

    Raises
    ------
    TasbError
        If a prefix or the number of [MASK]s differs.
    """
    if reads is None:
        return
    of_teacher = reads.query_prefix, reads.passage_prefix
    of_student = spec.query_prefix, spec.passage_prefix
    if of_teacher != of_student:
        (query, passage), (own_query, own_passage) = of_teacher, of_student
        raise TasbError(
            f"teacher {folder}: reads {query!r} and {passage!r}, the student "
            f"{own_query!r} and {own_passage!r}; expected the same prefixes, since the "
            "teacher reads the student's tokens; train either with the other's "
            "--query-prefix and --passage-prefix"
        )
    if reads.masks != masks:
        raise TasbError(
            f"teacher {folder}: learned with {reads.masks} [MASK] behind a query, "
            f"teacher_masks is {masks}; expected the same; give --teacher-masks "
            f"{reads.masks}"
        )
