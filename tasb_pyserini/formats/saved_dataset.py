"""Folders that the ``datasets`` library saved."""

from pathlib import Path

FILES = ("state.json", "dataset_dict.json")
"""``save_to_disk`` writes one of these into every folder."""


def is_saved_dataset(folder: Path) -> bool:
    """Tell whether ``save_to_disk`` wrote a folder."""
    return any((folder / name).is_file() for name in FILES)
