"""The files that a spec starts from, found, fetched and checked."""

import os
import shutil
from pathlib import Path

from tasb_pyserini.formats.checksum import path_sha256
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.replace import replace_bytes
from tasb_pyserini.prebuilt.download.download import download
from tasb_pyserini.regressions.spec import InputFile, Spec

VARIABLE = "TASB_DATA"


class NotRun(TasbError):
    """Something that a spec needs is not at hand, so that nothing is proved."""


def data_folder() -> Path:
    """Return the folder of collections: ``TASB_DATA``, else ``shared/data`` beside us.

    The latter stands beside a checkout of this project.
    """
    checkout = Path(__file__).resolve().parents[1]
    return Path(os.environ.get(VARIABLE, checkout.parent / "shared" / "data"))


def place_inputs(spec: Spec, folder: Path, data: Path) -> dict[str, str]:
    """Copy or fetch the inputs of a spec into its folder; return their checksums.

    They are checked on every call, also those that are there already.

    Raises
    ------
    NotRun
        If one is not at hand, and its URL does not give what the spec says.
    InputError
        If one that is there has another checksum than the spec says.
    """
    found: dict[str, str] = {}
    for item in spec.inputs:
        place = folder / item.file
        if not place.is_file():
            _place(item, place, data)
        found[item.file] = path_sha256(place)
        if found[item.file] != item.sha256:
            raise InputError(
                place,
                None,
                f"sha256 {found[item.file]}",
                f"{item.sha256}, as {spec.path.name} says",
                f"delete it and see to {data / item.source}",
            )
    return found


def _place(item: InputFile, place: Path, data: Path) -> None:
    source = data / item.source
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        with source.open("rb") as given, replace_bytes(place) as file:
            shutil.copyfileobj(given, file)
        return
    if not item.url:
        raise NotRun(
            f"no {source}; set {VARIABLE} to the folder of collections; docs/data.md "
            "says what lies there"
        )
    try:
        download([item.url], place, digests={"sha256": item.sha256}, progress=False)
    except TasbError as error:
        raise NotRun(f"no {source}, and {' '.join(str(error).split())}") from error
