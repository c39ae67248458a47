"""``training.json``: what a training run is, and what came of it."""

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tasb_pyserini import __version__
from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.spec import FOUND
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.json_file import read_object, write_object
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData

RECORD_FILE = "training.json"
_RECORD = "the record of a run", "choose another folder"

_ANY_TIME = ("checkpoint_every", "log_every")
"""Settings that leave the weights as they are, and may change between two starts."""

_LATER = ("validation",)
"""Keys that older records lack; their runs go on whatever stands there now."""

Record = dict[str, Any]


def describe_run(
    config: TrainingConfig, data: TrainingData, start: Path, **more: Any
) -> Record:
    """Return what decides the outcome of a run, as JSON.

    Parameters
    ----------
    config, data
        Settings; pairs and texts.
    start
        Folder of the checkpoint that training begins with.
    more
        Further parts of the record's ``data``.
    """
    spec = asdict(data.spec)
    for key in FOUND:
        del spec[key]
    return {
        "config": asdict(config),
        "data": {
            "n_pairs": len(data.pairs),
            "n_queries": len(data.queries),
            "n_passages": len(data.passages),
            **data.fingerprints(),
            **more,
        },
        "encoder": spec,
        "start": {"weights": hash_weights(start)},
    }


def open_record(output: Path, run: Record) -> Record | None:
    """Start a run in `output`, or go on with it.

    Returns
    -------
    dict or None
        What came of the run, if it has already ended.

    Raises
    ------
    TasbError
        If the folder holds anything but this run.
    """
    path = output / RECORD_FILE
    if not path.is_file():
        if any(output.glob("[!.]*")):  # hidden: a lock, a record that was begun
            raise TasbError(
                f"{output}: holds other files; expected a new or empty folder, or one "
                f"with the {RECORD_FILE} of this run"
            )
        write_record(output, run)
        return None
    found = read_object(path, *_RECORD)
    if differing := _differences(found, run):
        raise TasbError(
            f"{output}: holds another run ({'; '.join(differing)}); expected the same "
            "settings and data to go on with it, or another folder"
        )
    result: Record | None = found.get("result")
    return result


def read_result(output: Path) -> Record:
    """Return what came of a run that has ended."""
    result: Record = read_object(output / RECORD_FILE, *_RECORD)["result"]
    return result


def write_record(output: Path, run: Record, result: Record | None = None) -> None:
    """Write ``training.json``; `result` comes last, when all else is written."""
    record = {**run, "versions": library_versions()}
    if result is not None:
        record["result"] = result
    write_object(output / RECORD_FILE, record)


def _differences(found: Mapping[str, Any], run: Record) -> list[str]:
    return [
        f"{part}.{key}: there {there.get(key)!r}, here {here!r}"
        for part, values in run.items()
        if isinstance(there := found.get(part, {}), dict)
        for key, here in values.items()
        if key not in _ANY_TIME
        and there.get(key) != here
        and not (key in _LATER and key not in there)
    ]


def library_versions() -> dict[str, str]:
    """Return the versions of what computes."""
    libraries = ("torch", "transformers", "tokenizers", "accelerate", "numpy")
    return {"tasb-pyserini": __version__, **{name: version(name) for name in libraries}}
