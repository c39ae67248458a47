"""Draw ``docs/quickstart.svg`` from what a quickstart left: python docs/picture.py."""

import sys
from pathlib import Path

from rich.console import Console

from tasb_pyserini.cli.quickstart import table_of
from tasb_pyserini.quickstart.outcome import Outcome

if __name__ == "__main__":
    output = Path(sys.argv[1] if len(sys.argv) > 1 else "quickstart-out")
    console = Console(record=True, width=76)
    console.print("$ make quickstart")
    console.print(table_of(Outcome.read(output)))
    picture = Path(__file__).parent / "quickstart.svg"
    console.save_svg(str(picture), title="tasb quickstart")
