"""TAS-B among the encoder classes that Pyserini chooses from."""

from types import ModuleType

from tasb_pyserini.encoders.document import TasbDocumentEncoder
from tasb_pyserini.encoders.query import TasbQueryEncoder

KEY = "tasb"


def register_encoders(encode: ModuleType) -> None:
    """Put our classes first in the class maps of ``pyserini.encode``.

    Pyserini takes the first key that is part of the encoder's name; a checkpoint
    called ``balanced-finance`` would otherwise be loaded as ANCE. The maps are changed
    in place because others may hold them already.
    """
    put_first(encode.query_encoder_class_map, TasbQueryEncoder)
    put_first(encode.document_encoder_class_map, TasbDocumentEncoder)


def put_first(class_map: dict[str, type], encoder_class: type) -> None:
    """Register `encoder_class` before every other class.

    Examples
    --------
    >>> class_map: dict[str, type] = {"ance": dict, "tasb": list}
    >>> put_first(class_map, set)
    >>> class_map
    {'tasb': <class 'set'>, 'ance': <class 'dict'>}
    """
    others = {key: value for key, value in class_map.items() if key != KEY}
    class_map.clear()
    class_map[KEY] = encoder_class
    class_map.update(others)
