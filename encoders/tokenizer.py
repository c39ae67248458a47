"""The WordPiece tokenizer of a checkpoint, and the token ids of texts."""

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

from tasb_pyserini.encoders.tokenizer_files import lack_of_tokenizer
from tasb_pyserini.encoders.tokenizer_settings import heed_settings, read_settings
from tasb_pyserini.formats.errors import InputError, TasbError

_TRUNCATION = Lock()

_ENDS = (("[CLS]", "[SEP]"), ("<s>", "</s>"))
"""Of BERT, and of RoBERTa."""

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load a checkpoint's tokenizer; see :func:`read_tokenizer`."""
    return read_tokenizer(folder)[0]


def read_tokenizer(folder: Path) -> tuple[Tokenizer, dict[str, int]]:
    """Load a checkpoint's tokenizer from ``tokenizer.json``, else from ``vocab.txt``.

    The published TAS-B checkpoint has only ``vocab.txt``; ``tokenizer_config.json``
    beside it says whether text is lower-cased. What it says of that, of accents and of
    CJK also goes before what BERT's normaliser in a ``tokenizer.json`` has, as in
    transformers. Built on the `tokenizers` library directly, so that token ids do not
    change with the version of transformers.

    Returns
    -------
    tuple
        The tokenizer, which neither cuts nor pads, and its vocabulary, token → id, in
        a fraction of the time that its ``get_vocab`` takes.

    Raises
    ------
    TasbError
        If neither is there as a whole, or texts would not stand between [CLS] and
        [SEP].
    """
    saved = folder / "tokenizer.json"
    if saved.is_file():
        tokenizer, vocabulary = _from_json(saved)
        heed_settings(tokenizer, folder)
        _check_ends(saved, tokenizer)
        return tokenizer, vocabulary
    return _from_vocabulary(folder / "vocab.txt", read_settings(folder))


def wordpiece_tokenizer(
    vocabulary: dict[str, int],
    *,
    lowercase: bool = True,
    strip_accents: bool | None = None,
    handle_chinese_chars: bool = True,
) -> Tokenizer:
    """Return BERT's tokenizer over a vocabulary (Devlin et al., 2019).

    Parameters
    ----------
    vocabulary
        Word piece → token id, with all of :data:`SPECIAL_TOKENS`.
    lowercase
        Whether text is lower-cased.
    strip_accents
        Whether accents are removed; None: where text is lower-cased.
    handle_chinese_chars
        Whether each CJK character becomes a token of its own.
    """
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    tokenizer.normalizer = BertNormalizer(
        lowercase=lowercase,
        strip_accents=strip_accents,
        handle_chinese_chars=handle_chinese_chars,
    )
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(
        ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
    )
    return tokenizer


def tokenize(
    tokenizer: Tokenizer, texts: Sequence[str], max_length: int, prefix: str = ""
) -> list[list[int]]:
    """Return the token ids of each text, [CLS] and [SEP] included and counted.

    Tokenises in the tokenizer's own threads; callers take turns, as a tokenizer has one
    truncation for all of them.

    Parameters
    ----------
    tokenizer
        From :func:`load_tokenizer`; its truncation is set to `max_length`.
    texts
        Any strings; an empty one becomes [CLS] [SEP].
    max_length
        Longest result, in tokens.
    prefix
        Put before each text with a space, where not empty.
    """
    if prefix:
        texts = [f"{prefix} {text}" for text in texts]
    with _TRUNCATION:
        tokenizer.enable_truncation(max_length)
        return [encoded.ids for encoded in tokenizer.encode_batch_fast(list(texts))]


def _check_ends(path: Path, tokenizer: Tokenizer) -> None:
    """Refuse a tokenizer that leaves out what models look for at both ends."""
    ends = [[tokenizer.token_to_id(token) for token in pair] for pair in _ENDS]
    encoded = tokenizer.encode("")
    if encoded.ids not in ends:
        said = " ".join(encoded.tokens) or "nothing"
        raise InputError(
            path,
            None,
            f"an empty text becomes {said}",
            "[CLS] [SEP], as the model was trained",
            "save it with its post-processor",
        )


def _from_json(path: Path) -> tuple[Tokenizer, dict[str, int]]:
    try:
        text = path.read_bytes().decode()
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # its library raises nothing more precise
        raise InputError(path, None, str(error), "a tokenizer's JSON") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    saved = json.loads(text)
    vocabulary = saved["model"]["vocab"]
    if not isinstance(vocabulary, dict):  # a Unigram's pieces
        return tokenizer, tokenizer.get_vocab()
    added = [token["content"] for token in saved.get("added_tokens", ())]
    return tokenizer, vocabulary | {t: tokenizer.token_to_id(t) for t in added}


def _from_vocabulary(
    path: Path, settings: dict[str, Any]
) -> tuple[Tokenizer, dict[str, int]]:
    if lack := lack_of_tokenizer(path.parent):
        raise TasbError(f"{path.parent}: {lack}")
    try:
        lines = path.read_bytes().decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(path, None, str(error), "a BERT vocabulary") from error
    vocabulary = {line.rstrip(): number for number, line in enumerate(lines)}
    for token in SPECIAL_TOKENS:
        if token not in vocabulary:
            raise InputError(path, None, f"no {token}", "a BERT vocabulary")
    return wordpiece_tokenizer(vocabulary, **settings), vocabulary
