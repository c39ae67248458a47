"""Faiss, which comes in two packages that exclude each other."""

import re
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Literal

from tasb_pyserini.formats.errors import TasbError

DISTRIBUTIONS = (
    "faiss-cpu",
    "faiss-gpu",
    "faiss-gpu-cu11",
    "faiss-gpu-cu12",
    "faiss-gpu-cuvs",
    "faiss-gpu-cu12-cuvs",
    "faiss-gpu-cu13-cuvs",
)
"""Packages that install the same module ``faiss``."""


@dataclass(frozen=True, slots=True)
class FaissLibrary:
    """What the installed Faiss is.

    Parameters
    ----------
    kind
        ``gpu`` where it was built for GPUs, whether or not there is one.
    version
        As in ``1.10.0``.
    gpus
        Number of GPUs that it can use.
    """

    kind: Literal["cpu", "gpu"]
    version: str
    gpus: int


def load_faiss() -> ModuleType:
    """Return the module ``faiss``.

    Raises
    ------
    TasbError
        If it is not installed, installed twice, or can't be loaded; the message holds
        the command that mends it.
    """
    installed = installed_distributions()
    if len(installed) > 1:
        raise TasbError(
            f"{' and '.join(installed)} are both installed and overwrite each other; "
            f"run: pip uninstall -y {' '.join(installed)}, then: "
            'pip install "tasb-pyserini[cpu]" (or "tasb-pyserini[gpu]")'
        )
    try:
        return import_module("faiss")
    except ImportError as error:
        if not installed and isinstance(error, ModuleNotFoundError):
            raise TasbError(
                "Faiss is not installed; run: "
                'pip install "tasb-pyserini[cpu]" (or "tasb-pyserini[gpu]")'
            ) from error
        raise TasbError(
            f"Faiss ({', '.join(installed)}) is installed but can't be loaded: "
            f"{error}; run: pip install --force-reinstall {' '.join(installed)}"
        ) from error


def describe_faiss() -> FaissLibrary:
    """Return the kind, version and number of GPUs of the installed Faiss.

    Raises
    ------
    TasbError
        As :func:`load_faiss`.
    """
    faiss = load_faiss()
    is_gpu = hasattr(faiss, "StandardGpuResources")
    return FaissLibrary(
        "gpu" if is_gpu else "cpu",
        faiss.__version__,
        faiss.get_num_gpus() if is_gpu else 0,
    )


def installed_distributions() -> list[str]:
    """Return which packages with a module ``faiss`` are installed."""
    return [name for name in DISTRIBUTIONS if is_installed(name)]


def is_installed(distribution: str) -> bool:
    """Tell whether a package is installed, by its metadata."""
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def reason(error: RuntimeError) -> str:
    r"""Return what Faiss says, without the place in its source.

    Examples
    --------
    >>> reason(RuntimeError("Error in void f(int) at /a/io.cpp:61: read error\n in i"))
    'read error in i'
    """
    said = " ".join(str(error).split())
    return re.sub(r"^Error in .*? at \S+:\d+: ", "", said)
