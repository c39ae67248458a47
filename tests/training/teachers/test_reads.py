from pathlib import Path

import pytest

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.teachers.reads import Reads, check_prefixes

FOLDER = Path("colbert")
MARKED = EncoderSpec(checkpoint="c", query_prefix="[Q]", passage_prefix="[D]")


def test_a_student_with_its_teachers_prefixes_passes_whatever_the_masks() -> None:
    check_prefixes(Reads("[Q]", "[D]", 8), MARKED, FOLDER)
    check_prefixes(Reads(), EncoderSpec(checkpoint="c"), FOLDER)


def test_a_teacher_of_which_nothing_is_known_takes_every_student() -> None:
    check_prefixes(None, MARKED, FOLDER)


@pytest.mark.parametrize("reads", [Reads("[Q]"), Reads("", "[D]"), Reads()])
def test_prefixes_that_differ_are_named_in_one_line(reads: Reads) -> None:
    with pytest.raises(TasbError) as caught:
        check_prefixes(reads, MARKED, FOLDER)
    assert str(caught.value).startswith(
        f"teacher colbert: reads {reads.query_prefix!r} and {reads.passage_prefix!r}, "
        "the student '[Q]' and '[D]'; expected the same prefixes"
    )
    assert "\n" not in str(caught.value)
