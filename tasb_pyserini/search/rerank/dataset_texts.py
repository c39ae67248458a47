"""Passages out of a folder that ``datasets`` saved."""

from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

from tasb_pyserini.formats.errors import InputError, TasbError, first_line
from tasb_pyserini.formats.records import Passage
from tasb_pyserini.formats.saved_dataset import is_saved_dataset

ID_COLUMNS = ("docid", "_id", "id", "pid")
TEXT_COLUMNS = ("contents", "text", "passage")
SPLITS = ("corpus", "train")
ROWS_AT_ONCE = 10_000


def dataset_passages(folder: Path, docids: Set[str]) -> Iterator[Passage]:
    """Yield those of `docids` that a folder of ``save_to_disk`` has.

    Only some rows are in memory at a time. A title becomes the first line, unless the
    column of the text is ``contents``.

    Parameters
    ----------
    folder
        A data set, or several by split: ``corpus``, else ``train``, else the only one.
    docids
        Which rows.

    Raises
    ------
    TasbError
        If it can't be loaded, has no columns of passages, or one is not a text.
    """
    data = _load(folder)
    names: list[str] = data.column_names
    docid = _choose(folder, names, ID_COLUMNS)
    text = _choose(folder, names, TEXT_COLUMNS)
    title = "title" if "title" in names and text != "contents" else None
    rows = data.select_columns([name for name in (docid, text, title) if name])
    for number, batch in enumerate(rows.iter(batch_size=ROWS_AT_ONCE)):
        for row, name in enumerate(map(str, batch[docid])):
            if name in docids:
                place = number * ROWS_AT_ONCE + row + 1
                contents = _string(folder, place, text, batch[text][row])
                first = batch[title][row] if title else None
                if isinstance(first, str) and first.strip():
                    contents = f"{first}\n{contents}"
                yield Passage(name, contents)


def _load(folder: Path) -> Any:
    from datasets import DatasetDict, load_from_disk

    if not is_saved_dataset(folder):
        raise TasbError(f"{folder}: expected a folder that save_to_disk wrote")
    try:
        data = load_from_disk(str(folder))
    except (OSError, RuntimeError, ValueError) as error:
        reason = first_line(error)
        raise TasbError(f"{folder}: datasets can't load it: {reason}") from error
    if not isinstance(data, DatasetDict):
        return data
    splits = list(data)
    chosen = next((split for split in SPLITS if split in data), splits[0])
    if chosen not in SPLITS and len(splits) > 1:
        raise TasbError(
            f"{folder}: splits {', '.join(splits)}; expected {' or '.join(SPLITS)}"
        )
    return data[chosen]


def _choose(folder: Path, names: list[str], known: tuple[str, ...]) -> str:
    chosen = next((name for name in known if name in names), None)
    if chosen is None:
        problem = f"columns {', '.join(names)}"
        raise InputError(folder, None, problem, f"one of {', '.join(known)}")
    return chosen


def _string(folder: Path, number: int, name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InputError(folder, number, f"{name} {value!r:.40}", "a text")
    return value
