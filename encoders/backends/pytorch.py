"""PyTorch: any device, any checkpoint that transformers loads."""

import numpy as np
import torch
from torch import Tensor

from tasb_pyserini.encoders.backends.backend import Ids, OutOfMemory, Vectors
from tasb_pyserini.encoders.device import autocast, resolve_device
from tasb_pyserini.encoders.model import BertDot
from tasb_pyserini.encoders.padding import PADDING
from tasb_pyserini.formats.errors import TasbError

_LEAST_TOKENS = 32
"""Smaller matrix products take other CPU kernels, which round differently."""


class TorchBackend:
    """A model in PyTorch, with its fused attention.

    Parameters
    ----------
    model
        What to run.
    device
        ``cpu``, ``cuda`` or ``cuda:N``.
    name
        ``torch`` computes in fp32, ``fp16`` and ``bf16`` in half precision; a CPU
        computes in fp32 or bf16.
    compiled
        Whether ``torch.compile`` runs first: minutes once, for many texts on a GPU.

    Raises
    ------
    TasbError
        If there is no such device, or its memory is too small.
    """

    def __init__(
        self,
        model: BertDot,
        device: str = "cpu",
        *,
        name: str = "torch",
        compiled: bool = False,
    ) -> None:
        self._device = resolve_device(device)
        self.device = str(self._device)
        self.name = "torch" if name == "fp16" and self.device == "cpu" else name
        try:
            self.model = model.to(self._device).eval()
        except torch.OutOfMemoryError as error:
            raise TasbError(
                f"{self.device}: its memory is too small for the model; end what else "
                "runs on it, or say --device cpu"
            ) from error
        self._run = torch.compile(self.model, dynamic=True) if compiled else self.model

    @torch.inference_mode()
    def forward(self, ids: Ids) -> Vectors:
        """Return the vectors of texts; see `Backend`."""
        try:
            vectors = self._forward(ids)
            return np.asarray(vectors[: len(ids)].float().cpu().numpy())
        except torch.OutOfMemoryError as error:
            raise OutOfMemory from error

    def _forward(self, ids: Ids) -> Tensor:
        copies = -(-_LEAST_TOKENS // ids.size)
        rows = torch.from_numpy(np.tile(ids, (copies, 1))).to(self._device)
        input_ids, mask = rows.clamp(min=0), (rows != PADDING).long()
        with autocast(self._device, self.name):
            vectors: Tensor = self._run(input_ids, mask)
        return vectors
