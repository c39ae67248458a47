"""TAS-B among the encoder classes that Pyserini chooses from."""

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from tasb_pyserini.encoders.document import TasbDocumentEncoder
from tasb_pyserini.encoders.names import FAMILY, is_our_name
from tasb_pyserini.encoders.query import TasbQueryEncoder
from tasb_pyserini.formats.errors import TasbError


def register_encoders(encode: ModuleType) -> None:
    """Put our classes into the class maps of ``pyserini.encode``.

    The maps are changed in place because others may hold them already.
    """
    put_around(encode.query_encoder_class_map, TasbQueryEncoder)
    put_around(encode.document_encoder_class_map, TasbDocumentEncoder)


def put_around(class_map: dict[str, Callable[..., Any]], encoder: type) -> None:
    """Register `encoder` as ``tasb:`` before all other classes, as ``tasb`` after them.

    Pyserini takes the first key that is part of the encoder's name. It would load
    ``tasb:balanced-finance`` as ANCE, were that key first; and ``tasb`` comes last so
    that ``tasb-work/tct_colbert`` is what it is without us.

    Examples
    --------
    >>> class_map = {"ance": dict, "auto": list}
    >>> put_around(class_map, set)
    >>> list(class_map)
    ['tasb:', 'ance', 'auto', 'tasb']
    """
    others = {
        key: value for key, value in class_map.items() if not key.startswith(FAMILY)
    }
    class_map.clear()
    class_map[f"{FAMILY}:"] = encoder
    class_map.update(others)
    class_map[FAMILY] = by_our_names(encoder)


def by_our_names(encoder: type) -> Callable[..., Any]:
    """Return `encoder`, refusing names that hold ``tasb`` somewhere.

    Pyserini keeps ``--pooling`` and ``--l2-norm`` from every class but its own generic
    one, so that another model in a folder ``tasb-work`` would be badly ranked.

    Raises
    ------
    TasbError
        If the name is not ``tasb`` or ``tasb:…``.
    """

    @wraps(encoder, updated=())
    def load(*arguments: Any, **options: Any) -> Any:
        named = (options.get(key) for key in ("encoder_dir", "model_name"))
        name = next((one for one in (*arguments, *named) if one), FAMILY)
        if not is_our_name(name):
            raise TasbError(
                f"encoder {name!r}: {FAMILY!r} within a name is no choice of encoder; "
                f"use '{FAMILY}:{name}' for a TAS-B checkpoint, or --encoder-class auto"
            )
        return encoder(*arguments, **options)

    return load
