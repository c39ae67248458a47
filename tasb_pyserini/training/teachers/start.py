"""What training starts from: an encoder, or a teacher."""

from pathlib import Path

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.matchmaker.bert_cat import (
    BERT_CAT,
    BertCat,
    load_bert_cat,
    new_bert_cat,
)
from tasb_pyserini.encoders.matchmaker.files import read_config
from tasb_pyserini.encoders.model import BertDot, save_model
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer_files import copy_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.json_file import read_object_or_none
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.training.teachers.colbert import ColBert
from tasb_pyserini.training.teachers.kind import Kind
from tasb_pyserini.training.teachers.loading import (
    COLBERT,
    load_colbert,
    new_colbert,
)
from tasb_pyserini.training.teachers.pairs import MAX_LENGTH
from tasb_pyserini.training.teachers.reads import Reads, reads_of

_KINDS: dict[str, Kind] = {BERT_CAT: "cat", COLBERT: "colbert"}


def find_kind(folder: Path) -> Kind | None:
    """Return the kind of the teacher in a folder; None where it holds no teacher."""
    path = folder / "config.json"
    config = read_object_or_none(path) if path.is_file() else None
    name = (config or {}).get("model_type")
    return _KINDS.get(name) if isinstance(name, str) else None


def reads_in(folder: Path) -> Reads:
    """Return what a ColBERT in a folder reads: nothing where nobody wrote it down.

    Raises
    ------
    TasbError
        If it is no ColBERT, or it is said in another form.
    """
    return reads_of(read_config(folder, COLBERT), folder) or Reads()


def write_student(colbert: Path, folder: Path) -> Path:
    """Write the transformer of a ColBERT as a checkpoint that a student starts from.

    TCT-ColBERT's students begin with the weights of their teacher (Lin et al., RepL4NLP
    2021, §4.1.1). The layer above the transformer stays behind; the prefixes are the
    ColBERT's.

    Parameters
    ----------
    colbert
        Its folder.
    folder
        To write; what was there is replaced.

    Raises
    ------
    TasbError
        If it is not a whole ColBERT, or `folder` can't be written.
    """
    transformer, reads = load_colbert(colbert).bert_model, reads_in(colbert)
    spec = EncoderSpec(
        checkpoint=colbert.name,
        dimension=transformer.config.hidden_size,
        query_prefix=reads.query_prefix,
        passage_prefix=reads.passage_prefix,
    )
    with replace_folder(folder) as temporary:
        save_model(BertDot(transformer), temporary)
        spec.write(temporary)
        copy_tokenizer(colbert, temporary)
    return folder


def check_start(folder: Path, spec: EncoderSpec) -> None:
    """Make sure that training starts from the checkpoint that `spec` was read from.

    Raises
    ------
    TasbError
        If it has other weights.
    """
    if spec.weights is not None and spec.weights != hash_weights(folder):
        raise TasbError(
            f"{folder}: not the checkpoint that the training data were tokenised for "
            f"({spec.checkpoint}); expected its weights, {spec.weights}"
        )


def start_teacher(
    kind: Kind, folder: Path, spec: EncoderSpec, *, masks: int, seed: int
) -> ColBert | BertCat:
    """Return a teacher to be trained.

    Parameters
    ----------
    kind
        Of the teacher.
    folder
        An encoder, which gets a random last layer, or a teacher of that kind.
    spec
        What the training data were tokenised for: the same checkpoint.
    masks
        [MASK] tokens behind each query.
    seed
        Of the last layer.

    Raises
    ------
    TasbError
        If it is a teacher of another kind, not the checkpoint of `spec`, or takes fewer
        tokens than the texts may have.
    """
    check_start(folder, spec)
    there = find_kind(folder)
    if there not in (None, kind):
        raise TasbError(
            f"{folder}: a teacher of kind {there}; expected an encoder, or a teacher "
            f"of kind {kind}"
        )
    model: ColBert | BertCat
    if kind == "colbert" and there is None:
        model = new_colbert(str(folder), dimension=spec.dimension, seed=seed)
    elif kind == "colbert":
        model = load_colbert(folder)
    elif there is None:
        model = new_bert_cat(str(folder), seed=seed)
    else:
        model = load_bert_cat(folder)
    _check_lengths(kind, model, folder, spec, masks)
    return model


def _check_lengths(
    kind: Kind, model: ColBert | BertCat, folder: Path, spec: EncoderSpec, masks: int
) -> None:
    query, passage = spec.query_max_length, spec.passage_max_length
    longest = max(query + masks, passage) if kind == "colbert" else query + passage - 1
    most = min(model.bert_model.config.max_position_embeddings, MAX_LENGTH)
    if longest > most:
        raise TasbError(
            f"{folder}: takes at most {most} tokens; inputs of {kind} have up to "
            f"{longest} (query {query}, passage {passage}, [MASK] {masks})"
        )
