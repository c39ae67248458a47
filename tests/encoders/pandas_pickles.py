"""Tables pickled as pandas 1.2 and pandas 2 do, neither of which is installed."""

import copyreg
import pickle
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest


def pickled_as_pandas_1_2(
    columns: dict[str, list[object]], monkeypatch: pytest.MonkeyPatch
) -> bytes:
    """Pickle a table in the form of ``BlockManager.__getstate__`` of pandas 1.2."""
    frame = _stand_in("pandas.core.frame", "DataFrame", monkeypatch)
    manager = _stand_in("pandas.core.internals.managers", "BlockManager", monkeypatch)
    index = _stand_in("pandas.core.indexes.base", "Index", monkeypatch)
    names = index()
    names.__dict__.update(data=np.array(list(columns), dtype=object))
    rows = index()
    values = np.empty((len(columns), len(columns["id"])), dtype=object)
    for row, column in enumerate(columns.values()):
        values[row] = [
            np.array(v, np.float32) if isinstance(v, list) else v for v in column
        ]
    blocks = [{"values": values, "mgr_locs": slice(0, len(columns), 1)}]
    none: list[object] = []
    state = (none, none, none, {"0.14.1": {"axes": [names, rows], "blocks": blocks}})
    managed = manager()
    managed.__dict__["state"] = state
    table = frame()
    table.__dict__.update(_mgr=managed, _typ="dataframe")
    return pickle.dumps(table)


def _stand_in(module: str, name: str, monkeypatch: pytest.MonkeyPatch) -> type:
    class Stand:
        def __reduce__(self) -> tuple[object, ...]:
            if name == "Index":
                return _NEW_INDEX[0], (type(self), dict(self.__dict__))
            state = self.__dict__.get("state", dict(self.__dict__))
            return type(self), (), state

    Stand.__module__, Stand.__qualname__ = module, name
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        package = ".".join(parts[:length])
        monkeypatch.setitem(sys.modules, package, ModuleType(package))
    setattr(sys.modules[module], name, Stand)
    if name == "Index":

        def _new_index(kind: type, values: dict[str, object]) -> None:
            raise AssertionError("only its name is pickled")

        _new_index.__module__, _new_index.__qualname__ = module, "_new_Index"
        sys.modules[module].__dict__["_new_Index"] = _new_index
        _NEW_INDEX[:] = [_new_index]
    return Stand


_NEW_INDEX: list[object] = []


class PicklerOfPandas2(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, pd.arrays.ArrowStringArray):
            state = {"_pa_array": obj._pa_array, "_dtype": obj.dtype}
            return copyreg.__newobj__, (type(obj),), state  # type: ignore[attr-defined]
        return NotImplemented


NAMES_OF_PANDAS_2 = {
    b"cpandas\nDataFrame\n": b"cpandas.core.frame\nDataFrame\n",
    b"cpandas\nIndex\n": b"cpandas.core.indexes.base\nIndex\n",
    b"cpandas\nRangeIndex\n": b"cpandas.core.indexes.range\nRangeIndex\n",
    b"cpandas\nStringDtype\n": b"cpandas.core.arrays.string_\nStringDtype\n",
    b"cpandas.arrays\nArrowStringArray\n": b"cpandas.core.arrays.string_arrow\n"
    b"ArrowStringArrayNumpySemantics\n",
}
