"""How ``--help`` tells defaults."""

import argparse


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Adds each default that says something and that the help does not name itself.

    Examples
    --------
    >>> parser = argparse.ArgumentParser(formatter_class=HelpFormatter, add_help=False)
    >>> _ = parser.add_argument("--k", default=10, help="hits")
    >>> _ = parser.add_argument("--b", help="of BM25 (default: 0.4)")
    >>> _ = parser.add_argument("--json", action="store_true", help="print JSON")
    >>> print(parser.format_help().partition("options:")[2])
    <BLANKLINE>
      --k K   hits (default: 10)
      --b B   of BM25 (default: 0.4)
      --json  print JSON
    <BLANKLINE>
    """

    def _get_help_string(self, action: argparse.Action) -> str | None:
        silent = action.default is None or action.default in (False, [], ())
        if silent or "(default:" in (action.help or ""):
            return action.help
        return super()._get_help_string(action)
