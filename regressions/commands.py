"""Commands as a spec writes them, as a person types them, and as they are run."""

import re
import shlex
import sys
from collections.abc import Sequence

from tasb_pyserini.bindings.startup import StartupFinder
from tasb_pyserini.formats.errors import TasbError

PROGRAMS = ("python", "tasb")
SHELL = re.compile(r"[|&;<>$`*?~]")


def split_command(text: str) -> tuple[str, ...]:
    """Split a command into its words; no shell is ever asked.

    Raises
    ------
    TasbError
        If it starts no known program, or has what only a shell understands.

    Examples
    --------
    >>> split_command("tasb search --index faiss")
    ('tasb', 'search', '--index', 'faiss')
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise TasbError(f"command {text:.40}: {error}; expected words") from error
    if not words or words[0] not in PROGRAMS:
        start = words[0] if words else "nothing"
        raise TasbError(f"command of {start!r}: expected {' or '.join(PROGRAMS)} ...")
    for word in words:
        if SHELL.search(word):
            raise TasbError(f"command word {word!r}: expected nothing that needs shell")
    return words


def arguments_of(words: Sequence[str]) -> list[str]:
    """Return what is executed: this interpreter, whatever the PATH says.

    Where Python has read none of our start-up hooks, Pyserini is started through
    ``python -m tasb_pyserini``, which sets them.
    """
    if words[0] == "tasb":
        return [sys.executable, "-m", "tasb_pyserini", *words[1:]]
    hooked = any(isinstance(finder, StartupFinder) for finder in sys.meta_path)
    if not hooked and words[1] == "-m" and words[2].startswith("pyserini."):
        return [sys.executable, "-m", "tasb_pyserini", *words[2:]]
    return [sys.executable, *words[1:]]


def typed(words: Sequence[str]) -> str:
    r"""Return the command as Anserini's pages print it, an option a line.

    Examples
    --------
    >>> print(typed(["tasb", "index", "--input", "vectors", "--output", "faiss"]))
    tasb index \
      --input vectors \
      --output faiss
    """
    lines: list[list[str]] = [[]]
    for word in words:
        if word.startswith("--") and lines[-1]:
            lines.append([])
        lines[-1].append(shlex.quote(word))
    return " \\\n  ".join(" ".join(line) for line in lines)
