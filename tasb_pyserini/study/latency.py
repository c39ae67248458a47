"""How long a query took, as the commands themselves printed it with ``--json``."""

import json
from pathlib import Path


def latency_of(log: Path) -> float | None:
    r"""Return milliseconds a query; None where the log says nothing of it.

    Of a command that reranks it is the time of its models.

    Examples
    --------
    >>> log = getfixture("tmp_path") / "log.txt"
    >>> _ = log.write_text('reading\n{"ms_per_query": 2.5}\n')
    >>> latency_of(log)
    2.5
    """
    if not log.is_file():
        return None
    for line in reversed(log.read_text(encoding="utf-8", errors="replace").split("\n")):
        if line.startswith("{"):
            return _said(line)
    return None


def _said(line: str) -> float | None:
    try:
        values = json.loads(line)
        if "ms_per_query" in values:
            return float(values["ms_per_query"])
        stages = [s for s in values["stages"] if s["inputs_per_second"]]
        seconds = sum(s["inputs"] / s["inputs_per_second"] for s in stages)
        return 1000 * float(seconds) / int(values["queries"]) if stages else None
    except (ValueError, TypeError, KeyError, ZeroDivisionError):
        return None
