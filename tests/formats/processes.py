"""Code in a process of its own, which may be killed."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def child(code: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
