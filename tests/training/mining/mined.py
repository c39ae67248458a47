"""Mining from runs in memory, with few words."""

from typing import Any

from tasb_pyserini.formats.records import Qrels, Run, Triple
from tasb_pyserini.training.mining.config import MiningConfig
from tasb_pyserini.training.mining.mine import mine_triples
from tasb_pyserini.training.mining.passages import PassageKeys
from tasb_pyserini.training.mining.report import MiningReport

HITS = {f"d{rank}": 100.0 - rank for rank in range(1, 21)}


def mine(
    run: Run,
    qrels: Qrels,
    report: MiningReport | None = None,
    *,
    keys: PassageKeys | None = None,
    **options: Any,
) -> list[Triple]:
    config = MiningConfig(**{"negatives": 3, **options})
    return list(mine_triples(run.items(), qrels, config, keys=keys, report=report))


def passage_keys(texts: dict[str, str]) -> PassageKeys:
    keys = PassageKeys()
    for docid, text in texts.items():
        keys.add(docid, text)
    return keys
