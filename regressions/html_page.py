"""HTML pages of one file each, which fetch nothing."""

import hashlib
from base64 import b64encode
from importlib import import_module
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"


def render(template: Path, **values: Any) -> str:
    """Fill a template of Jinja; everything but ``safe`` is escaped.

    Parameters
    ----------
    template
        File of it; others are included from its folder.
    values
        What it names.
    """
    jinja2 = import_module("jinja2")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return str(environment.get_template(template.name).render(**values))


def source_hash(text: str) -> str:
    """Return what a Content-Security-Policy allows an inline text by.

    Examples
    --------
    >>> source_hash("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{b64encode(digest).decode('ascii')}"
