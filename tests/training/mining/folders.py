"""Folders that the datasets library loads."""

from pathlib import Path

import pytest

datasets = pytest.importorskip("datasets")


def write_folder(name: str, rows: list[dict[str, object]], ending: str) -> Path:
    """Write rows as a data set of one file, or as `save_to_disk` does."""
    folder = Path(name)
    folder.mkdir()
    data = datasets.Dataset.from_list(rows)
    if ending == "jsonl":
        data.to_json(folder / "train.jsonl")
    elif ending == "parquet":
        data.to_parquet(folder / "train.parquet")
    elif ending == "saved":
        data.save_to_disk(str(folder))
    elif ending == "splits":
        datasets.DatasetDict({"train": data}).save_to_disk(str(folder))
    else:
        data.save_to_disk("saved")
        [shard] = Path("saved").glob("*.arrow")
        shard.rename(folder / "train.arrow")
    return folder
