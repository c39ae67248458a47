"""Runs that rank the relevant passage of four queries first, second or not at all."""

# RR of queries 1 to 4: base 1 ½ ½ 0, good 1 1 ½ ½, best 1 1 1 1. Query 9 is not judged.
QRELS = "".join(f"{qid} 0 a 1\n" for qid in (1, 2, 3, 4))
RANKS = {"base": [1, 2, 2, 0], "good": [1, 1, 2, 2], "best": [1, 1, 1, 1]}


def trec_run(ranks: list[int]) -> str:
    lines = ["9 Q0 a 1 9 x"]
    for qid, rank in enumerate(ranks, start=1):
        hits = ["a", "b"][:: 1 if rank == 1 else -1] if rank else []
        lines += [f"{qid} Q0 {hit} 1 {3 - at} x" for at, hit in enumerate(hits)]
    return "\n".join(lines) + "\n"
