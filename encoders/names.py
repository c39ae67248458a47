"""The names that ``--encoder`` takes: ``tasb``, ``tasb:int8:/path/or/hub-id``."""

from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError

FAMILY = "tasb"
BACKENDS = ("torch", "bf16", "fp16", "onnx", "openvino", "int8")


@dataclass(frozen=True, slots=True)
class EncoderName:
    """An encoder's name, taken apart.

    Parameters
    ----------
    backend
        What runs the model; None: the fastest that is exact.
    location
        Name of a card, a folder, or a hub id.
    """

    backend: str | None
    location: str


def parse_name(name: str) -> EncoderName:
    """Take an encoder's name apart.

    ``tasb`` is the public checkpoint, ``tasb:LOCATION`` any checkpoint of its family,
    ``tasb:BACKEND`` and ``tasb:BACKEND:LOCATION`` choose what runs it. A name without
    ``tasb:`` is a location, for our own commands.

    Raises
    ------
    TasbError
        If the name is empty.

    Examples
    --------
    >>> parse_name("tasb")
    EncoderName(backend=None, location='tasb')
    >>> parse_name("tasb:int8")
    EncoderName(backend='int8', location='tasb')
    >>> parse_name("tasb:torch:models/balanced")
    EncoderName(backend='torch', location='models/balanced')
    >>> parse_name("models/my-tasb-student")
    EncoderName(backend=None, location='models/my-tasb-student')
    """
    if name == FAMILY:
        return EncoderName(None, FAMILY)
    location = name.removeprefix(f"{FAMILY}:")
    first, colon, rest = location.partition(":")
    backend = None
    if first in BACKENDS and (colon or is_our_name(name)):
        backend, location = first, rest if colon else FAMILY
    if not location:
        raise TasbError(
            f"{name!r} names no encoder; "
            f"expected 'tasb', 'tasb:FOLDER' or 'tasb:HUB-ID'"
        )
    return EncoderName(backend, location)


def is_our_name(name: str) -> bool:
    """Tell whether a name means TAS-B where other encoders have names too.

    Examples
    --------
    >>> is_our_name("tasb"), is_our_name("tasb:int8:models/balanced")
    (True, True)
    >>> is_our_name("tasb-work/tct_colbert")
    False
    """
    return name == FAMILY or name.startswith(f"{FAMILY}:")


def absolute_name(name: str) -> str:
    """Return a name that means the same from any working directory.

    Names of cards and hub ids stay as they are.

    Examples
    --------
    >>> absolute_name("tasb:int8")
    'tasb:int8'
    >>> absolute_name("tasb:int8:/") == "tasb:int8:/"
    True
    """
    folder = checkpoint_folder(name)
    return name if folder is None else with_folder(name, folder.absolute())


def checkpoint_folder(name: str) -> Path | None:
    """Return the folder that a name means; None for a card or a hub id."""
    location = parse_name(name).location
    folder = Path(location).expanduser()
    return folder if location not in read_cards() and folder.is_dir() else None


def with_folder(name: str, folder: Path) -> str:
    """Return a name with its location replaced by a folder.

    Examples
    --------
    >>> with_folder("tasb:int8:models/balanced", Path("/models/balanced"))
    'tasb:int8:/models/balanced'
    """
    backend = parse_name(name).backend
    return ":".join([FAMILY, *([backend] if backend else []), str(folder)])


def read_cards() -> dict[str, EncoderSpec]:
    """Return the specs of published checkpoints by card name (``tasb``, …)."""
    with as_file(files("tasb_pyserini.encoders") / "cards") as folder:
        return {
            path.stem: EncoderSpec.read(path)
            for path in sorted(Path(folder).glob("*.json"))
        }
