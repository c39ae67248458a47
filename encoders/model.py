"""BERT_DOT: a transformer whose pooled output is the vector of a text."""

from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import save
from torch import Tensor, nn
from transformers import AutoModel, PretrainedConfig, PreTrainedModel

from tasb_pyserini.encoders.pretrained import one_line
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.weight_files import weight_files
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import replace_bytes


class BertDot(nn.Module):
    """The student of the TAS-B paper: query and passage share one encoder (§2.2).

    Parameters
    ----------
    transformer
        A BERT or DistilBERT without a head.
    pooling
        See :class:`~tasb_pyserini.encoders.spec.EncoderSpec`.
    normalize
        Whether vectors are scaled to length 1.
    """

    def __init__(
        self,
        transformer: PreTrainedModel,
        pooling: Literal["cls", "mean"] = "cls",
        *,
        normalize: bool = False,
    ) -> None:
        super().__init__()
        self.transformer = transformer
        self.pooling = pooling
        self.normalize = normalize

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return one vector a text, fp32.

        Parameters
        ----------
        input_ids
            Token ids, shape ``(n_texts, n_tokens)``.
        attention_mask
            1 for tokens, 0 for padding, same shape.

        Returns
        -------
        Tensor
            Shape ``(n_texts, dimension)``.
        """
        hidden: Tensor = self.transformer(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state  # (n_texts, n_tokens, dimension)
        if self.pooling == "cls":
            vectors = hidden[:, 0].float()
        else:
            mask = attention_mask.unsqueeze(-1).float()
            vectors = (hidden.float() * mask).sum(dim=1) / mask.sum(dim=1)
        return nn.functional.normalize(vectors) if self.normalize else vectors


def load_model(folder: Path, spec: EncoderSpec, *, pooler: bool = False) -> BertDot:
    """Load the weights of a checkpoint folder, in fp32, in eval mode.

    Reads ``model.safetensors``, or ``pytorch_model.bin`` through torch's
    ``weights_only`` loader, or the shards of either; code that comes with a checkpoint
    never runs.

    Parameters
    ----------
    folder, spec
        The checkpoint, and what it is.
    pooler
        Whether a BERT keeps the layer above [CLS], which takes no part in BERT_DOT;
        random where the checkpoint lacks it.

    Raises
    ------
    TasbError
        If weights are missing or damaged, or their dimension is not the spec's.
    """
    safe = any(file.suffix == ".safetensors" for file in weight_files(folder))
    with one_line(folder, "can't be loaded", "a whole checkpoint"):
        transformer, report = AutoModel.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=safe,
            weights_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    missing = [key for key in report["missing_keys"] if not key.startswith("pooler.")]
    if missing:
        raise TasbError(
            f"{folder}: weights lack {missing[0]!r} and {len(missing) - 1} others; "
            f"expected a whole {transformer.config.model_type} encoder"
        )
    size = _dimension(transformer.config)
    if size != spec.dimension:
        raise TasbError(
            f"{folder}: the model gives vectors of {size} dimensions; "
            f"expected {spec.dimension}, as its spec says"
        )
    if not pooler and getattr(transformer, "pooler", None) is not None:
        # Several processes can't train a layer that no loss reaches.
        transformer.register_module("pooler", None)
    return BertDot(transformer, spec.pooling, normalize=spec.normalize).eval()


def save_model(model: BertDot, folder: Path) -> None:
    """Write ``config.json`` and ``model.safetensors`` into `folder`.

    Raises
    ------
    TasbError
        If there is no room.
    """
    model.transformer.config.save_pretrained(folder)
    weights = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in model.transformer.state_dict().items()
    }
    # safetensors' own writer gives a file that its owner alone may read.
    content = save(weights, metadata={"format": "pt"})
    with replace_bytes(folder / "model.safetensors") as file:
        file.write(content)


def _dimension(config: PretrainedConfig) -> int:
    size: int = config.hidden_size  # DistilBERT maps it to its own `dim`
    return size
