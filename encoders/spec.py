"""What a dense model is: everything that must agree between index and query."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, Self

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.json_file import read_object, write_object

SPEC_FILE = "encoder.json"
"""Name of the spec's file in checkpoint and index folders."""

FOUND = ("checkpoint", "revision", "weights", "tokenizer", "architecture")
"""What is read off a checkpoint's place and files, and what training leaves behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderSpec:
    """The identity of a dual encoder.

    The defaults are TAS-B's (Hofstätter et al., SIGIR 2021, §2.2; lengths: §4.1, and
    matchmaker's ``config/train/defaults.yaml``).

    Parameters
    ----------
    checkpoint
        Hub id, or the folder the model was loaded from.
    revision
        Commit of the hub repository; None for local checkpoints.
    weights
        ``sha256:…`` of the weights file; None where it is not known.
    tokenizer, architecture
        Of the tokenizer, and what the model computes with its weights, as of
        :mod:`~tasb_pyserini.encoders.identity`; None where they are not known.
    pooling
        ``cls``: the vector of [CLS]; ``mean``: mean over all tokens.
    normalize
        Whether vectors are scaled to length 1.
    query_prefix, passage_prefix
        Put before the text with a space, where not empty.
    query_max_length, passage_max_length
        In tokens, [CLS] and [SEP] included.
    dimension
        Length of the vectors.
    similarity
        How two vectors are compared.
    """

    checkpoint: str
    revision: str | None = None
    weights: str | None = None
    tokenizer: str | None = None
    architecture: str | None = None
    pooling: Literal["cls", "mean"] = "cls"
    normalize: bool = False
    query_prefix: str = ""
    passage_prefix: str = ""
    query_max_length: int = 30
    passage_max_length: int = 200
    dimension: int = 768
    similarity: Literal["dot"] = "dot"

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], source: Path) -> Self:
        """Build a spec from JSON; `source` is named in errors.

        Raises
        ------
        InputError
            If a key is unknown, missing, or has a value of the wrong type.
        """
        known = {field.name: field for field in fields(cls)}
        if unknown := sorted(set(values) - set(known)):
            raise InputError(
                source, None, f"unknown key {unknown[0]!r}", f"some of {sorted(known)}"
            )
        if "checkpoint" not in values:
            raise InputError(source, None, "no key 'checkpoint'", "a hub id or folder")
        spec = cls(**values)
        for name, expected, right in (
            ("checkpoint", "a string", isinstance(spec.checkpoint, str)),
            ("revision", "a string", isinstance(spec.revision, str | None)),
            ("weights", "a string", isinstance(spec.weights, str | None)),
            ("tokenizer", "a string", isinstance(spec.tokenizer, str | None)),
            ("architecture", "a string", isinstance(spec.architecture, str | None)),
            ("pooling", "'cls' or 'mean'", spec.pooling in ("cls", "mean")),
            ("normalize", "true or false", isinstance(spec.normalize, bool)),
            ("query_prefix", "a string", isinstance(spec.query_prefix, str)),
            ("passage_prefix", "a string", isinstance(spec.passage_prefix, str)),
            ("query_max_length", "at least 3", is_count(spec.query_max_length, 3)),
            ("passage_max_length", "at least 3", is_count(spec.passage_max_length, 3)),
            ("dimension", "at least 1", is_count(spec.dimension, 1)),
            ("similarity", "'dot'", spec.similarity == "dot"),
        ):
            if not right:
                raise InputError(
                    source, None, f"{name} is {getattr(spec, name)!r}", expected
                )
        return spec

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a spec from a JSON file."""
        return cls.from_dict(read_object(path, "an encoder spec"), path)

    def cut_to(self, tokens: int) -> Self:
        """Return the spec of passages that are cut to so many tokens.

        Raises
        ------
        TasbError
            If that leaves none beside [CLS] and [SEP].
        """
        if not is_count(tokens, 3):
            raise TasbError(
                f"passages of {tokens} tokens: expected at least 3, [CLS] and [SEP] "
                "counted"
            )
        return replace(self, passage_max_length=tokens)

    def write(self, folder: Path) -> None:
        """Write the spec as ``encoder.json`` into `folder`."""
        write_object(folder / SPEC_FILE, asdict(self))


def mismatches(index: EncoderSpec, query: EncoderSpec) -> list[str]:
    """List, as ``key: index … / query encoder …``, what two specs disagree on.

    The length limit of passages and the place a checkpoint was loaded from do not
    change what a query vector means. Weights are compared by hash where both sides
    know it, else by where they came from: the checkpoint, and the revision where both
    sides have one. Tokenizers and architectures are compared where both know them.

    Examples
    --------
    >>> one = EncoderSpec(checkpoint="a", weights="sha256:11")
    >>> two = EncoderSpec(checkpoint="b", weights="sha256:22", pooling="mean")
    >>> for line in mismatches(one, two):
    ...     print(line)
    pooling: index 'cls', query encoder 'mean'
    weights: index sha256:11 (a), query encoder sha256:22 (b)
    >>> mismatches(EncoderSpec(checkpoint="a"), EncoderSpec(checkpoint="b"))
    ["checkpoint: index 'a', query encoder 'b'"]
    """
    keys = [
        "dimension",
        "pooling",
        "normalize",
        "query_prefix",
        "passage_prefix",
        "query_max_length",
        "similarity",
    ]
    keys += [
        key
        for key in ("tokenizer", "architecture")
        if getattr(index, key) and getattr(query, key)
    ]
    both_known = bool(index.weights and query.weights)
    if not both_known:
        keys.append("checkpoint")
        if index.revision and query.revision:
            keys.append("revision")
    pairs = [(key, getattr(index, key), getattr(query, key)) for key in keys]
    differing = [
        f"{key}: index {_brief(one)}, query encoder {_brief(other)}"
        for key, one, other in pairs
        if one != other
    ]
    if both_known and index.weights != query.weights:
        differing.append(
            f"weights: index {_brief(index.weights)} ({index.checkpoint}), "
            f"query encoder {_brief(query.weights)} ({query.checkpoint})"
        )
    return differing


def _brief(value: object) -> str:
    """Show a value; of a hash as much as tells two apart."""
    said = str(value)
    return said[:19] if said.startswith("sha256:") else repr(value)


def check_index(folder: Path, spec: EncoderSpec) -> None:
    """Refuse an index that another encoder built.

    An index without ``encoder.json`` (Pyserini built it without us) passes: only its
    dimension can be checked, by whoever opens it.

    Raises
    ------
    TasbError
        If the specs disagree; the message names both sides.
    """
    path = folder / SPEC_FILE
    if not path.is_file():
        return
    if differing := mismatches(EncoderSpec.read(path), spec):
        raise TasbError(
            f"{folder}: this index and the query encoder do not belong together "
            f"({'; '.join(differing)}); search with the encoder that built the index "
            f"or encode the collection again"
        )


def check_dimension(folder: Path, dimension: int, queries: int) -> None:
    """Refuse query vectors of another dimension than an index has.

    Parameters
    ----------
    folder
        Of the index.
    dimension, queries
        Dimension of its vectors, and of those of queries.

    Raises
    ------
    TasbError
        Naming both.
    """
    if queries != dimension:
        raise TasbError(
            f"{folder}: an index of {dimension} dimensions, but query vectors of "
            f"{queries}; search with the encoder that built it"
        )


def is_count(value: object, least: int) -> bool:
    """Tell whether a value is a whole number, and at least so large."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
