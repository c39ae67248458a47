"""What is installed and reachable, and whether the main job can run."""

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from huggingface_hub.constants import ENDPOINT, HF_HUB_CACHE

from tasb_pyserini.bindings.faiss_library import describe_faiss
from tasb_pyserini.bindings.jvm import anserini_jar, find_java
from tasb_pyserini.bindings.startup import StartupFinder
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.hub import HubError, ask_hub
from tasb_pyserini.encoders.names import read_cards
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.units import size_in_words
from tasb_pyserini.prebuilt.cache import cache_home

LEAST_DISK = 2 * 10**9
"""Bytes that the main job may need for indexes and vectors of a small collection."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``tasb doctor``.

    Parameters
    ----------
    name
        What was looked at.
    detail
        What was found, or what to do.
    ok
        Whether it is in order.
    needed
        Whether the main job needs it.
    """

    name: str
    detail: str
    ok: bool
    needed: bool


def examine() -> list[Finding]:
    """Look at everything that the main job touches; nothing is changed."""
    return [
        _finding("Python", platform.python_version, needed=True),
        *(
            _finding(name, partial(_version, name), needed=True)
            for name in ("pyserini", "torch", "transformers", "tokenizers", "pyjnius")
        ),
        _finding("Faiss", _faiss, needed=True),
        _finding("Java", _java, needed=True),
        _finding("Anserini", lambda: str(anserini_jar()), needed=True),
        _finding("start-up hook", _hook, needed=False),
        _finding("GPU", _gpu, needed=False),
        _finding("hub", _hub, needed=False),
        _finding("public checkpoint", _local_checkpoint, needed=False),
        _finding(
            "cache of Pyserini", lambda: _size(cache_home(os.environ)), needed=False
        ),
        _finding("cache of the hub", lambda: _size(Path(HF_HUB_CACHE)), needed=False),
        _finding("free disk", _free_disk, needed=True),
    ]


def _finding(name: str, look: Callable[[], str], *, needed: bool) -> Finding:
    try:
        return Finding(name, look(), ok=True, needed=needed)
    except TasbError as error:
        return Finding(name, str(error), ok=False, needed=needed)
    except (ImportError, OSError, RuntimeError) as error:  # of a broken library
        said = " ".join(str(error).split()) or type(error).__name__
        return Finding(name, said, ok=False, needed=needed)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError as error:
        raise TasbError("not installed; run: pip install tasb-pyserini") from error


def _java() -> str:
    java = find_java()
    vectors = "with" if java.has_vector_module else "without"
    return f"{java.version} in {java.home} ({java.reason}), {vectors} vector module"


def _faiss() -> str:
    faiss = describe_faiss()
    return f"{faiss.version}, for {faiss.kind.upper()}, {faiss.gpus} GPUs"


def _hook() -> str:
    if os.environ.get("TASB_PYSERINI_HOOK") == "0":
        raise TasbError("off by TASB_PYSERINI_HOOK=0; use: python -m tasb_pyserini")
    if not any(isinstance(finder, StartupFinder) for finder in sys.meta_path):
        raise TasbError("not installed; use: python -m tasb_pyserini pyserini.…")
    return "on: stock Pyserini knows --encoder tasb"


def _gpu() -> str:
    import torch

    if not torch.cuda.is_available():
        raise TasbError("none that torch sees; encoders run on the CPU")
    return ", ".join(
        torch.cuda.get_device_name(number)
        for number in range(torch.cuda.device_count())
    )


def _hub() -> str:
    card = read_cards()["tasb"]
    try:
        ask_hub(card.checkpoint, card.revision)
    except HubError as error:
        raise TasbError(f"{ENDPOINT} cannot be reached: {error}") from error
    return f"{ENDPOINT} has {card.checkpoint}"


def _local_checkpoint() -> str:
    folder, _ = find_checkpoint("tasb", local_only=True)
    return str(folder)


def _size(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder} (empty)"
    files = (path for path in folder.rglob("*") if not path.is_symlink())
    size = sum(path.stat().st_size for path in files if path.is_file())
    return f"{folder} ({size_in_words(size)})"


def _free_disk() -> str:
    free = shutil.disk_usage(Path.cwd()).free
    if free < LEAST_DISK:
        least = size_in_words(LEAST_DISK)
        raise TasbError(f"{size_in_words(free)} here; expected {least}")
    return f"{size_in_words(free)} in {Path.cwd()}"
