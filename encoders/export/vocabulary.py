"""A tokenizer's vocabulary as BERT's ``vocab.txt``, which Anserini reads."""

from pathlib import Path

from tokenizers import Tokenizer

from tasb_pyserini.formats.replace import replace_file


def write_vocabulary(tokenizer: Tokenizer, path: Path) -> None:
    """Write one word piece a line, in the order of their ids.

    An id without a word piece gets a line of its own all the same, as in BERT's own
    vocabulary: ``[unused7]``.
    """
    pieces = {number: piece for piece, number in tokenizer.get_vocab().items()}
    with replace_file(path) as file:
        for number in range(max(pieces) + 1):
            file.write(pieces.get(number, f"[unused{number}]") + "\n")
