"""The kind is chosen by size, and the reason says the numbers."""

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.kinds.auto import choose

# 8,841,823 x 768: 27,162,080,256 bytes in fp32, half of it in fp16, a quarter in int8.
MS_MARCO = 8_841_823
FP32 = MS_MARCO * 768 * 4


@pytest.mark.parametrize(
    ("memory", "kind"),
    [
        (27_162_080_256, "flat"),
        (27_162_080_255, "fp16"),
        (13_581_040_128, "fp16"),
        (13_581_040_127, "int8"),
        (6_790_520_064, "int8"),
        (6_790_520_063, "ivf-pq"),
    ],
)
def test_the_most_exact_kind_that_fits_is_taken(memory: int, kind: str) -> None:
    assert choose(MS_MARCO, 768, memory).kind == kind


def test_the_reason_holds_the_numbers() -> None:
    """A GB is 10⁹ bytes, as in `tasb prebuilt`."""
    assert FP32 == 27_162_080_256
    assert choose(MS_MARCO, 768, 16 * 1024**3).why == (
        "fp16: 8,841,823 x 768 take 13.6 GB, of 17.2 GB; flat would take 27.2 GB"
    )


def test_too_little_memory_for_codes_is_an_error() -> None:
    with pytest.raises(
        TasbError, match=r"no kind of index: .* give more with --memory"
    ):
        choose(MS_MARCO, 768, 500_000_000)
