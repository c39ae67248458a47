"""How ``--help`` looks: what it says of a step, and of defaults."""

import argparse
import textwrap
from typing import Any


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Adds each default that the help does not name itself; parts no word at a hyphen.

    Examples
    --------
    >>> parser = argparse.ArgumentParser(formatter_class=HelpFormatter, add_help=False)
    >>> _ = parser.add_argument("--k", default=[10, 100], help="hits")
    >>> _ = parser.add_argument("--skip", default=0, help="ranks")
    >>> _ = parser.add_argument("--b", help="of BM25 (default: 0.4)")
    >>> _ = parser.add_argument("--json", action="store_true", help="print JSON")
    >>> print(parser.format_help().partition("options:")[2])
    <BLANKLINE>
      --k K        hits (default: 10 100)
      --skip SKIP  ranks (default: 0)
      --b B        of BM25 (default: 0.4)
      --json       print JSON
    <BLANKLINE>
    """

    def _get_help_string(self, action: argparse.Action) -> str | None:
        default = action.default
        silent = default is None or default is False or default in ([], (), "")
        if silent or "(default:" in (action.help or ""):
            return action.help
        if isinstance(default, list | tuple):
            return f"{action.help} (default: {' '.join(map(str, default))})"
        return super()._get_help_string(action)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False)


def add_step(
    steps: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    summary: str,
    description: str | None = None,
    **options: Any,
) -> argparse.ArgumentParser:
    """Declare a step of a command, such as ``index`` of ``tasb bm25``.

    Parameters
    ----------
    steps
        Of the command.
    name
        Of the step.
    summary
        One line for the command's help; begins the step's own, unless that has a
        `description`.
    description
        For the step's own help.
    **options
        As for ``add_parser``.
    """
    return steps.add_parser(
        name,
        help=summary,
        description=description or f"{summary[0].upper()}{summary[1:]}.",
        formatter_class=HelpFormatter,
        **options,
    )
