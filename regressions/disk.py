"""Room for the indexes that a spec has Pyserini fetch, looked at beforehand."""

import shutil
from collections.abc import Mapping

from tasb_pyserini.formats.units import size_in_words
from tasb_pyserini.prebuilt.cache import cache_home, find_cached
from tasb_pyserini.prebuilt.entry import Prebuilt
from tasb_pyserini.regressions.data import NotRun
from tasb_pyserini.regressions.indexes import known_indexes
from tasb_pyserini.regressions.spec import PrebuiltIndex, Spec

UNPACKED = 2
"""Disk that a prebuilt index needs: the archive, and what is in it, times its size."""


def refuse_small_disk(spec: Spec, environ: Mapping[str, str]) -> None:
    """Refuse to run a spec whose indexes do not fit on the disk of Pyserini's cache.

    Those that are in a cache already need no room.

    Parameters
    ----------
    spec
        Whose indexes.
    environ
        Environment variables: ``PYSERINI_CACHE``, ``TASB_SHARED_CACHE``,
        ``TASB_CATALOG``.

    Raises
    ------
    NotRun
        If the disk is too small, or as `known_indexes`.
    """
    known = known_indexes(spec, environ)
    missing = [each for each in spec.indexes if not _is_there(each, known, environ)]
    needed = UNPACKED * sum(index.size for index in missing)
    cache = cache_home(environ).absolute()
    place = next(path for path in (cache, *cache.parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise NotRun(
            f"{size_in_words(free)} free on the disk of {place}; the indexes "
            f"need {size_in_words(needed)}; let PYSERINI_CACHE name a folder on a "
            "larger disk"
        )


def _is_there(
    index: PrebuiltIndex, known: Mapping[str, Prebuilt], environ: Mapping[str, str]
) -> bool:
    entry = known.get(index.name)
    return entry is not None and find_cached(entry, environ) is not None
