"""The names that ``--encoder`` takes: ``tasb``, ``tasb:/path/or/hub-id``."""

from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError

FAMILY = "tasb"
BACKENDS = ("torch",)
_RESERVED_BACKENDS = ("onnx", "int8")


@dataclass(frozen=True, slots=True)
class EncoderName:
    """An encoder's name, taken apart.

    Parameters
    ----------
    backend
        What runs the model.
    location
        Name of a card, a folder, or a hub id.
    """

    backend: str
    location: str


def parse_name(name: str) -> EncoderName:
    """Take an encoder's name apart.

    ``tasb`` is the public checkpoint, ``tasb:LOCATION`` any checkpoint of its family,
    ``tasb:BACKEND`` and ``tasb:BACKEND:LOCATION`` choose what runs it. A name without
    ``tasb:`` is a location: Pyserini sends every name that contains ``tasb`` here.

    Raises
    ------
    TasbError
        If the name is empty or asks for a backend that is not there.

    Examples
    --------
    >>> parse_name("tasb")
    EncoderName(backend='torch', location='tasb')
    >>> parse_name("tasb:torch:models/balanced")
    EncoderName(backend='torch', location='models/balanced')
    >>> parse_name("models/my-tasb-student")
    EncoderName(backend='torch', location='models/my-tasb-student')
    """
    if name == FAMILY:
        return EncoderName("torch", FAMILY)
    location = name.removeprefix(f"{FAMILY}:")
    backend, colon, rest = location.partition(":")
    if backend in _RESERVED_BACKENDS:
        raise TasbError(
            f"{name!r}: backend {backend!r} is not in this version; "
            f"expected one of {', '.join(BACKENDS)}"
        )
    if backend in BACKENDS:
        location = rest if colon else FAMILY
    if not location:
        raise TasbError(
            f"{name!r} names no encoder; "
            f"expected 'tasb', 'tasb:FOLDER' or 'tasb:HUB-ID'"
        )
    return EncoderName("torch", location)


def read_cards() -> dict[str, EncoderSpec]:
    """Return the specs of published checkpoints by card name (``tasb``, …)."""
    with as_file(files("tasb_pyserini.encoders") / "cards") as folder:
        return {
            path.stem: EncoderSpec.read(path)
            for path in sorted(Path(folder).glob("*.json"))
        }
