"""Training from a checkpoint to a checkpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.device import resolve_device
from tasb_pyserini.encoders.model import BertDot, load_model
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.export import export_checkpoint
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.loop import run_steps
from tasb_pyserini.training.record import (
    Record,
    describe_run,
    open_record,
    write_record,
)
from tasb_pyserini.training.sampling.sampler import Sampler, Sampling
from tasb_pyserini.training.state import STATE_FILE, Progress


def train(
    config: TrainingConfig,
    data: TrainingData,
    start: Path,
    output: Path,
    *,
    device: str = "auto",
    progress: bool = False,
) -> Path:
    """Train BERT_DOT on triples with in-batch negatives and binary labels.

    The standalone baseline of the TAS-B paper (Table 4, 'None / Random'). Called again
    with the same arguments after a run was killed, it goes on at the last saved state;
    on one CPU with the same number of threads it ends with the very weights of an
    undisturbed run. Called after a run has ended, it does nothing.

    Parameters
    ----------
    config
        The run's settings.
    data
        Triples and texts, tokenised for the checkpoint `start`.
    start
        Folder of the checkpoint that training begins with.
    output
        Folder for the trained checkpoint, ``training.json`` and ``log.jsonl``; new,
        empty, or this run's.
    device
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, …
    progress
        Whether to show a progress bar on stderr.

    Returns
    -------
    Path
        `output`, which ``Encoder.load(f"tasb:{output}")`` takes.

    Raises
    ------
    TasbError
        If settings, data and checkpoint do not fit each other, `output` holds anything
        else, or the loss is no longer a number.
    """
    sampler = Sampler(
        data.pairs,
        Sampling(strategy="random", batch_size=config.batch_size, seed=config.seed),
    )
    with _accelerator(config, device) as accelerator:
        torch.manual_seed(config.seed)
        model = _load_student(data, start)
        run = describe_run(config, data, start)
        if open_record(output, run) is None:
            learner = Learner(model, config, accelerator)
            end = run_steps(config, data, sampler, learner, output, progress=progress)
            export_checkpoint(model, data.spec, start, output)
            write_record(output, run, _result(end, learner))
        (output / STATE_FILE).unlink(missing_ok=True)
    return output


@contextmanager
def _accelerator(config: TrainingConfig, device: str) -> Iterator[Accelerator]:
    """Yield the accelerator of a device; give back the random state afterwards."""
    where = resolve_device(device)
    if where.type == "cpu" and config.mixed_precision == "fp16":
        raise TasbError("mixed precision 'fp16' on a CPU: expected 'bf16' or 'no'")
    if where.index is not None:
        torch.cuda.set_device(where)
    cuda = [torch.cuda.current_device()] if where.type == "cuda" else []
    accelerator = Accelerator(
        cpu=where.type == "cpu", mixed_precision=config.mixed_precision
    )
    try:
        if accelerator.num_processes > 1:
            raise TasbError(
                f"{accelerator.num_processes} processes: expected one; start 'tasb "
                "train' without torchrun or 'accelerate launch'"
            )
        with torch.random.fork_rng(devices=cuda):
            yield accelerator
    finally:
        # Device and precision live in a singleton; nothing public resets it.
        AcceleratorState._reset_state(reset_partial_state=True)


def _load_student(data: TrainingData, start: Path) -> BertDot:
    spec = data.spec
    if spec.weights is not None and spec.weights != hash_weights(start):
        raise TasbError(
            f"{start}: not the checkpoint that the training data were tokenised for "
            f"({spec.checkpoint}); expected its weights, {spec.weights}"
        )
    model = load_model(start, spec).train()
    positions: int = model.transformer.config.max_position_embeddings
    if max(spec.query_max_length, spec.passage_max_length) > positions:
        raise TasbError(
            f"{start}: takes at most {positions} tokens; the lengths are "
            f"{spec.query_max_length} (query) and {spec.passage_max_length} (passage)"
        )
    return model


def _result(end: Progress, learner: Learner) -> Record:
    return {
        "loss": end.loss,
        "seconds": round(end.seconds, 3),
        "steps_per_second": round(end.step / max(end.seconds, 1e-9), 3),
        "device": str(learner.device),
        "threads": torch.get_num_threads(),
    }
