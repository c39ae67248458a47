"""The report as one HTML file that fetches nothing."""

import hashlib
from base64 import b64encode
from importlib import import_module
from pathlib import Path

from tasb_pyserini.formats.files import replace_file
from tasb_pyserini.regressions.html_summary import TEMPLATES as REGRESSIONS
from tasb_pyserini.study.claims import MEANINGS
from tasb_pyserini.study.content import Content
from tasb_pyserini.study.report_md import HOW_READ, WHY, verdict_counts

TEMPLATES = Path(__file__).parent / "templates"


def write_html(content: Content, page: Path) -> None:
    """Write the report, in the style of the regressions' summary.

    The same records give the same bytes, under one version of matplotlib.
    """
    style = (REGRESSIONS / "summary.css").read_text(encoding="utf-8")
    style += (TEMPLATES / "study.css").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    jinja2 = import_module("jinja2")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    text = environment.get_template("study.html.j2").render(
        content=content,
        study=content.study,
        meanings=MEANINGS,
        counts={
            part.profile.name: verdict_counts(part.judged) for part in content.parts
        },
        how_read=HOW_READ,
        why=WHY,
        style=style,
        style_hash=f"sha256-{digest}",
    )
    with replace_file(page) as file:
        file.write(text)
