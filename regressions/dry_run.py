"""The commands of a spec, as a person would type them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tasb_pyserini.regressions.commands import typed
from tasb_pyserini.regressions.spec import Spec, Target


def scripts(
    specs: Sequence[Spec], work: Path, data: Path, *, fast: bool = False
) -> Iterator[str]:
    """Yield the lines that prove specs, each from the folder that the shell is in.

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
    for spec in specs:
        lines = script(spec, work, data, fast=fast)
        apart = len(specs) > 1 and spec.runnable
        yield from ("(", *lines, ")") if apart else lines
        yield ""


def script(spec: Spec, work: Path, data: Path, *, fast: bool = False) -> Iterator[str]:
    """Yield the lines that prove a spec, from an empty folder to the measures.

    What a person has to know beside them is in comments: sizes, checksums and times.
    """
    yield f"# {spec.name}: {spec.title}"
    if not spec.runnable:
        yield f"# nothing to run: {spec.targets[0].paper_only}"
        return
    if spec.minutes:
        yield f"# takes about {spec.minutes:g} minutes"
    for index in spec.indexes:
        size = f"{index.size / 1e9:.1f} GB" if index.size else "of unknown size"
        yield (
            f"# downloads {index.name}, {size} packed, {index.documents:,} passages, "
            f"md5 {index.md5}, into Pyserini's cache"
        )
    if not spec.stages:
        yield f"# measures runs of {', '.join(spec.uses)}"
    yield f"mkdir -p {work / spec.name} && cd {work / spec.name}"
    for item in spec.inputs:
        parent = Path(item.file).parent.as_posix()
        if parent != ".":
            yield f"mkdir -p {parent}"
        if (data / item.source).is_file() or not item.url:
            yield f"cp {data / item.source} {item.file}"
        else:
            yield f"curl -L -o {item.file} {item.url}"
        yield f"echo '{item.sha256}  {item.file}' | sha256sum --check"
    for stage in spec.stages:
        yield typed(stage.words(fast=fast))
    for target in spec.targets:
        yield from measuring(target)


def measuring(target: Target) -> Iterator[str]:
    """Yield the lines of Pyserini's trec_eval for a target, with what to expect."""
    if target.paper_only:
        return
    for metric, expected in target.scores.items():
        words = ["python", "-m", "pyserini.eval.trec_eval", *metric.trec_eval]
        score = "not yet measured" if expected is None else f"{expected:.4f}"
        line = " ".join([*words, target.qrels, target.run])
        yield f"{line}  # {metric}: {score}"
