"""Download a file from the first of its mirrors that delivers it whole and right."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from tqdm import tqdm

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.download.hashing import PrefixHashes
from tasb_pyserini.prebuilt.download.http import HostError, MirrorError
from tasb_pyserini.prebuilt.download.part import Part, open_part
from tasb_pyserini.prebuilt.download.rate import RateLimit
from tasb_pyserini.prebuilt.download.segments import total
from tasb_pyserini.prebuilt.download.transfer import Transfer
from tasb_pyserini.prebuilt.download.version import ChangedError, Wanted, can_keep

CONNECTIONS = 4
BEGINNINGS = 3
"""How often a file that keeps changing is begun on one mirror."""


class UnreachableError(TasbError):
    """None of a file's mirrors could be reached."""


def download(
    urls: Sequence[str],
    target: Path,
    *,
    size: int | None = None,
    digests: Mapping[str, str] | None = None,
    connections: int = CONNECTIONS,
    rate_limit: float | None = None,
    progress: bool = True,
    arrived: Callable[[int], None] = lambda n_bytes: None,
) -> None:
    """Download a file; resume where an earlier call was interrupted.

    `target` appears once it is whole, has the right size and digests, and is on the
    disk; until then its bytes are in ``.<name>.part`` beside it (`state.part_path`),
    with a note in ``.<name>.part.json``. One call at a time for one target.

    Parameters
    ----------
    urls
        Mirrors, best first. The next is tried on any HTTP error, a wrong size or a
        wrong digest, but none at a host to which there is no connection.
    target
        The file to write; what was there is replaced.
    size
        Bytes, where known in advance.
    digests
        Algorithm (``md5``, ``sha256``) → hexadecimal digits, where known in advance.
        With one, bytes from one mirror are completed from another.
    connections
        Most at a time; more than one only where the server sends ranges and the file is
        longer than a segment (64 MiB).
    rate_limit
        Most bytes a second, over all connections.
    progress
        Show a bar with rate and time left.
    arrived
        Called in this thread with n once the first n bytes of the part file can be read
        and are hashed. It may come with 0 later on: the file is begun anew, and what
        was read of it is void, as is an error met in reading it.

    Raises
    ------
    UnreachableError
        If there is no connection to any mirror.
    TasbError
        If no mirror delivers: a line for each with what happened; or if the file can't
        be written. What came is kept for the next call.
    """
    if not urls:
        raise TasbError(f"{target}: no URL to download it from")
    wanted = Wanted(size=size, digests=digests or {})
    rate = RateLimit(rate_limit)
    failures: dict[str, MirrorError] = {}
    unreachable: dict[str, str] = {}
    with open_part(target) as part:
        hashes = PrefixHashes(part, wanted.digests, arrived)
        for url in _in_order(urls, part, wanted):
            if (host := urlsplit(url).netloc) in unreachable:
                continue
            bar = partial(_bar, part, target.name, progress)
            try:
                _fetch(url, part, wanted, hashes, connections, rate, bar)
            except MirrorError as error:
                failures[url] = error
                if isinstance(error, HostError):
                    unreachable[host] = str(error)
            else:
                part.finish()
                return
    if all(isinstance(error, HostError) for error in failures.values()):
        *_, reason = unreachable.values()
        raise UnreachableError(f"no connection to {', '.join(unreachable)} ({reason})")
    tried = (f"{url}: {error}" for url, error in failures.items())
    raise TasbError("\n  ".join([f"{target}: not downloaded; tried:", *tried]))


def _in_order(urls: Sequence[str], part: Part, wanted: Wanted) -> list[str]:
    """Return the mirrors, first the only one that can complete the bytes at hand."""
    mirrors = list(dict.fromkeys(urls))
    return sorted(
        mirrors,
        key=lambda url: bool(wanted.digests or not can_keep(part.now(), url, wanted)),
    )


def _fetch(
    url: str,
    part: Part,
    wanted: Wanted,
    hashes: PrefixHashes,
    connections: int,
    rate: RateLimit,
    open_bar: "Callable[[bool], tqdm[NoReturn]]",
) -> None:
    """Complete the part file from one mirror, and check it.

    Bytes from an earlier call or another mirror may be what is wrong with it; then it
    is fetched once more from the beginning.
    """
    for _ in range(BEGINNINGS):
        kept = can_keep(part.now(), url, wanted)
        try:
            if not (kept and part.is_whole):
                with open_bar(kept) as bar:
                    transfer = Transfer(url, part, wanted, rate)
                    look = partial(_look, part, hashes, bar)
                    try:
                        transfer.run(connections, look)
                    except HostError:
                        bar.leave = transfer.mirror.answered
                        raise
            while hashes.follow():
                pass
            problem = hashes.mismatch()
        except ChangedError as error:
            problem, kept = str(error), True
        if problem is None:
            return
        part.forget()
        if not kept:
            break
    raise MirrorError(problem)


def _bar(part: Part, name: str, progress: bool, kept: bool) -> "tqdm[NoReturn]":
    state = part.state
    there = total(part.done) if kept else 0
    size = state.size if kept and state else None
    return tqdm(
        desc=name,
        total=size,
        initial=there,
        unit="B",
        unit_scale=True,
        disable=not progress,
    )


def _look(part: Part, hashes: PrefixHashes, bar: "tqdm[NoReturn]") -> bool:
    """Hash and show what has come; tell whether there is more to hash."""
    more = hashes.follow()
    if (state := part.state) is not None:
        bar.total = state.size
        bar.update(total(part.done) - bar.n)
    return more
