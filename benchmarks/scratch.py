"""The folder of ``--scratch``."""

from pathlib import Path


def made_folder(text: str) -> Path:
    """Return the folder of that name, made where there was none."""
    folder = Path(text)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
