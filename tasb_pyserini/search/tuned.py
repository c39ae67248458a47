"""The parameters of hybrid search that ``tasb tune`` found, in a JSON file."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.json_file import read_object, write_object
from tasb_pyserini.formats.numbers import as_finite
from tasb_pyserini.search.fusion.normalisation import NORMALISATIONS
from tasb_pyserini.search.fusion.rule import OF_TWO

_REMEDY = "write it with 'tasb tune'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """Parameters of a hybrid.

    Parameters
    ----------
    method, alpha, normalisation
        See :class:`~tasb_pyserini.search.fusion.rule.Fusion`.
    k1, b
        Parameters of BM25 that alpha belongs to; None where the file lacks them.
    """

    method: str
    alpha: float
    normalisation: str
    k1: float | None
    b: float | None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file of ``tasb tune``; what else stands in it is of no concern here.

        Raises
        ------
        InputError
            If it is no JSON object, or a parameter is missing or of the wrong kind.
        """
        values = read_object(path, "tuned parameters", _REMEDY)
        return cls(
            method=_name(path, values, "method", OF_TWO),
            alpha=_number(path, values, "alpha"),
            normalisation=_name(path, values, "normalisation", tuple(NORMALISATIONS)),
            k1=None if values.get("k1") is None else _number(path, values, "k1"),
            b=None if values.get("b") is None else _number(path, values, "b"),
        )

    def write(self, path: Path, about: Mapping[str, Any]) -> None:
        """Write the file atomically.

        Parameters
        ----------
        path
            Where to.
        about
            How the parameters were found, for the reader; must not name one of them.
        """
        write_object(path, asdict(self) | dict(about), allow_nan=False)


def _number(path: Path, values: dict[str, Any], key: str) -> float:
    number = as_finite(values.get(key))
    if math.isnan(number):
        raise InputError(path, None, _found(values, key), "a finite number", _REMEDY)
    return number


def _name(path: Path, values: dict[str, Any], key: str, known: tuple[str, ...]) -> str:
    value = values.get(key)
    if value not in known:
        expected = f"one of {', '.join(known)}"
        raise InputError(path, None, _found(values, key), expected, _REMEDY)
    return str(value)


def _found(values: dict[str, Any], key: str) -> str:
    return f"{key} {json.dumps(values[key])}" if key in values else f"no {key}"
