"""Triples from what the ``datasets`` library loads: the hub, folders, files."""

import glob
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from tasb_pyserini.formats.errors import InputError, TasbError, first_line
from tasb_pyserini.formats.records import is_id
from tasb_pyserini.formats.saved_dataset import is_saved_dataset

BUILDERS = {
    ".jsonl": "json",
    ".jsonl.gz": "json",
    ".json": "json",
    ".parquet": "parquet",
    ".arrow": "arrow",
}
"""Ending of a file's name → what of ``datasets`` reads it."""

LAYOUTS = {
    ("query_id|qid", "positive_id|pos_id", "negative_id|neg_id"): False,
    ("query|anchor", "positive|pos", "negative|neg"): True,
    ("query_id|qid", "pos", "neg"): False,
}
"""Columns of a triple, names parted by ``|`` → whether they hold texts."""

PROBE_SECONDS = 5.0

Columns = tuple[str, str, str]
Rows = Iterable[Mapping[str, Any]]


def dataset_rows(source: str) -> tuple[bool, Iterator[Columns]]:
    """Open a data set's split ``train``, one row in memory at a time.

    Parameters
    ----------
    source
        A file ``.jsonl``, ``.json``, ``.parquet`` or ``.arrow``, also with ``*``; a
        folder of them, or one that ``datasets`` saved; else the name of a data set on
        the hub; folder and name may be followed by ``:CONFIG``. No code of a data set
        is run.

    Returns
    -------
    tuple
        Whether the rows hold texts rather than ids, and the rows: query, positive,
        negative.

    Raises
    ------
    TasbError
        If it can't be loaded, or has no columns of triples; at a row, if a value is
        not a text or an id.
    """
    rows = iter(_errors_named(source, _load(source)))
    first = next(rows, None)
    if first is None:
        raise _no_triples(source)
    columns, texts = _choose_columns(source, list(first))
    return texts, _values(source, chain([first], rows), columns, texts)


def builder_of(source: str) -> str | None:
    """Return what of ``datasets`` reads a file of this name, if anything does."""
    return next((BUILDERS[end] for end in BUILDERS if source.endswith(end)), None)


def _load(source: str) -> Rows:
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    builder = builder_of(source)
    if builder is not None and not glob.glob(source):
        raise TasbError(f"{source}: no such file")
    name, config = _parse_name(source)
    folder = Path(name)
    if builder is None and not folder.is_dir():
        _ask_hub(source, name)
    try:
        rows: Rows
        if builder is not None:
            rows = load_dataset(
                builder, data_files=source, split="train", streaming=True
            )
        elif is_saved_dataset(folder):
            rows = _saved(folder)
        else:
            rows = load_dataset(name, config, split="train", streaming=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise _unreadable(source, error) from error
    except StopIteration as error:  # of an empty JSON file
        raise _no_triples(source) from error
    return rows


def _saved(folder: Path) -> Rows:
    """Return what ``save_to_disk`` wrote, or its split ``train``."""
    from datasets import DatasetDict, load_from_disk

    saved = load_from_disk(str(folder))
    if isinstance(saved, DatasetDict):
        if "train" not in saved:
            splits = ", ".join(saved)
            raise ValueError(f"no split 'train' among {splits}")
        saved = saved["train"]
    rows: Rows = saved
    return rows


def _parse_name(source: str) -> tuple[str, str | None]:
    """Return name and configuration.

    Examples
    --------
    >>> _parse_name("someone/triples:hard"), _parse_name("someone/triples")
    (('someone/triples', 'hard'), ('someone/triples', None))
    """
    if Path(source).is_dir() or ":" not in source:
        return source, None
    name, _, config = source.rpartition(":")
    return name, config


def _ask_hub(source: str, name: str) -> None:
    """Ask the hub for a data set; at once, where the library would try for minutes."""
    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    what = f"{source}: no such file or folder, and the hub"
    if HF_HUB_OFFLINE:
        raise TasbError(f"{what} is switched off (HF_HUB_OFFLINE is set)")
    try:
        urlopen(f"{ENDPOINT}/api/datasets/{name}", timeout=PROBE_SECONDS).close()
    except HTTPError as error:
        # Gated repositories answer 401 here, and to the library's token all the same.
        if error.code != 401:
            raise TasbError(
                f"{what} has no data set of that name ({error.code} {error.reason})"
            ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise TasbError(
            f"{what} can't be reached ({reason}); expected a TSV file of triples, a "
            "folder that datasets loads, or a network"
        ) from error


def _choose_columns(source: str, names: list[str]) -> tuple[Columns, bool]:
    """Return the columns of query, positive and negative; whether they are texts."""
    for layout, texts in LAYOUTS.items():
        chosen = [
            next((name for name in wanted.split("|") if name in names), None)
            for wanted in layout
        ]
        query, pos, neg = chosen
        if query is not None and pos is not None and neg is not None:
            return (query, pos, neg), texts
    expected = "; or ".join(", ".join(layout) for layout in LAYOUTS)
    raise InputError(Path(source), None, f"columns {', '.join(names)}", expected)


def _values(
    source: str, rows: Rows, columns: Columns, texts: bool
) -> Iterator[Columns]:
    for number, row in enumerate(rows, start=1):
        query, pos, neg = (_value(source, number, row, name, texts) for name in columns)
        yield query, pos, neg


def _value(
    source: str, number: int, row: Mapping[str, Any], name: str, texts: bool
) -> str:
    value = row.get(name)
    if texts and isinstance(value, str) and value.strip():
        return value
    if not texts and type(value) is int:
        return str(value)
    if not texts and isinstance(value, str) and is_id(value):
        return value
    shown = repr(value) if len(repr(value)) <= 40 else f"{repr(value)[:40]}…"
    expected = "a text" if texts else "an id: one word or a whole number"
    raise InputError(Path(source), number, f"{name} {shown}", expected)


def _errors_named(source: str, rows: Rows) -> Iterator[Mapping[str, Any]]:
    """Yield the rows; an error of the library on the way becomes one line."""
    from datasets.exceptions import DatasetsError

    remaining = iter(rows)
    while True:
        try:
            row = next(remaining)
        except StopIteration:
            return
        except (DatasetsError, OSError, RuntimeError, ValueError) as error:
            raise _unreadable(source, error) from error
        yield row


def _no_triples(source: str) -> InputError:
    return InputError(Path(source), None, "no triples", "at least one row")


def _unreadable(source: str, error: Exception) -> TasbError:
    return TasbError(f"{source}: datasets can't load it: {first_line(error)}")
