"""``python -m tasb_pyserini``: ``tasb``, and Pyserini with our hooks in place."""

import runpy
import sys
from importlib.util import find_spec

from tasb_pyserini.bindings.startup import install_finder
from tasb_pyserini.cli import main as cli
from tasb_pyserini.formats.errors import TasbError, in_one_line

USAGE = """\
usage: python -m tasb_pyserini pyserini.MODULE [ARGUMENT ...]
       python -m tasb_pyserini COMMAND [ARGUMENT ...]

The first runs a module of Pyserini as python -m pyserini.MODULE does, and has --encoder
tasb and our other additions also where Python reads no start-up hooks (python -S,
PYTHONPATH, TASB_PYSERINI_HOOK=0). The second is the command tasb; see tasb --help.
"""


def main(words: list[str]) -> int:
    """Run a module of Pyserini or a command of ours; return the exit status."""
    if not words:
        print(USAGE, end="", file=sys.stderr)
        return 2
    if words[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    if words[0].partition(".")[0] != "pyserini":
        return cli.main(words)
    install_finder()
    try:
        run_module(words[0], words[1:])
    except TasbError as error:
        print(f"{words[0]}: {in_one_line(error)}", file=sys.stderr)
        return 1
    return 0


def run_module(name: str, arguments: list[str]) -> None:
    """Run a module as ``python -m`` does.

    Raises
    ------
    TasbError
        If there is no such module.
    """
    try:
        found = find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise
        found = None
    if found is None:
        raise TasbError("no such module in the installed Pyserini")
    sys.argv = [name, *arguments]
    runpy.run_module(name, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
