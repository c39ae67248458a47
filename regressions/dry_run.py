"""The commands of a spec, as a person would type them."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from tasb_pyserini.regressions.commands import typed
from tasb_pyserini.regressions.data import VARIABLE
from tasb_pyserini.regressions.spec import InputFile, Spec, Target


def scripts(
    specs: Sequence[Spec], work: Path, data: Path, *, fast: bool = False
) -> Iterator[str]:
    """Yield the lines that prove specs, each from the folder that the shell is in.

    A shell that runs them stops at the first that fails.

    Parameters
    ----------
    specs
        Each after those that it uses.
    work
        Folder of all specs, here or absolute.
    data
        Folder of collections, absolute: the commands run in folders of their own.
    fast
        Whether our own commands are shown where there are some, not Pyserini's.
    """
    yield "set -e"
    for spec in specs:
        lines = script(spec, work, data, fast=fast)
        apart = len(specs) > 1 and spec.runnable
        yield from ("(", *lines, ")") if apart else lines
        yield ""


def script(
    spec: Spec, work: Path, data: Path | None, *, fast: bool = False
) -> Iterator[str]:
    """Yield the lines that prove a spec, from an empty folder to the measures.

    What a person has to know beside them is in comments: sizes, checksums and times.
    Without `data`, collections are read from the folder in the variable ``TASB_DATA``.
    """
    yield f"# {spec.name}: {spec.title}"
    if not spec.runnable:
        yield f"# nothing to run: {spec.targets[0].paper_only}"
        return
    if spec.minutes:
        yield f"# takes about {spec.minutes:g} minute{'s' if spec.minutes != 1 else ''}"
    for index in spec.indexes:
        yield (
            f"# downloads {index.name}, {index.size / 1e9:.1f} GB packed, "
            f"{index.documents:,} passages, md5 {index.md5}, into Pyserini's cache"
        )
    if not spec.stages:
        yield f"# measures runs of {', '.join(spec.uses)}"
    folder = shlex.quote(str(work / spec.name))
    yield f"mkdir -p {folder}"
    yield f"cd {folder}"
    for item in spec.inputs:
        place = shlex.quote(item.file)
        parent = Path(item.file).parent.as_posix()
        if parent != ".":
            yield f"mkdir -p {shlex.quote(parent)}"
        if item.url and not (data and (data / item.source).is_file()):
            yield f"curl -L -o {place} {shlex.quote(item.url)}"
        else:
            yield f"cp {_source(item, data)} {place}"
        digest = shlex.quote(f"{item.sha256}  {item.file}")
        yield f"echo {digest} | sha256sum --check"
    for stage in spec.stages:
        yield typed(stage.words(fast=fast))
    for target in spec.targets:
        yield from measuring(target)


def _source(item: InputFile, data: Path | None) -> str:
    if data is None:
        return f'"${VARIABLE}"/{shlex.quote(item.source)}'
    return shlex.quote(str(data / item.source))


def measuring(target: Target) -> Iterator[str]:
    """Yield the lines of Pyserini's trec_eval for a target, with what to expect."""
    if target.paper_only:
        return
    for metric, expected in target.scores.items():
        words = ["python", "-m", "pyserini.eval.trec_eval", *metric.trec_eval]
        score = "not yet measured" if expected is None else f"{expected:.4f}"
        line = shlex.join([*words, target.qrels, target.run])
        yield f"{line}  # {metric}: {score}"
