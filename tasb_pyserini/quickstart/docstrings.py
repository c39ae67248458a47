"""Docstrings as passages: no signature, no title, one paragraph a line."""

import inspect
import re

_CALL = re.compile(
    r"^[ \t]*(?:\w+[ \t]*=[ \t]*|async[ \t]+|class[ \t]+)?(?P<name>[\w.]+)[ \t]*\(",
    re.MULTILINE,
)
_ARROW = re.compile(r"[ \t]*\n?[ \t]*(?:[-=]+>|→)[ \t]*(?:(?:None|\w)[.,][ \t]+)?")
_TITLE_END = re.compile(r"[ \t]*(?:--+|[-—:])(?:[ \t]+|$)", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?][\"')\]`*]*(?=\s+[\"'(\[`*<]*[A-Z0-9])|\n")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|cf|vs|etc|[A-Za-z]))\.$")
_PARAGRAPH_END = re.compile(r"[ \t]*(?:\n[ \t]*\n|\s*\Z)")
_LONGEST_TITLE = 3  # words; "@contextmanager decorator."
_SHORTEST_RESULT = 4  # words; "-> bool" and "-> copy of B" describe nothing


def passage_text(docstring: str, name: str) -> str:
    r"""Turn a docstring into the text of a passage.

    Signatures and titles made of the object's own name are removed, the qualified
    name is cut down to its last part wherever it stands, and every paragraph becomes
    one line.

    Parameters
    ----------
    docstring
        As in the source.
    name
        Qualified name of the documented object.

    Examples
    --------
    >>> passage_text("time() -> float\n\nReturn the current\n  time.", "time.time")
    'Return the current time.'
    """
    bare = name.rpartition(".")[2]
    text = strip_title(strip_signatures(inspect.cleandoc(docstring), bare), bare)
    if "." in name:
        text = re.sub(rf"(?<![\w.]){re.escape(name)}(?!\w)", bare, text)
    paragraphs = re.split(r"\n\s*\n", text)
    lines = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return "\n".join(line for line in lines if line)


def strip_title(text: str, bare: str) -> str:
    r"""Remove `bare` from the start of `text` where it is a title.

    It is where a dash or a colon follows, or where it and at most two words more are
    the whole first paragraph.

    Examples
    --------
    >>> strip_title("copy -- duplicate an object", "copy")
    'duplicate an object'
    >>> strip_title("Popen class.\n\nStart a process.", "Popen")
    'Start a process.'
    """
    text = text.lstrip()
    title = re.match(rf"[@*`]*(?:[\w.]+\.)?{re.escape(bare)}(?!\w)[*`]*", text)
    if not title:
        return text
    first, _, rest = text.partition("\n\n")
    if len(first.split()) <= _LONGEST_TITLE and rest:
        return rest.lstrip()
    end = _TITLE_END.match(text, title.end())
    return text[end.end() :] if end else text


def strip_signatures(text: str, bare: str) -> str:
    r"""Remove the calls that stand as signatures of `bare`.

    They are: any call that opens the text and has an arrow after it; and calls of
    `bare` that open the text, that open a line and have an arrow after them, or that
    are a whole paragraph. Of what follows the arrow, a short type goes as well.

    Examples
    --------
    >>> strip_signatures("D.get(k[,d]) -> D[k] if k in D, else d.", "get")
    'D[k] if k in D, else d.'
    >>> strip_signatures("pow(x, y)\npow(x, y, z) -> number\n\nRaise x.", "pow")
    '\n\n\nRaise x.'
    """
    kept, end = "", 0
    for match in _CALL.finditer(text):
        close = _closing(text, match.end())
        if match.start() < end or close is None:
            continue
        before = kept + text[end : match.start()]
        opening, own = not before.strip(), match["name"].split(".")[-1] == bare
        if (opening or own) and (arrow := _ARROW.match(text, close)):
            kept, end = before, _result_start(text, arrow.end())
        elif opening and own:
            dash = _TITLE_END.match(text, close)
            kept, end = before, dash.end() if dash else close
        elif own and before.endswith("\n\n") and _PARAGRAPH_END.match(text, close):
            kept, end = before, close
    return kept + text[end:]


def _closing(text: str, start: int) -> int | None:
    depth = 1
    for index in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index + 1
    return None


def _result_start(text: str, start: int) -> int:
    if text.startswith("(", start):  # a tuple, which may take several lines
        close = _closing(text, start + 1)
        if close and text[close : close + 1] in ("", "\n"):
            return close
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    words = len(text[start:line_end].split())
    return start if words >= _SHORTEST_RESULT else line_end


def split_docstring(text: str) -> tuple[str, str]:
    r"""Split the text of a passage into its summary and the rest.

    Parameters
    ----------
    text
        As made by :func:`passage_text`: one paragraph a line.

    Returns
    -------
    tuple of str
        The first sentence of the first paragraph, and everything after it (empty where
        there is no more). Together they hold the words of `text` in order.

    Examples
    --------
    >>> split_docstring("Copy a tree, e.g. Documents. Links are kept.\nRaises Error.")
    ('Copy a tree, e.g. Documents.', 'Links are kept.\nRaises Error.')
    """
    text = text.strip()
    for match in _SENTENCE_END.finditer(text):
        summary = text[: match.end()].strip()
        if not _ABBREVIATION.search(summary):
            return summary, text[match.end() :].strip()
    return text, ""
