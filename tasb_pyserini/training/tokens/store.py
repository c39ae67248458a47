"""Tokenised once: collections and topics kept under a hash of all that matters."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock
from tokenizers import Tokenizer
from tqdm import tqdm

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.check import refuse_duplicates
from tasb_pyserini.formats.checksum import json_sha256
from tasb_pyserini.formats.collection import collection_files, read_collection
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.training.tokens.build import (
    TextForm,
    hash_tokenizer,
    write_tokens,
)
from tasb_pyserini.training.tokens.table import TokenTable, open_tokens

FORMAT = 1
"""Part of every key; another number and older folders are not found any more."""

BYTES_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True)
class _Source:
    """Where texts come from: the word for them, their files, and how to read them."""

    path: Path
    kind: str
    files: list[Path]
    read: Callable[[], Iterable[tuple[str, str]]]


def tokenize_collection(
    path: Path,
    tokenizer: Tokenizer,
    spec: EncoderSpec,
    cache: Path,
    *,
    progress: bool = True,
) -> TokenTable:
    """Return the tokens of a collection's passages, from disk where they are there.

    The second time the collection is only hashed. Several processes may ask at once:
    one tokenises, the others wait for it.

    Parameters
    ----------
    path
        File or folder; see :func:`~tasb_pyserini.formats.collection.read_collection`.
    tokenizer, spec
        Of the checkpoint; the spec has prefix and length of passages.
    cache
        Folder of the results, such as
        :func:`~tasb_pyserini.formats.cache.cache_folder`; this one is
        ``passages-`` and 16 hexadecimal digits, a hash of the tokenizer, the prefix,
        the length and the files' bytes. Names of files don't matter.
    progress
        Whether to show progress, rate and time left on stderr.

    Raises
    ------
    InputError
        At a bad line, or the second of two equal ids.
    TasbError
        If there is no collection at `path`, or `cache` can't be written.
    """
    form = TextForm(max_length=spec.passage_max_length, prefix=spec.passage_prefix)
    return tokenize_passages(path, tokenizer, form, cache, progress=progress)


def tokenize_topics(
    path: Path,
    tokenizer: Tokenizer,
    spec: EncoderSpec,
    cache: Path,
    *,
    progress: bool = True,
) -> TokenTable:
    """Return the tokens of the queries in a topics file; see `tokenize_collection`.

    The folder's name starts with ``queries-``.
    """
    form = TextForm(max_length=spec.query_max_length, prefix=spec.query_prefix)
    return tokenize_queries(path, tokenizer, form, cache, progress=progress)


def tokenize_passages(
    path: Path,
    tokenizer: Tokenizer,
    form: TextForm,
    cache: Path,
    *,
    progress: bool = True,
) -> TokenTable:
    """As `tokenize_collection`, for any form of the texts."""

    def read() -> Iterable[tuple[str, str]]:
        return ((p.docid, p.contents) for p in read_collection(path))

    source = _Source(path, "passages", collection_files(path), read)
    return _open_or_build(source, tokenizer, form, cache, progress=progress)


def tokenize_queries(
    path: Path,
    tokenizer: Tokenizer,
    form: TextForm,
    cache: Path,
    *,
    progress: bool = True,
) -> TokenTable:
    """As `tokenize_topics`, for any form of the texts."""
    source = _Source(path, "queries", [path], lambda: read_topics(path).items())
    return _open_or_build(source, tokenizer, form, cache, progress=progress)


def _open_or_build(
    source: _Source,
    tokenizer: Tokenizer,
    form: TextForm,
    cache: Path,
    *,
    progress: bool,
) -> TokenTable:
    digests, lines = zip(*map(_digest, source.files), strict=True)
    about = {
        "format": FORMAT,
        "kind": source.kind,
        "tokenizer": hash_tokenizer(tokenizer),
        **asdict(form),
        "files": list(digests),
    }
    key = json_sha256(about, sort_keys=True)[:16]
    name = f"{source.kind}-{key}"
    if (table := _whole(cache / name)) is not None:
        return table
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / f"{name}.lock"):
        if (table := _whole(cache / name)) is not None:
            return table
        total = None if None in lines else sum(filter(None, lines))
        with (
            replace_folder(cache / name) as folder,
            tqdm(total=total, unit=f" {source.kind}", disable=not progress) as bar,
        ):
            texts = source.read()
            n_texts, suspects = write_tokens(folder, tokenizer, texts, form, about, bar)
            if not n_texts:
                raise InputError(source.path, None, "no passages", "at least one")
            if suspects and source.kind == "passages":
                refuse_duplicates(source.path, suspects)
        return open_tokens(cache / name)


def _whole(folder: Path) -> TokenTable | None:
    try:
        return open_tokens(folder)
    except TasbError:
        return None


def _digest(file: Path) -> tuple[str, int | None]:
    """Return a file's SHA-256 and its number of lines; None where compressed."""
    if not file.is_file():
        raise TasbError(f"{file}: no such file")
    digest, lines = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while block := opened.read(BYTES_AT_ONCE):
            digest.update(block)
            lines += block.count(b"\n")
    return digest.hexdigest(), None if file.suffix == ".gz" else lines
