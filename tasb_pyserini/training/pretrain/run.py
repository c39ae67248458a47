"""Pre-training from collections to a checkpoint."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.checksum import file_sha256
from tasb_pyserini.formats.collection import collection_files
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.work import LOCK, hold
from tasb_pyserini.training.export import export_checkpoint
from tasb_pyserini.training.pretrain.config import PretrainingConfig
from tasb_pyserini.training.pretrain.new_encoder import NewEncoder
from tasb_pyserini.training.pretrain.stage import draw_batches, run_stage
from tasb_pyserini.training.pretrain.start import make_start
from tasb_pyserini.training.pretrain.texts import open_parts, write_parts
from tasb_pyserini.training.record import (
    RECORD_FILE,
    Record,
    open_record,
    read_result,
    write_record,
)

START, TEXTS = "start", "texts"
"""Folders in the output: the encoder before training, and its texts meanwhile."""


def pretrain(
    collections: Sequence[Path],
    output: Path,
    config: PretrainingConfig,
    init: Path | NewEncoder,
    *,
    device: str = "auto",
    progress: bool = False,
) -> Path:
    """Pre-train an encoder on passages.

    Called again with the same arguments after it was killed, it goes on at the last
    saved state, and on one CPU with the same number of threads ends with the very
    weights of an undisturbed run. Called after it has ended, it does nothing.

    Parameters
    ----------
    collections
        Files or folders of passages.
    output
        Folder for the checkpoint, ``training.json`` and the stages' folders; new,
        empty, or this run's.
    config
        The settings.
    init
        Folder of a checkpoint, or what a new one is like.
    device
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, …
    progress
        Whether to show progress on stderr.

    Returns
    -------
    Path
        `output`, which ``tasb train`` takes as ``--init``.

    Raises
    ------
    TasbError
        If settings and collections do not fit each other, `output` holds anything else
        or another process writes into it, or the loss is no longer a number.
    """
    run = describe(collections, config, init)
    if open_record(output, run) is not None:
        # A call that was killed at its very end has left them.
        shutil.rmtree(output / TEXTS, ignore_errors=True)
        return output
    with hold(output):
        # Since the first look, another process may have begun another run here.
        if open_record(output, run) is not None:
            return output
        try:
            results = _run(collections, output, config, init, run, device, progress)
        except TasbError:
            if not any((output / stage).exists() for stage in config.stages):
                _remove_preparation(output)
            raise
        write_record(output, run, results)
        shutil.rmtree(output / TEXTS, ignore_errors=True)
    return output


def _run(
    collections: Sequence[Path],
    output: Path,
    config: PretrainingConfig,
    init: Path | NewEncoder,
    run: Record,
    device: str,
    progress: bool,
) -> Record:
    """Go through what is left of the stages; return what came of each."""
    start = init if isinstance(init, Path) else output / START
    if not isinstance(init, Path) and not start.is_dir():
        make_start(start, init, collections, config.seed)
    folder, spec = find_checkpoint(str(start))
    _check_length(folder, spec, config)
    if not (output / TEXTS).is_dir():
        tokenizer = load_tokenizer(folder)
        write_parts(
            output / TEXTS, collections, tokenizer, config.max_length, progress=progress
        )
    texts = open_parts(output / TEXTS, config.max_length)
    results: Record = {
        "texts": {
            "passages": len(texts),
            "held_out": int(texts.parts["held_out"].sum()),
            "tokens": int(texts.sentences.offsets[-1]),
        }
    }
    # All of them before hours of the first stage: a later one may have too few.
    drawn = {stage: draw_batches(stage, config, texts) for stage in config.stages}
    for stage, batches in drawn.items():
        folder = run_stage(
            stage,
            config,
            texts,
            batches,
            folder,
            replace(spec, weights=None),
            output / stage,
            run,
            device=device,
            progress=progress,
        )
        results[stage] = read_result(folder)
    export_checkpoint(load_model(folder, spec), spec, folder, output)
    return results


def _remove_preparation(output: Path) -> None:
    """Leave an empty folder, so that the mended command may use it."""
    for name in (START, TEXTS):
        shutil.rmtree(output / name, ignore_errors=True)
    for name in (RECORD_FILE, LOCK):
        (output / name).unlink(missing_ok=True)


def describe(
    collections: Sequence[Path], config: PretrainingConfig, init: Path | NewEncoder
) -> Record:
    """Return what decides the outcome; names of files don't."""
    files = [file for path in collections for file in collection_files(path)]
    for file in files:
        if not file.is_file():
            raise TasbError(f"{file}: no such file; expected a collection")
    start: dict[str, Any] = (
        {"weights": find_checkpoint(str(init))[1].weights}
        if isinstance(init, Path)
        else asdict(init)
    )
    return {
        "config": asdict(config),
        "data": {"files": [f"sha256:{file_sha256(file)}" for file in files]},
        "start": start,
    }


def _check_length(folder: Path, spec: EncoderSpec, config: PretrainingConfig) -> None:
    positions: int = load_model(folder, spec).transformer.config.max_position_embeddings
    if config.max_length > positions:
        raise TasbError(
            f"max_length {config.max_length}: expected at most {positions}, which "
            f"{folder} takes"
        )
