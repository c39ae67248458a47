"""``tasb prebuilt``: what can be fetched by name, fetched and looked after."""

import argparse
import json
import os
from collections.abc import Callable
from typing import get_args

from tasb_pyserini.cli.arguments import add_json_argument, byte_rate, positive_int
from tasb_pyserini.cli.help import add_step
from tasb_pyserini.cli.prebuilt_report import (
    check_lines,
    info_lines,
    info_report,
    print_list,
    print_usage,
    status_report,
    usage_report,
)
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.units import size_in_words
from tasb_pyserini.prebuilt.catalog import find
from tasb_pyserini.prebuilt.download.download import CONNECTIONS
from tasb_pyserini.prebuilt.entry import Kind
from tasb_pyserini.prebuilt.fetch import fetch
from tasb_pyserini.prebuilt.installed import listing, remove, status
from tasb_pyserini.prebuilt.verification import verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the steps of ``tasb prebuilt``."""
    parser.description = (
        "Fetch indexes, queries, judgements and data by name into Pyserini's cache, "
        "and look after them. PYSERINI_CACHE names the cache, TASB_SHARED_CACHE "
        "further ones that are only read, TASB_CATALOG catalogues of your own, "
        "TASB_MIRROR copies of the files; TASB_OFFLINE=1 forbids the network."
    )
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    for step, (summary, _, names) in STEPS.items():
        added = add_step(steps, step, summary)
        if names:
            nargs = "+" if names == "names" else None
            added.add_argument(
                names, nargs=nargs, metavar="NAME", help="see tasb prebuilt list"
            )
        if step == "list":
            added.add_argument("--kind", choices=get_args(Kind), help="only this kind")
            added.add_argument(
                "--installed", action="store_true", help="only what is on the disk"
            )
        if step == "get":
            added.add_argument(
                "--connections",
                type=positive_int,
                default=CONNECTIONS,
                metavar="N",
                help="connections at a time, at most, for a large file",
            )
            added.add_argument(
                "--limit-rate",
                type=byte_rate,
                metavar="RATE",
                help="bytes per second, at most: 500K, 10M, 1G, in powers of 1024; "
                "no limit unless told",
            )
        add_json_argument(added)


def run(args: argparse.Namespace) -> int:
    """Run a step; status 1 where something is wrong or absent."""
    _, step, _ = STEPS[args.step]
    return step(args)


def _list(args: argparse.Namespace) -> int:
    found = [
        each
        for each in listing(os.environ)
        if args.kind in (None, each.entry.kind)
        and (each.path is not None or not args.installed)
    ]
    if args.json:
        _print_json([status_report(each) for each in found])
    else:
        print_list(found)
    return 0


def _info(args: argparse.Namespace) -> int:
    found = status(find(args.name, os.environ), os.environ)
    if args.json:
        _print_json(info_report(found, os.environ))
    else:
        print(*info_lines(found, os.environ), sep="\n")
    return 0


def _get(args: argparse.Namespace) -> int:
    entries = {name: find(name, os.environ) for name in args.names}
    paths = {}
    for name, entry in entries.items():
        path = fetch(
            entry,
            os.environ,
            connections=args.connections,
            rate_limit=args.limit_rate,
        )
        paths[name] = str(path)
        if not args.json:
            print(path)
    if args.json:
        _print_json(paths)
    return 0


def _verify(args: argparse.Namespace) -> int:
    found = {name: verify(name, os.environ) for name in args.names}
    if args.json:
        _print_json(
            {
                name: {
                    "path": str(each.path),
                    "checked": each.checked,
                    "unchecked": each.unchecked,
                    "faults": each.faults,
                }
                for name, each in found.items()
            }
        )
    else:
        for name, each in found.items():
            print(*check_lines(name, each), sep="\n")
    return 1 if any(each.faults for each in found.values()) else 0


def _path(args: argparse.Namespace) -> int:
    found = status(find(args.name, os.environ), os.environ)
    if found.path is None:
        raise TasbError(
            f"{args.name}: not on the disk; run `tasb prebuilt get {args.name}`"
        )
    if args.json:
        _print_json({args.name: str(found.path)})
    else:
        print(found.path)
    return 0


def _remove(args: argparse.Namespace) -> int:
    for name in args.names:
        find(name, os.environ)
    freed = {}
    for name in args.names:
        freed[name] = remove(name, os.environ)
        if not args.json:
            print(f"{name}: removed, {size_in_words(freed[name])} freed")
    if args.json:
        _print_json(freed)
    return 0


def _du(args: argparse.Namespace) -> int:
    found = [each for each in listing(os.environ) if each.taken]
    if args.json:
        _print_json(usage_report(found))
    else:
        print_usage(found)
    return 0


def _print_json(report: object) -> None:
    print(json.dumps(report, indent=2, ensure_ascii=False))


Step = Callable[[argparse.Namespace], int]

STEPS: dict[str, tuple[str, Step, str]] = {
    "list": ("list the entries of all catalogues", _list, ""),
    "info": (
        "show licence, citation, source, URLs and checksums of an entry",
        _info,
        "name",
    ),
    "get": ("fetch entries and print where they are", _get, "names"),
    "verify": (
        "read all files of entries and compare them with their checksums",
        _verify,
        "names",
    ),
    "path": ("print where an entry is", _path, "name"),
    "remove": ("remove entries from your own cache", _remove, "names"),
    "du": ("show how much of the disk the entries take", _du, ""),
}
"""Step → one line of help, its function, its argument of names."""
