"""New negatives every so many steps: searched, drawn, written, loaded."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.distributed
from accelerate import Accelerator
from torch import Tensor
from tqdm import tqdm

from tasb_pyserini.encoders.model import BertDot
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.loader import load_batches
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.log import REFRESHED
from tasb_pyserini.training.memory import fits_memory
from tasb_pyserini.training.pairs.store import Pairs, open_pairs, read_manifest
from tasb_pyserini.training.pairs.writer import write_pairs
from tasb_pyserini.training.ranks import on_all, on_main
from tasb_pyserini.training.refresh.draw import (
    Numbers,
    collection_of,
    draw_negatives,
    positives_of,
    refreshed_pairs,
    share_changed,
)
from tasb_pyserini.training.refresh.search import (
    merge_hits,
    no_hits,
    passages_of,
    search_block,
)
from tasb_pyserini.training.sampling.sampler import Sampler
from tasb_pyserini.training.segments import REFRESH, LoadBatches
from tasb_pyserini.training.tokens import TokenTable
from tasb_pyserini.training.vectors import encode_texts, eval_mode

PASSAGES_AT_ONCE = 1 << 16
"""Passages whose vectors are in memory: 192 MiB of 768 dimensions."""

LESS = (
    "train into another folder with --mixed-precision bf16 or a smaller --refresh-depth"
)
"""What that search can do with less memory."""


class Refresher:
    """Draws negatives from the model's own top passages, as the model is.

    ANCE (Xiong et al., ICLR 2021, §4) does so in other processes, from a model of some
    steps ago; here training waits, and what comes out does not depend on speed. All
    processes search their share of the collection, and one draws and writes
    ``refresh/step-N``, a store of pairs; the newest is kept while the run lasts.

    Beside a block of passages the vectors of all training queries are in memory, and 8
    bytes for each of their top passages.

    Parameters
    ----------
    model
        On the accelerator's device.
    data
        Texts, and the pairs as they were given: their positives are the positives.
    config
        The run's settings.
    clusters
        Query numbers of each cluster, where the strategy needs them.
    output
        The run's folder.
    accelerator
        Device and the other processes.
    workers
        Processes that compose batches ahead.
    progress
        Whether to show a progress bar on stderr.
    """

    def __init__(
        self,
        model: BertDot,
        data: TrainingData,
        config: TrainingConfig,
        clusters: Sequence[Numbers] | None,
        output: Path,
        accelerator: Accelerator,
        *,
        workers: int = 0,
        progress: bool = False,
    ) -> None:
        self.folder = output / REFRESH
        self._model, self._data, self._config = model, data, config
        self._clusters, self._workers = clusters, workers
        self._accelerator, self._progress = accelerator, progress
        self._collection = collection_of(data)

    def begin(self, step: int) -> None:
        """Remove what a run that stood at a later step had left."""
        on_main(self._accelerator, partial(self._keep_newest, step))

    def make(self, step: int) -> dict[str, float]:
        """Draw the pairs of a step, if that is not done; return figures for the log.

        Training goes on as if not asked: modules are in eval mode meanwhile and in
        their own mode afterwards; no random number of theirs is drawn.

        Raises
        ------
        TasbError
            If a vector is no number, memory is too small, or the pairs cannot be
            written.
        """
        folder = self.folder / f"step-{step}"
        if not on_main(self._accelerator, folder.is_dir):
            began = time.monotonic()
            hits = self._gather(on_all(self._accelerator, self._search))
            write = partial(self._write, step, hits, began)
            on_main(self._accelerator, write)
        figures: dict[str, float] = on_main(
            self._accelerator, lambda: read_manifest(folder)["refresh"]
        )
        return figures

    def load(self, step: int) -> LoadBatches:
        """Return what gives batches of the pairs drawn at a step.

        Raises
        ------
        TasbError
            If these are no longer there.
        """
        data = on_all(self._accelerator, partial(self._open, step))
        sampler = Sampler(data.pairs, self._config.sampling, self._clusters)
        return partial(load_batches, data, sampler, workers=self._workers)

    def _search(self) -> Tensor:
        """Return the best hits in this process's share of the collection."""
        table, rows = self._data.passages, self._collection.rows
        ranks, rank = self._accelerator.num_processes, self._accelerator.process_index
        blocks = range(0, len(rows), PASSAGES_AT_ONCE)[rank::ranks]
        n_texts = self._data.pairs.n_queries + len(rows) // ranks
        with (
            fits_memory(self._accelerator.device, "the search for negatives", LESS),
            eval_mode(self._model),
            tqdm(
                desc="new negatives",
                total=n_texts,
                unit=" texts",
                disable=not self._progress or rank > 0,
                leave=False,
            ) as bar,
        ):
            queries = self._encode(self._data.queries, self._data.query_rows, bar)
            depth = self._config.refresh_depth
            hits = no_hits(len(queries), depth, queries.device)
            for first in blocks:
                own = rows[first : first + PASSAGES_AT_ONCE]
                passages = self._encode(table, own, bar)
                search_block(hits, queries, passages, first)
                table.release()
        return hits

    def _encode(self, table: TokenTable, rows: Numbers, bar: "tqdm[Any]") -> Tensor:
        device, precision = self._accelerator.device, self._config.mixed_precision
        vectors = encode_texts(
            self._model, table, rows, device, bar, mixed_precision=precision
        )
        if not vectors.isfinite().all():
            raise TasbError(
                "new negatives: the vector of a text is no number; look for NaN in the "
                "weights"
            )
        return vectors

    def _gather(self, hits: Tensor) -> Tensor:
        """Return the best hits of all processes in the first one."""
        if self._accelerator.num_processes == 1:
            return hits
        parts = None
        if self._accelerator.is_main_process:
            parts = [
                torch.empty_like(hits) for _ in range(self._accelerator.num_processes)
            ]
        torch.distributed.gather(hits, parts)
        return hits if parts is None else merge_hits(parts)

    def _write(self, step: int, hits: Tensor, began: float) -> None:
        data, collection = self._data, self._collection
        positives = positives_of(data.pairs, collection)
        query, passage = draw_negatives(
            passages_of(hits), positives, collection.texts, self._config, step
        )
        pairs = refreshed_pairs(data, collection, positives, query, passage)
        before = self._newest(step)
        changed = share_changed(
            data if before is None else self._open(before), self._with(pairs)
        )
        figures = {
            REFRESHED: round(time.monotonic() - began, 3),
            "refresh_changed": round(changed, 6),
        }
        write_pairs(
            self.folder / f"step-{step}",
            pairs,
            sources={"refresh": [f"step {step}"]},
            refresh=figures,
        )
        self._keep_newest(step)

    def _open(self, step: int) -> TrainingData:
        folder = self.folder / f"step-{step}"
        if not folder.is_dir():
            raise TasbError(
                f"{folder}: no such folder; expected the pairs that the run was at; "
                f"remove {self.folder.parent} and train again"
            )
        return self._with(open_pairs(folder))

    def _with(self, pairs: Pairs) -> TrainingData:
        rows = self._collection.rows[self._collection.ids.find(pairs.docids)]
        return replace(self._data, pairs=pairs, passage_rows=rows)

    def _newest(self, step: int) -> int | None:
        """Return when the newest pairs up to a step were drawn, None if none are."""
        every = self._config.refresh_every
        drawn = range(step // every * every, 0, -every)
        return next((n for n in drawn if (self.folder / f"step-{n}").is_dir()), None)

    def _keep_newest(self, step: int) -> None:
        """Remove all but the newest pairs up to a step, and what was left half done."""
        if not self.folder.is_dir():
            return
        kept = f"step-{self._newest(step)}"
        for path in self.folder.iterdir():
            if path.name != kept:
                shutil.rmtree(path)
