"""A pipeline run from where an earlier call, killed or not, left it."""

from pathlib import Path
from typing import Any

from tasb_pyserini.encoders.device import resolve_device
from tasb_pyserini.formats.checksum import json_sha256
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import refuse_other_files
from tasb_pyserini.formats.work import LOCK, hold, remove_work
from tasb_pyserini.search.pipeline.hashes import Hashes
from tasb_pyserini.search.pipeline.inputs import inputs_of
from tasb_pyserini.search.pipeline.record import Record, read_record, write_record
from tasb_pyserini.search.pipeline.results import Row, make_row
from tasb_pyserini.search.pipeline.stage_runs import Machine, write_stage_run
from tasb_pyserini.search.pipeline.stages import Pipeline, Stage

HASHES = ".hashes.json"
"""In the output of every pipeline."""


def run_pipeline(pipeline: Pipeline, output: Path, machine: Machine) -> list[Row]:
    """Run the stages whose runs are not there yet, and measure all.

    Stage 1 writes ``1-NAME.txt``, and last ``1-NAME.json``: what the run was made from
    and how long it took. Where both are there and nothing of it has changed, it is not
    run again.

    Parameters
    ----------
    pipeline
        See :func:`~tasb_pyserini.search.pipeline.read.read_pipeline`.
    output
        The folder to write into.
    machine
        What to run on.

    Returns
    -------
    list[Row]
        One a stage.

    Raises
    ------
    TasbError
        If a stage can't be run, `output` holds other files, or another process is
        writing into it.
    """
    if output.is_file():
        raise TasbError(f"{output}: is a file; expected the name of a folder to write")
    refuse_other_files(
        output, _is_begun, "pipeline's runs", "that of an earlier call", hidden=False
    )
    device = resolve_device(machine.device).type
    runs: dict[str, Path] = {}
    rows: dict[str, Row] = {}
    with hold(output):
        hashes = Hashes(output / HASHES)
        for number, stage in enumerate(pipeline.stages, start=1):
            run = output / f"{number}-{stage.name}.txt"
            inputs = inputs_of(stage, pipeline.topics, runs, hashes, device)
            record = _kept(run, inputs, hashes)
            already = record is not None
            if record is None:
                record = _run_stage(stage, pipeline, runs, run, inputs, hashes, machine)
            for folder in output.glob(f"{run.stem}.*.work"):
                remove_work(folder)
            runs[stage.name] = run
            rows[stage.name] = make_row(stage, pipeline, run, record, rows, already)
    return list(rows.values())


def _is_begun(output: Path) -> bool:
    """Tell whether a pipeline, killed or not, has written into a folder."""
    return any((output / name).is_file() for name in (HASHES, LOCK))


def _kept(run: Path, inputs: dict[str, Any], hashes: Hashes) -> Record | None:
    """Return the record of a run that need not be made again."""
    record = read_record(run.with_suffix(".json"))
    if record is None or record.inputs != inputs or not run.is_file():
        return None
    return record if record.run == hashes.of(run) else None


def _run_stage(
    stage: Stage,
    pipeline: Pipeline,
    runs: dict[str, Path],
    run: Path,
    inputs: dict[str, Any],
    hashes: Hashes,
    machine: Machine,
) -> Record:
    # Work on other inputs stays until the stage is done: they may come back.
    work = run.with_name(f"{run.stem}.{json_sha256(inputs)[:12]}.work")
    seconds = write_stage_run(stage, pipeline.topics, runs, run, work, machine)
    record = Record(
        inputs=inputs,
        run=hashes.of(run),
        queries=len(pipeline.topics),
        seconds=seconds,
    )
    write_record(run.with_suffix(".json"), record)
    return record
