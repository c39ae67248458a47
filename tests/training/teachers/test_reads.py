from pathlib import Path

import pytest

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.teachers.reads import Reads, check_reads

FOLDER = Path("colbert")
MARKED = EncoderSpec(checkpoint="c", query_prefix="[Q]", passage_prefix="[D]")


def test_a_teacher_that_reads_as_it_learned_to_passes() -> None:
    check_reads(Reads("[Q]", "[D]", 8), MARKED, 8, FOLDER)
    check_reads(Reads(), EncoderSpec(checkpoint="c"), 0, FOLDER)


def test_a_teacher_of_which_nothing_is_known_takes_every_student() -> None:
    check_reads(None, MARKED, 0, FOLDER)
    check_reads(None, MARKED, 8, FOLDER)


@pytest.mark.parametrize("reads", [Reads("[Q]"), Reads("", "[D]"), Reads()])
def test_prefixes_that_differ_are_named_in_one_line(reads: Reads) -> None:
    with pytest.raises(TasbError) as caught:
        check_reads(reads, MARKED, 0, FOLDER)
    assert str(caught.value).startswith(
        f"teacher colbert: reads {reads.query_prefix!r} and {reads.passage_prefix!r}, "
        "the student '[Q]' and '[D]'; expected the same prefixes"
    )
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("learned", "now"), [(8, 0), (0, 8), (8, 4)])
def test_other_masks_than_those_of_its_training_are_refused(
    learned: int, now: int
) -> None:
    with pytest.raises(TasbError) as caught:
        check_reads(Reads("[Q]", "[D]", learned), MARKED, now, FOLDER)
    assert str(caught.value) == (
        f"teacher colbert: learned with {learned} [MASK] behind a query, teacher_masks "
        f"is {now}; expected the same; give --teacher-masks {learned}"
    )
