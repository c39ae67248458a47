"""The size of an encoder that a command makes, as arguments."""

import argparse
from collections.abc import Mapping

from tasb_pyserini.formats.errors import TasbError

SIZE = {
    "layers": "transformer layers",
    "dimension": "of the vectors; the heads share it evenly",
    "heads": "attention heads per layer",
    "vocabulary": "word pieces to learn from these passages",
}


def add_size_arguments(
    parser: argparse._ActionsContainer, defaults: Mapping[str, int]
) -> None:
    """Declare the size of an encoder that starts from nothing.

    Parameters
    ----------
    parser
        Of the command, or a group of it.
    defaults
        The command's own.
    """
    for name, text in SIZE.items():
        parser.add_argument(
            f"--{name}",
            type=int,
            metavar="N",
            help=f"{text} (default: {defaults[name]})",
        )


def size_of(args: argparse.Namespace, defaults: Mapping[str, int]) -> dict[str, int]:
    """Return the size, what was not given as in `defaults`."""
    return {name: defaults[name] for name in SIZE} | _given(args)


def refuse_size(args: argparse.Namespace) -> None:
    """Refuse a size beside the checkpoint of ``--init``, which has its own.

    Raises
    ------
    TasbError
        If one was given.
    """
    if given := _given(args):
        raise TasbError(
            f"{', '.join(f'--{name}' for name in given)}: of a new encoder; with "
            f"--init the size is that of {args.init}; leave out the one or the other"
        )


def _given(args: argparse.Namespace) -> dict[str, int]:
    sizes = {name: getattr(args, name) for name in SIZE}
    return {name: size for name, size in sizes.items() if size is not None}
