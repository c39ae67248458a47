"""The model card of a trained checkpoint."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from tasb_pyserini import __version__
from tasb_pyserini.encoders.spec import FOUND
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.record import library_versions
from tasb_pyserini.training.state import Progress

CARD = "README.md"


def write_card(
    output: Path, config: TrainingConfig, data: TrainingData, end: Progress
) -> None:
    """Write ``README.md``: on what the model was trained, how, how long, with what."""
    validated = end.patience.best is not None
    lines = [
        f"# {output.resolve().name}",
        "",
        f"A dense retriever (BERT_DOT) trained with tasb-pyserini {__version__}.",
        f"Use it as `tasb:{output}`, in Pyserini too:",
        "",
        f"    python -m pyserini.search.faiss --encoder tasb:{output} …",
        "",
        "## What it is",
        "",
        *_table(asdict(data.spec), leave_out=FOUND),
        "",
        "## How it was trained",
        "",
        _trained_on(data, end),
        *(
            [
                f"Best nDCG@10 in validation: {end.patience.best:.4f}, after "
                f"{end.patience.best_step:,} steps; these are its weights."
            ]
            if validated
            else ["Not validated: these are the last weights."]
        ),
        *_refreshed(config),
        "",
        *_table(asdict(config)),
    ]
    _write(output, lines)


def write_teacher_card(
    output: Path,
    model: str,
    use: str,
    settings: Mapping[str, object],
    data: TrainingData,
    end: Progress,
) -> None:
    """Write the ``README.md`` of a teacher.

    Parameters
    ----------
    output
        An existing folder.
    model
        What it is, in a sentence.
    use
        A command that reads it.
    settings
        What it was trained with.
    data, end
        On what, and how far.
    """
    lines = [
        f"# {output.resolve().name}",
        "",
        f"{model}, trained with tasb-pyserini {__version__}. Use it in",
        "",
        f"    {use}",
        "",
        "## How it was trained",
        "",
        _trained_on(data, end),
        "Not validated: these are the last weights.",
        "",
        *_table(settings),
    ]
    _write(output, lines)


def _trained_on(data: TrainingData, end: Progress) -> str:
    return (
        f"On {len(data.pairs):,} passage pairs of {data.pairs.n_queries:,} queries, "
        f"{end.step:,} steps in {end.seconds / 3600:.2f} hours."
    )


def _refreshed(config: TrainingConfig) -> list[str]:
    if not config.refresh_every:
        return []
    return [
        f"Every {config.refresh_every:,} steps each query got new negatives, "
        f"{config.refresh_negatives} of the model's own top {config.refresh_depth} "
        "passages (as in ANCE, Xiong et al., ICLR 2021)."
    ]


def _write(output: Path, lines: list[str]) -> None:
    versions = ["", "## Versions", "", *_table(library_versions())]
    with replace_file(output / CARD) as file:
        file.writelines(f"{line}\n" for line in (*lines, *versions))


def _table(values: Mapping[str, object], leave_out: tuple[str, ...] = ()) -> list[str]:
    rows = [
        f"| {name} | {value} |"
        for name, value in values.items()
        if name not in leave_out
    ]
    return ["| | |", "|---|---|", *rows]
