"""Exported checkpoints, each made once and kept."""

import os
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.export.precision import WeightPrecision
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.cache import cache_folder
from tasb_pyserini.formats.checksum import json_sha256

FORM = 3
"""Raised when files of earlier versions of this package are not to be used."""

KEPT = 8
"""Most files kept; the one that was not used for the longest goes first."""

LARGE = 50 * 2**20
"""Bytes of weights whose export takes seconds and is announced."""

COMPILED = ".openvino"
"""Ending of the folder beside a file that holds what OpenVINO compiled of it."""

_IN_GRAPH = ("pooling", "normalize", "dimension")


def cached_export(folder: Path, spec: EncoderSpec, precision: WeightPrecision) -> Path:
    """Return the ONNX file of a checkpoint, from the cache or exported now.

    Safe with several processes: one exports, the others wait.

    Parameters
    ----------
    folder, spec
        From :func:`~tasb_pyserini.encoders.checkpoint.find_checkpoint`.
    precision
        Of the weights.

    Raises
    ------
    TasbError
        As of :func:`~tasb_pyserini.encoders.export.export.export_checkpoint`.
    """
    cache = cache_folder() / "onnx"
    path = cache / f"{_key(folder, spec)}.{precision}.onnx"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / "lock"):
            if not path.is_file():
                _remove_unfinished(cache)
                _export(folder, spec, path, precision)
    with suppress(OSError):  # in a cache of another user's, or just removed
        # When it was last used; when it was written stays, which OpenVINO goes by.
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
    return path


def _export(
    folder: Path, spec: EncoderSpec, path: Path, precision: WeightPrecision
) -> None:
    # PyTorch and transformers, which no later use of the file needs.
    from tasb_pyserini.encoders.export.export import export_checkpoint

    if sum(path.stat().st_size for path in folder.glob("*model*")) >= LARGE:
        said = f"tasb: exporting {spec.checkpoint} in {precision}, once"
        print(said, file=sys.stderr)
    export_checkpoint(folder, spec, path, precision)
    files = sorted(path.parent.glob("*.onnx"), key=lambda file: file.stat().st_atime)
    for old in files[:-KEPT]:
        old.unlink(missing_ok=True)
        shutil.rmtree(old.with_suffix(COMPILED), ignore_errors=True)


def _remove_unfinished(cache: Path) -> None:
    """Remove what a killed export left; whoever holds the lock is the only one."""
    for left in cache.glob(".*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _key(folder: Path, spec: EncoderSpec) -> str:
    known = {
        "form": FORM,
        "weights": spec.weights or hash_weights(folder),
        "config": (folder / "config.json").read_text(encoding="utf-8"),
        "spec": {name: asdict(spec)[name] for name in _IN_GRAPH},
    }
    return json_sha256(known)[:24]
