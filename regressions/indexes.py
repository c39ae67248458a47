"""The prebuilt indexes of a spec, held against the catalogue and the cache."""

from collections.abc import Mapping

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.cache import PYSERINI_FOLDERS, caches
from tasb_pyserini.prebuilt.catalog import all_known
from tasb_pyserini.prebuilt.entry import Prebuilt
from tasb_pyserini.regressions.data import NotRun
from tasb_pyserini.regressions.spec import Spec


def known_indexes(spec: Spec, environ: Mapping[str, str]) -> dict[str, Prebuilt]:
    """Return the catalogue's entries of the indexes of a spec, of those that it has.

    Parameters
    ----------
    spec
        Whose indexes.
    environ
        Environment variables: ``TASB_CATALOG``.

    Raises
    ------
    NotRun
        If an entry has another MD5 than the spec, or a catalogue is at fault.
    """
    if not spec.indexes:
        return {}
    try:
        known = all_known(environ)
    except TasbError as error:
        raise NotRun(str(error)) from error
    found = {each.name: known[each.name] for each in spec.indexes if each.name in known}
    for index in spec.indexes:
        md5 = found[index.name].files[0].md5 if index.name in found else None
        if md5 not in (None, index.md5):
            raise NotRun(
                f"index {index.name}: md5 {md5} in the catalogue; expected "
                f"{index.md5}, as {spec.path.name} says"
            )
    return found


def fetched_indexes(spec: Spec, environ: Mapping[str, str]) -> dict[str, str]:
    """Return prebuilt index → MD5 of the archive that a cache holds it from.

    The folder of an index is named ``<stem>.<md5>``, once the archive was verified.

    Parameters
    ----------
    spec
        Whose indexes, after its commands have searched them.
    environ
        Environment variables: ``PYSERINI_CACHE``, ``TASB_SHARED_CACHE``.

    Raises
    ------
    NotRun
        If no cache has an index from the archive that the spec names.
    """
    folders = [cache / PYSERINI_FOLDERS["lucene"] for cache in caches(environ)]
    for index in spec.indexes:
        if not any(any(folder.glob(f"*.{index.md5}")) for folder in folders):
            raise NotRun(
                f"index {index.name}: none from an archive with md5 {index.md5} in "
                "Pyserini's cache, so another one was searched; run with --fresh"
            )
    return {index.name: index.md5 for index in spec.indexes}
