"""Training of a teacher: ColBERT or BERT_CAT, from a checkpoint to a checkpoint."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tasb_pyserini.encoders.matchmaker.bert_cat import save_bert_cat
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.loader import load_batches
from tasb_pyserini.training.card import write_teacher_card
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.export import files_into
from tasb_pyserini.training.fit import fit, open_accelerator
from tasb_pyserini.training.record import describe_run
from tasb_pyserini.training.sampling.sampler import Sampler
from tasb_pyserini.training.state import Progress
from tasb_pyserini.training.tasks.teachers import TeacherTask
from tasb_pyserini.training.teachers.colbert import ColBert
from tasb_pyserini.training.teachers.kind import STUDENT_ONLY, Kind, TeacherLoss
from tasb_pyserini.training.teachers.loading import save_colbert
from tasb_pyserini.training.teachers.reads import Reads
from tasb_pyserini.training.teachers.start import start_teacher
from tasb_pyserini.training.teachers.vocabulary import mask_id_of

_CARDS = {
    "cat": (
        "A cross-encoder (BERT_CAT), a pairwise teacher",
        "tasb score --teacher {output} …",
    ),
    "colbert": (
        "A ColBERT, an in-batch teacher",
        "tasb train --recipe tas-balanced --teacher {output} …",
    ),
}


def train_teacher(
    kind: Kind,
    config: TrainingConfig,
    data: TrainingData,
    start: Path,
    output: Path,
    *,
    loss: TeacherLoss | None = None,
    clusters: Sequence[NDArray[np.int64]] | None = None,
    device: str = "auto",
    workers: int = 0,
    progress: bool = False,
) -> Path:
    """Train a teacher on pairs.

    Goes on and ends as :func:`~tasb_pyserini.training.trainer.train`: killed and called
    again with the same arguments, it ends with the very weights of an undisturbed run.

    Parameters
    ----------
    kind
        ``cat``: BERT_CAT, which reads query and passage together; ``colbert``.
    config
        The run's settings; those of
        :data:`~tasb_pyserini.training.teachers.kind.STUDENT_ONLY` stay at their
        defaults.
    data
        Pairs and texts, tokenised for the checkpoint `start`.
    start
        Folder of the encoder whose transformer the teacher begins with, or of a teacher
        of the same kind, to go on from its weights. ColBERT's token vectors are as long
        as the encoder's; of a base model 768, as published.
    output
        Folder for the teacher, ``training.json`` and ``log.jsonl``; new, empty, or this
        run's.
    loss
        See :class:`~tasb_pyserini.training.tasks.teachers.TeacherTask`; None:
        ``margin-mse`` where the pairs have scores, as TAS-B's ColBERT learned (§4.2),
        else ``ranknet``.
    clusters, device, workers, progress
        See :func:`~tasb_pyserini.training.trainer.train`.

    Returns
    -------
    Path
        `output`, which ``tasb score`` (cat) or ``tasb train`` (colbert) takes as
        ``--teacher``.

    Raises
    ------
    TasbError
        If settings, data and checkpoint do not fit each other, `output` holds anything
        else, or the loss is no longer a number.
    """
    if loss is None:
        loss = "ranknet" if data.pairs.pos_score is None else "margin-mse"
    _check(kind, config, data, loss)
    sampler = Sampler(data.pairs, config.sampling, clusters)
    run = describe_run(config, data, start, sampler=sampler.fingerprint())
    settings = _settings(kind, config, data.spec, loss)
    run = {**run, "config": settings}
    del run["encoder"]  # its lengths and prefixes are among the settings
    with open_accelerator(config, device) as accelerator:
        torch.manual_seed(config.seed + accelerator.process_index)
        masks = config.teacher_masks
        mask_id = mask_id_of(start, masks)
        model = start_teacher(kind, start, data.spec, masks=masks, seed=config.seed)
        model.train()
        if isinstance(model, ColBert):
            spec = data.spec
            model.reads = Reads(spec.query_prefix, spec.passage_prefix, masks)
        task = TeacherTask(model, loss, masks=masks, mask_id=mask_id)

        def export(end: Progress) -> None:
            with files_into(output) as temporary:
                if isinstance(model, ColBert):
                    save_colbert(model, temporary, tokenizer=start)
                else:
                    save_bert_cat(model, temporary, tokenizer=start)
            what, use = _CARDS[kind]
            use = use.format(output=output)
            write_teacher_card(output, what, use, settings, data, end)

        batches = partial(load_batches, data, sampler, workers=workers)
        fit(task, config, batches, accelerator, output, run, export, progress=progress)
    return output


def _check(
    kind: Kind, config: TrainingConfig, data: TrainingData, loss: TeacherLoss
) -> None:
    for setting in fields(config):
        found = getattr(config, setting.name)
        if setting.name in STUDENT_ONLY and found != setting.default:
            raise TasbError(
                f"{setting.name} {found}: a setting of students alone; expected "
                "settings of a teacher, as in recipes teacher and tct-teacher"
            )
    if loss == "margin-mse" and data.pairs.pos_score is None:
        raise TasbError(
            "margin-mse: the pairs have no scores; expected scored pairs ('tasb "
            "score', 'tasb pairs import'), or loss ranknet"
        )
    spec = data.spec
    if kind == "cat" and (spec.query_prefix or spec.passage_prefix):
        raise TasbError(
            f"prefixes {spec.query_prefix!r} (query), {spec.passage_prefix!r} "
            "(passage): expected none for BERT_CAT, as 'tasb score' adds none"
        )
    if kind == "cat" and config.teacher_masks:
        raise TasbError(
            f"teacher_masks {config.teacher_masks}: expected 0; BERT_CAT reads none"
        )


def _settings(
    kind: Kind, config: TrainingConfig, spec: EncoderSpec, loss: TeacherLoss
) -> dict[str, object]:
    own = {k: v for k, v in asdict(config).items() if k not in STUDENT_ONLY}
    texts = ("query_prefix", "passage_prefix", "query_max_length", "passage_max_length")
    return {
        "kind": kind,
        "loss": loss,
        **own,
        **{name: getattr(spec, name) for name in texts},
    }
