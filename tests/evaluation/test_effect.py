import math

import numpy as np
import pytest

from tasb_pyserini.evaluation.effect import cohens_d_z
from tests.evaluation.sleep import DRUG_1, DRUG_2


def test_d_z_of_students_sleep_data_as_published() -> None:
    apart = np.array(DRUG_2) - np.array(DRUG_1)
    assert cohens_d_z(apart) == pytest.approx(1.285, abs=5e-4)
    assert cohens_d_z(-apart) == -cohens_d_z(apart)


def test_d_z_by_hand() -> None:
    assert cohens_d_z(np.array([0.0, 1.0])) == pytest.approx(0.5 / math.sqrt(0.5))


def test_d_z_without_spread() -> None:
    assert cohens_d_z(np.array([0.0, 0.0])) == 0.0
    assert cohens_d_z(np.array([0.9 - 0.8, 0.3 - 0.2])) == math.inf
    assert cohens_d_z(np.array([-0.25, -0.25])) == -math.inf
