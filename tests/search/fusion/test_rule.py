import math
import re
from typing import Any

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import is_id
from tasb_pyserini.search.fusion.rule import Fusion


@pytest.mark.parametrize(
    ("fusion", "tag"),
    [
        (
            Fusion(method="interpolation", alpha=0.1),
            "interpolation-alpha=0.1-norm=none-missing=minimum",
        ),
        (
            Fusion(method="convex", alpha=0.5, normalisation="min-max", missing="zero"),
            "convex-alpha=0.5-norm=min-max-missing=zero",
        ),
        (Fusion(method="rrf"), "rrf-k=60"),
        (Fusion(method="rrf", rrf_k=10, weights=(1, 0.5)), "rrf-k=10-weights=1,0.5"),
        (Fusion(method="average"), "average-norm=none-missing=minimum"),
    ],
)
def test_the_tag_names_all_that_decides_the_result(fusion: Fusion, tag: str) -> None:
    assert fusion.tag == tag
    assert is_id(tag)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "max"}, "fusion method 'max': expected one of interpolation, con"),
        ({"method": "interpolation"}, "alpha None with interpolation: expected a num"),
        ({"method": "rrf", "alpha": 0.5}, "alpha 0.5 with rrf: expected none"),
        ({"method": "convex", "alpha": math.nan}, "alpha nan: expected a finite num"),
        ({"method": "convex", "alpha": math.inf}, "alpha inf: expected a finite num"),
        ({"method": "sum", "weights": (1, math.nan)}, "weights (1, nan): expected fin"),
        (
            {"method": "average", "weights": (1, 2)},
            "weights with average: expected sum",
        ),
        ({"method": "rrf", "rrf_k": -1}, "rrf k -1: expected a number of at least 0"),
        ({"method": "rrf", "normalisation": "max"}, "normalisation 'max': expected no"),
        ({"method": "sum", "normalisation": "l2"}, "normalisation 'l2': expected one "),
        ({"method": "sum", "missing": "mean"}, "rule for missing documents 'mean': ex"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TasbError, match=f"^{re.escape(message)}"):
        Fusion(**arguments)
