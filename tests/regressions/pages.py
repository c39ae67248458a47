"""The page of one spec."""

from pathlib import Path

from tasb_pyserini.regressions.page import write_page
from tasb_pyserini.regressions.rows import report_rows
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.standing import all_standing


def write_one_page(spec: Spec, root: Path) -> Path:
    standings = all_standing([spec], root / "work")
    rows = report_rows([spec], standings)
    _, result = standings[spec.name]
    return write_page(root / "pages", spec, rows, result)
