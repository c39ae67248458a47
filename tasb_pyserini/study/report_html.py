"""The report as one HTML file that fetches nothing."""

from pathlib import Path

from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.regressions.html_page import TEMPLATES as REGRESSIONS
from tasb_pyserini.regressions.html_page import render, source_hash
from tasb_pyserini.study.claims import MEANINGS
from tasb_pyserini.study.content import Content
from tasb_pyserini.study.report_md import HOW_READ, not_shown, verdict_counts

TEMPLATES = Path(__file__).parent / "templates"


def write_html(content: Content, page: Path) -> None:
    """Write the report, in the style of the regressions' summary.

    The same records give the same bytes, under one version of matplotlib.
    """
    style = (REGRESSIONS / "summary.css").read_text(encoding="utf-8")
    style += (TEMPLATES / "study.css").read_text(encoding="utf-8")
    text = render(
        TEMPLATES / "study.html.j2",
        content=content,
        study=content.study,
        meanings=MEANINGS,
        counts={
            part.profile.name: verdict_counts(part.judged) for part in content.parts
        },
        how_read=HOW_READ,
        not_shown=not_shown,
        style=style,
        style_hash=source_hash(style),
    )
    with replace_file(page) as file:
        file.write(text)
