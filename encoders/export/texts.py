"""Texts that every Python has at hand: what its own functions say they do."""

import builtins
import collections
import itertools
import os.path
import pathlib
import re
import shutil
import statistics
import string
import textwrap
from inspect import getdoc

MODULES = (
    *(builtins, collections, itertools, os.path, pathlib, re),
    *(shutil, statistics, string, textwrap, str, list, dict),
)


def docstrings() -> list[str]:
    """Return some hundred short English texts, without the same twice.

    Examples
    --------
    >>> any("absolute value" in text for text in docstrings())
    True
    """
    texts = [
        getdoc(getattr(module, name)) or ""
        for module in MODULES
        for name in sorted(vars(module))
        if not name.startswith("_")
    ]
    return list(dict.fromkeys(text for text in texts if len(text) > 20))


def first_sentences(texts: list[str]) -> list[str]:
    """Return what stands before the first full stop of each text, as a query.

    Examples
    --------
    >>> first_sentences(["Return it. Or not.", "No stop"])
    ['Return it', 'No stop']
    """
    return [re.split(r"[.\n]", text, maxsplit=1)[0] for text in texts]
