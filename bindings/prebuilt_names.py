"""What a name in ``--index``, ``--topics`` and the like means to us."""

from collections.abc import Mapping

from tasb_pyserini.prebuilt.catalog import all_known
from tasb_pyserini.prebuilt.entry import Kind, Prebuilt


def named(name: str, kind: Kind, environ: Mapping[str, str]) -> Prebuilt | None:
    """Return the entry of a kind that has a name; None if there is none.

    Judgements also go by the name of their topics, as in Pyserini, unless several do.

    Raises
    ------
    TasbError
        If a catalogue is at fault.
    """
    return _named(name, kind, all_known(environ))


def _named(name: str, kind: Kind, known: Mapping[str, Prebuilt]) -> Prebuilt | None:
    entry = known.get(name)
    if entry is None or entry.kind == kind:
        return entry
    if (kind, entry.kind) != ("qrels", "topics"):
        return None
    judgements = [
        other
        for other in known.values()
        if other.kind == "qrels" and known.get(other.topics or "") == entry
    ]
    return judgements[0] if len(judgements) == 1 else None


def names_of(kind: Kind, environ: Mapping[str, str]) -> list[str]:
    """Return all names, aliases too, that `named` knows for a kind.

    Raises
    ------
    TasbError
        If a catalogue is at fault.
    """
    known = all_known(environ)
    return sorted(name for name in known if _named(name, kind, known) is not None)
