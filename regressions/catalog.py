"""The specs that there are, and those that a user means."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from importlib.resources import as_file, files
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.regressions.order import with_used
from tasb_pyserini.regressions.schema import read_spec
from tasb_pyserini.regressions.spec import Spec


def load_specs(folder: Path | None = None) -> dict[str, Spec]:
    """Read all specs of a folder, by default those of the package, by name.

    Raises
    ------
    TasbError
        If the folder is none, or a spec is at fault.
    """
    if folder is None:
        with as_file(files("tasb_pyserini.regressions") / "specs") as place:
            return load_specs(place)
    if not folder.is_dir():
        raise TasbError(f"{folder}: no such folder; expected one of NAME.yaml files")
    specs = [read_spec(path) for path in sorted(folder.glob("*.yaml"))]
    if not specs:
        raise TasbError(f"{folder}: no specs; expected NAME.yaml files")
    return {spec.name: spec for spec in specs}


def choose_specs(
    specs: dict[str, Spec],
    names: Sequence[str] = (),
    tags: Sequence[str] = (),
    *,
    offline: bool = False,
) -> list[Spec]:
    """Return the specs that are meant, each after those that it uses.

    Parameters
    ----------
    specs
        All that there are, by name.
    names
        Names or globs; none for all.
    tags
        A spec must have one of them; none for any.
    offline
        Leave out what needs a network, and what can't be run at all.

    Raises
    ------
    TasbError
        If a name, a tag or the choice as a whole matches nothing.
    """
    known_tags = sorted({tag for spec in specs.values() for tag in spec.tags})
    for tag in tags:
        if tag not in known_tags:
            raise TasbError(unknown("tag", tag, known_tags))
    left = [
        spec
        for spec in (named_specs(specs, names) if names else specs.values())
        if (not tags or set(tags) & set(spec.tags))
        and not (offline and (spec.network or not spec.runnable))
    ]
    if not left:
        raise TasbError("no spec is left of this choice; see 'tasb regress list'")
    return with_used(left, specs)


def named_specs(specs: Mapping[str, Spec], names: Sequence[str]) -> list[Spec]:
    """Return the specs that names or globs mean, without those that they use.

    Raises
    ------
    TasbError
        If a name matches nothing.
    """
    chosen: dict[str, Spec] = {}
    for name in names:
        matching = {n: specs[n] for n in specs if fnmatchcase(n, name)}
        if not matching:
            raise TasbError(unknown("spec", name, specs))
        chosen |= matching
    return list(chosen.values())
