"""The commands of a study, as a person would type them."""

from collections.abc import Iterator
from pathlib import Path

from tasb_pyserini.regressions.commands import typed
from tasb_pyserini.study.plan import Plan
from tasb_pyserini.study.spec import Profile, Study


def script(study: Study, profile: Profile, plan: Plan, work: Path) -> Iterator[str]:
    """Yield the lines that make all runs of a plan.

    What ``tasb study run`` does by itself is in comments: it links the data, joins the
    training files without test queries, and measures.
    """
    yield f"# {study.title}, profile {profile.name}"
    yield f"# {len(plan.runs)} cells with seeds, {len(plan.stages)} commands"
    yield f"mkdir -p {work} && cd {work}"
    yield "# data: link to the folder of collections (TASB_DATA)"
    yield f"# train: corpus, topics and qrels of {', '.join(profile.trains)}, without"
    yield "# the queries of every test set, by qid and by text"
    yield "# topics: the queries of each collection's test sets in one file"
    for stage in plan.stages.values():
        yield typed(stage.words)
    for run in plan.runs:
        yield f"# measured: {run.name}, seed {run.seed}: {', '.join(run.runs)}"
