"""Sentences of a text, by punctuation."""

import re

# Words whose full stop does not end a sentence; spaCy's English tokenizer has them too.
_ABBREVIATIONS = """
    Adm Bros Co Corp Dr Gen Gov Inc Jr Ltd Messrs Mr Mrs Ms Prof Rep Rev Sen Sr St vs
    Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec
"""
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())

LONGEST = 1 + max(map(len, ABBREVIATIONS))
"""Letters that are looked at before a full stop; so time grows with the text alone."""

# Those of Chinese and Japanese need no white space behind them.
_END = re.compile(
    r"""(?<![.!?\u2026])[.!?\u2026]+["')\]\u201d\u2019\u00bb]*\s+|[\u3002\uff01\uff1f]+\s*"""
)
_LAST_WORD = re.compile(r"([^\W\d_]+)\.$")


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, white space around them removed.

    A sentence ends after ``.``, ``!`` or ``?``, with closing quotes and brackets, where
    white space follows; a full stop behind a single letter (``U.S.``) or one of
    `ABBREVIATIONS` ends none. A rule, as spaCy's ``sentencizer`` with which Anserini's
    segmented MS MARCO documents were cut; the two differ at rare abbreviations.

    Examples
    --------
    >>> split_sentences('Dr. No left the U.S. army. "Why?" Nobody knows...')
    ['Dr. No left the U.S. army.', '"Why?"', 'Nobody knows...']
    """
    sentences, start = [], 0
    for match in _END.finditer(text):
        if match[0].rstrip() == ".":
            stop = match.start()
            word = _LAST_WORD.search(text, max(start, stop - LONGEST), stop + 1)
            if word and (len(word[1]) == 1 or word[1] in ABBREVIATIONS):
                continue
        sentences.append(text[start : match.end()].strip())
        start = match.end()
    rest = text[start:].strip()
    return [*sentences, rest] if rest else sentences
