"""Which cells and seeds of a study a profile runs, and why it leaves out others."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.study.experiment import Cell, Experiment
from tasb_pyserini.study.spec import Profile, Study


def reason_not_run(study: Study, profile: Profile, name: str) -> str:
    """Return why a profile has no record of ``experiment/cell``; empty if it may."""
    experiment, cell = study.cell(name)
    if cell.not_run:
        return cell.not_run
    cut = profile.not_run
    return cut.get(name, "") or cut.get(experiment.name, "")


def chosen_cells(
    study: Study, profile: Profile, only: Sequence[str]
) -> Iterator[tuple[Experiment, Cell]]:
    """Yield the cells that a profile runs, in the order of the tables.

    Parameters
    ----------
    study, profile
        What, and how large.
    only
        ``experiment``, ``experiment/cell`` or globs of them; none for all.

    Raises
    ------
    TasbError
        If one of `only` matches no cell that can be run.
    """
    can = [
        name
        for name in study.all_cells()
        if not reason_not_run(study, profile, name) and not study.cell(name)[1].same_as
    ]
    chosen: set[str] = set() if only else set(can)
    for pattern in only:
        found = {
            name
            for name in study.all_cells()
            if fnmatchcase(name, pattern) or fnmatchcase(name.split("/")[0], pattern)
        }
        own = {study.cell(name)[1].same_as or name for name in found} & set(can)
        if not own:
            why = [reason_not_run(study, profile, name) for name in sorted(found)]
            said = next(filter(None, why), "") or unknown("cell", pattern, can)
            raise TasbError(f"--only {pattern}: nothing to run: {said}")
        chosen |= own
    for name in can:
        if name in chosen:
            yield study.cell(name)


def refuse_other_seeds(
    profile: Profile, experiments: Sequence[Experiment], seeds: Sequence[int]
) -> None:
    """Refuse seeds whose records no report would count.

    Raises
    ------
    TasbError
        At the first that none of the experiments has.
    """
    known = sorted({seed for e in experiments for seed in profile.seeds_for(e.name)})
    for seed in seeds:
        if seed not in known:
            raise TasbError(
                f"--seeds {seed}: none of profile {profile.name}'s; expected "
                f"{', '.join(map(str, known))}, or more seeds in the study's file"
            )
