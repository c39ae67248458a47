"""With what and on what a result came about."""

import os
import platform
import subprocess
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tasb_pyserini.bindings.jvm import find_java
from tasb_pyserini.formats.errors import TasbError

PACKAGES = (
    *("tasb-pyserini", "pyserini", "pytrec_eval-terrier", "numpy"),
    *("torch", "transformers", "faiss-cpu", "faiss-gpu"),
)

CHECKOUT = Path(__file__).resolve().parents[1]
"""Root of the checkout; of an installed package, its own folder."""


def versions() -> dict[str, str]:
    """Return the versions of what takes part; what is absent is left out."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    with suppress(TasbError):
        found["java"] = find_java().version
    return found


def hardware() -> dict[str, str | int]:
    """Return system, processor, cores and memory, but no name of the machine."""
    found: dict[str, str | int] = {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 1,
    }
    if name := processor():
        found["processor"] = name
    if memory := memory_gib():
        found["memory_gib"] = memory
    return found


def processor() -> str:
    """Return the model's name, which Linux tells in a file alone."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.processor()


def memory_gib() -> int | None:
    """Return the main memory in GiB, rounded; None where the system does not say."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)


def commit(checkout: Path = CHECKOUT) -> str:
    """Return the commit of this checkout, with a word on changes; empty without one.

    An installed package may lie in a repository of somebody else's, which says nothing.
    """
    if _git(checkout, "rev-parse", "--show-toplevel") != str(checkout):
        return ""
    name = _git(checkout, "rev-parse", "--short=7", "HEAD")
    changed = name and _git(checkout, "status", "--porcelain", "--untracked-files=no")
    return f"{name} with uncommitted changes" if changed else name


def git_user() -> str:
    """Return the name in git's configuration; empty where there is none."""
    return _git(Path.cwd(), "config", "user.name")


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
