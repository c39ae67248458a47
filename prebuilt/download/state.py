"""What a half-done download knows of itself, in a small JSON file beside it."""

from dataclasses import asdict, dataclass
from pathlib import Path

from tasb_pyserini.formats.json_file import read_object_or_none, write_object
from tasb_pyserini.prebuilt.download.segments import Spans, add
from tasb_pyserini.prebuilt.record import is_pair


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where the bytes of a part file are from, and which are there.

    Parameters
    ----------
    url
        Mirror that sent the last of them.
    size
        Bytes of the whole file; None where the mirror does not say.
    etag, last_modified
        What that mirror said of the file's version.
    done
        Spans that are there.
    """

    url: str
    size: int | None
    etag: str | None = None
    last_modified: str | None = None
    done: Spans = ()


def part_path(target: Path) -> Path:
    """Return where a download is kept until it is whole.

    Examples
    --------
    >>> part_path(Path("cache/index.tar.gz")).as_posix()
    'cache/.index.tar.gz.part'
    """
    return target.with_name(f".{target.name}.part")


def state_path(target: Path) -> Path:
    """Return where the state of a download is kept.

    Examples
    --------
    >>> state_path(Path("index.tar.gz")).as_posix()
    '.index.tar.gz.part.json'
    """
    return target.with_name(f".{target.name}.part.json")


def read_state(path: Path) -> State | None:
    """Return the state in a file; None where there is none that can be used.

    Raises
    ------
    TasbError
        If it may not be read.
    """
    values = read_object_or_none(path) or {}
    spans = values.pop("done", None)
    if not isinstance(spans, list) or not all(map(is_pair, spans)):
        return None
    done: Spans = ()
    for start, stop in spans:
        done = add(done, start, stop)
    try:
        state = State(**values, done=done)
    except TypeError:
        return None
    texts = (state.etag, state.last_modified)
    sound = (
        isinstance(state.url, str)
        and all(text is None or isinstance(text, str) for text in texts)
        and (state.size is None or isinstance(state.size, int))
        and all(start >= 0 for start, _ in done)
        and (state.size is None or not done or done[-1][1] <= state.size)
    )
    return state if sound else None


def write_state(path: Path, state: State) -> None:
    """Write a state; a reader finds the old one or the new one, whole."""
    write_object(path, asdict(state), indent=None)
