"""Training from a checkpoint to a checkpoint."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.model import BertDot, load_model
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.loader import load_batches
from tasb_pyserini.training.best import BestCheckpoints
from tasb_pyserini.training.card import write_card
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.export import export_checkpoint
from tasb_pyserini.training.fit import fit, open_accelerator
from tasb_pyserini.training.loop import Validate
from tasb_pyserini.training.record import describe_run
from tasb_pyserini.training.refresh.refresh import Refresher
from tasb_pyserini.training.sampling.sampler import Sampler
from tasb_pyserini.training.state import Progress
from tasb_pyserini.training.tasks.dot import DotTask
from tasb_pyserini.training.teachers.loading import load_colbert
from tasb_pyserini.training.teachers.reads import check_reads
from tasb_pyserini.training.teachers.start import check_start
from tasb_pyserini.training.teachers.vocabulary import check_vocabulary, mask_id_of
from tasb_pyserini.training.teaching import InBatchTeacher
from tasb_pyserini.training.validation.evaluate import validate
from tasb_pyserini.training.validation.prepare import ValidationSet


def train(
    config: TrainingConfig,
    data: TrainingData,
    start: Path,
    output: Path,
    *,
    clusters: Sequence[NDArray[np.int64]] | None = None,
    teacher: Path | None = None,
    validation: ValidationSet | None = None,
    device: str = "auto",
    workers: int = 0,
    progress: bool = False,
) -> Path:
    """Train BERT_DOT on pairs.

    Called again with the same arguments after a run was killed, it goes on at the last
    saved state; on one CPU with the same number of threads it ends with the very
    weights of an undisturbed run. Called after a run has ended, it does nothing.

    Started by torchrun or ``accelerate launch``, every process takes its share of each
    batch, and one writes.

    Parameters
    ----------
    config
        The run's settings.
    data
        Pairs and texts, tokenised for the checkpoint `start`.
    start
        Folder of the checkpoint that training begins with.
    output
        Folder for the trained checkpoint, ``training.json`` and ``log.jsonl``; new,
        empty, or this run's.
    clusters
        Query numbers of each cluster, where the sampling strategy needs them.
    teacher
        Folder of the ColBERT that gives in-batch scores, where the loss needs one. It
        reads the student's token ids, so both have one vocabulary and, where it says
        what it learned from, the same prefixes and [MASK]s. Where the loss needs none,
        it is refused.
    validation
        Queries and candidates to choose the best checkpoint by; None: the last one. A
        run goes on with the same ones alone.
    device
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, …
    workers
        Processes that compose batches ahead; 0: none.
    progress
        Whether to show a progress bar on stderr.

    Returns
    -------
    Path
        `output`, which ``Encoder.load(f"tasb:{output}")`` takes.

    Raises
    ------
    TasbError
        If settings, data, checkpoint and teacher do not fit each other, `output` holds
        anything else, or the loss is no longer a number.
    """
    _check_teacher(config, teacher)
    sampler = Sampler(data.pairs, config.sampling, clusters)
    validated_on = None if validation is None else validation.fingerprint()
    made_by = {"sampler": sampler.fingerprint(), "validation": validated_on}
    if teacher is not None:
        made_by["teacher"] = hash_weights(teacher)
    run = describe_run(config, data, start, **made_by)
    with open_accelerator(config, device) as accelerator:
        torch.manual_seed(config.seed + accelerator.process_index)
        model = _load_student(data, start)
        in_batch = _load_teacher(config, teacher, start, data, accelerator)
        best = BestCheckpoints(output, config.keep, model, data.spec, start)
        refresh = None
        if config.refresh_every:
            refresh = Refresher(
                model,
                data,
                config,
                clusters,
                output,
                accelerator,
                workers=workers,
                progress=progress,
            )

        def export(end: Progress) -> None:
            if best.best is not None:
                model.load_state_dict(load_model(best.best, data.spec).state_dict())
            export_checkpoint(model, data.spec, start, output)
            write_card(output, config, data, end)

        fit(
            DotTask(model, config, in_batch),
            config,
            partial(load_batches, data, sampler, workers=workers),
            accelerator,
            output,
            run,
            export,
            validate=_validation(model, validation, config, accelerator, progress),
            best=best,
            refresh=refresh,
            progress=progress,
        )
    return output


def _validation(
    model: BertDot,
    validation: ValidationSet | None,
    config: TrainingConfig,
    accelerator: Accelerator,
    progress: bool,
) -> Validate | None:
    if validation is None:
        return None
    return partial(
        validate,
        model,
        validation,
        accelerator.device,
        mixed_precision=config.mixed_precision,
        accelerator=accelerator,
        progress=progress and accelerator.is_main_process,
    )


def _check_teacher(config: TrainingConfig, folder: Path | None) -> None:
    """Refuse to train without the teacher that a loss needs, or with one in vain."""
    loss = f"in_batch_loss {config.in_batch_loss}"
    if config.needs_colbert and folder is None:
        raise TasbError(
            f"{loss}: expected a ColBERT teacher ('tasb train-teacher colbert' trains "
            "one)"
        )
    if folder is not None and not config.needs_colbert:
        raise TasbError(
            f"teacher {folder}: {loss} has none; expected no --teacher, or a recipe "
            "such as in-batch-colbert, whose loss has one"
        )


def _load_teacher(
    config: TrainingConfig,
    folder: Path | None,
    start: Path,
    data: TrainingData,
    accelerator: Accelerator,
) -> InBatchTeacher | None:
    if folder is None:
        return None
    check_vocabulary(folder, start)
    model = load_colbert(folder).eval().requires_grad_(False).to(accelerator.device)
    masks = config.teacher_masks
    check_reads(model.reads, data.spec, masks, folder)
    return InBatchTeacher(
        model, masks, mask_id_of(start, masks), config.mixed_precision
    )


def _load_student(data: TrainingData, start: Path) -> BertDot:
    spec = data.spec
    check_start(start, spec)
    model = load_model(start, spec).train()
    positions: int = model.transformer.config.max_position_embeddings
    if max(spec.query_max_length, spec.passage_max_length) > positions:
        raise TasbError(
            f"{start}: takes at most {positions} tokens; the lengths are "
            f"{spec.query_max_length} (query) and {spec.passage_max_length} (passage)"
        )
    return model
