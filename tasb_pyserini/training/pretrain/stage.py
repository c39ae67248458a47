"""One stage of pre-training: from a checkpoint folder to the next."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.model import BertDot, load_model
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.export import export_checkpoint
from tasb_pyserini.training.fit import fit, open_accelerator
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.pretrain.batches import POOL, LengthBatches
from tasb_pyserini.training.pretrain.compose import Composer, training_batches
from tasb_pyserini.training.pretrain.config import Contrastive, PretrainingConfig
from tasb_pyserini.training.pretrain.contrastive import ContrastiveTask
from tasb_pyserini.training.pretrain.held_out import HeldOut
from tasb_pyserini.training.pretrain.mlm import MlmTask, load_mlm
from tasb_pyserini.training.pretrain.pairs import usable
from tasb_pyserini.training.pretrain.texts import PassageParts
from tasb_pyserini.training.record import Record
from tasb_pyserini.training.state import Progress


class StageBatches(NamedTuple):
    """The passages of a stage.

    Parameters
    ----------
    kind
        ``none`` for whole passages, or what pairs are made of.
    rows, held_out
        Numbers of the passages that it trains on, and of those held out.
    batches
        Chooses among `rows`.
    """

    kind: Contrastive
    rows: NDArray[np.int64]
    held_out: NDArray[np.int64]
    batches: LengthBatches


def run_stage(
    name: str,
    config: PretrainingConfig,
    texts: PassageParts,
    drawn: StageBatches,
    start: Path,
    spec: EncoderSpec,
    output: Path,
    run: Record,
    *,
    device: str,
    progress: bool,
) -> Path:
    """Train one stage; a killed one goes on at its last saved state.

    Parameters
    ----------
    name
        ``mlm``, or a contrastive stage's.
    config
        Of the whole pre-training.
    texts
        Passages, tokenised for `start`.
    drawn
        From :func:`draw_batches`.
    start
        Checkpoint folder.
    spec
        What the encoder is.
    output
        Folder of the stage: a checkpoint, with ``training.json``, ``log.jsonl`` and
        ``curves.svg``.
    run
        What decides the outcome beside the start.
    device, progress
        See :func:`~tasb_pyserini.training.pretrain.run.pretrain`.
    """
    training = config.training(config.stages[name])
    tokenizer = load_tokenizer(start)
    composer = Composer(texts, drawn.kind, tokenizer, config.seed)
    measured = HeldOut(composer, drawn.held_out, config.batch_size)
    run = {**run, "start": {"weights": hash_weights(start)}}
    with open_accelerator(training, device) as accelerator:
        if accelerator.num_processes > 1:
            raise TasbError(
                f"{accelerator.num_processes} processes: expected one; pre-training "
                "does not share its batches"
            )
        torch.manual_seed(config.seed)
        task, encoder, losses_of = _task(
            drawn.kind, config, start, spec, tokenizer, accelerator.device
        )

        def measure() -> dict[str, float]:
            return measured.measure(losses_of)

        def export(end: Progress) -> None:
            if len(measured):
                for key, value in measure().items():
                    end.loss[f"held_out_{key}"] = value
            export_checkpoint(encoder, spec, start, output)

        fit(
            task,
            training,
            partial(training_batches, composer, drawn.rows, drawn.batches),
            accelerator,
            output,
            run,
            export,
            validate=(lambda: _accuracy(measure())) if len(measured) else None,
            progress=progress,
        )
    return output


def draw_batches(
    name: str, config: PretrainingConfig, texts: PassageParts
) -> StageBatches:
    """Return the passages of a stage, in batches and held out.

    Parameters
    ----------
    name, config, texts
        As of :func:`run_stage`.

    Raises
    ------
    TasbError
        If there are fewer passages for it than a batch needs.
    """
    kind: Contrastive = "none" if name == "mlm" else config.contrastive
    held_out = texts.parts["held_out"]
    fits = usable(texts, kind) if kind != "none" else np.ones(len(texts), dtype=bool)
    rows = np.flatnonzero(fits & ~held_out)
    batches = LengthBatches(
        texts.lengths()[rows],
        config.batch_size,
        config.seed,
        pool=POOL if kind == "none" else 1,  # pairs are grouped by length in the batch
    )
    return StageBatches(kind, rows, np.flatnonzero(fits & held_out), batches)


def _task(
    kind: Contrastive,
    config: PretrainingConfig,
    start: Path,
    spec: EncoderSpec,
    tokenizer: Tokenizer,
    device: torch.device,
) -> tuple[MlmTask | ContrastiveTask, BertDot, Callable[[PairBatch], Losses]]:
    """Return what is trained, the encoder inside, and the losses on held-out texts."""
    if kind == "none":
        mlm = load_mlm(start)
        words = MlmTask(mlm, tokenizer, config.mask_rate, config.seed)

        def masked(batch: PairBatch) -> Losses:
            rng = np.random.default_rng((config.seed, batch.number))
            return words.losses_of(words.wrapped, batch.query, rng, device)

        return words, BertDot(mlm.distilbert), masked
    encoder = load_model(start, spec)
    pairs = ContrastiveTask(encoder)

    def paired(batch: PairBatch) -> Losses:
        return pairs.losses_of(pairs.wrapped, batch, device)

    return pairs, encoder, paired


def _accuracy(measured: dict[str, float]) -> float:
    return next(value for name, value in measured.items() if name.endswith("accuracy"))
