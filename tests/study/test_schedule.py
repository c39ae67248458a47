"""Work is done in order, a few pieces at a time, and a failure stays where it is."""

from errno import ENOSPC
from threading import Barrier, Lock

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.study.progress import Progress
from tasb_pyserini.study.schedule import run_in_order


def test_a_failure_reaches_what_depends_on_it_alone() -> None:
    done = []

    def do(piece: str) -> None:
        if piece == "train":
            raise TasbError("no room")
        done.append(piece)

    before = {"index": ["train"], "run": ["index"], "train": [], "bm25": []}
    failed = run_in_order(before, do, jobs=1)
    assert failed == dict.fromkeys(("train", "index", "run"), "no room")
    assert done == ["bm25"]


def test_what_the_system_says_is_told_as_elsewhere() -> None:
    def do(piece: str) -> None:
        raise OSError(ENOSPC, "No space left on device", piece)

    assert run_in_order({"work/run": []}, do, jobs=1) == {
        "work/run": "work/run: No space left on device; make room, then run the same "
        "command again"
    }


def test_pieces_run_at_the_same_time() -> None:
    both = Barrier(2, timeout=10)  # broken, and so an error, if one came alone

    def do(_: str) -> None:
        both.wait()

    assert run_in_order({"a": [], "b": []}, do, jobs=2) == {}


def test_no_more_pieces_at_a_time_than_jobs() -> None:
    lock, now, most = Lock(), [0], [0]

    def do(_: str) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        with lock:
            now[0] -= 1

    run_in_order({str(n): [] for n in range(20)}, do, jobs=3)
    assert 1 <= most[0] <= 3


def test_what_the_first_cell_needs_is_done_first() -> None:
    done: list[str] = []
    before = {"cell1": ["run1"], "run1": ["model1"], "model1": [], "model2": []}
    run_in_order({"model3": [], **before}, done.append, jobs=1)
    assert done == ["model3", "model1", "run1", "cell1", "model2"]


def test_time_left_goes_by_kind() -> None:
    kinds = {"a": "train", "b": "train", "c": "search", "d": "encode"}
    said: list[str] = []
    progress = Progress(kinds, 1, said.append)
    progress.done("a", 100.0)
    # One more training of 100 s; a search and an encoding as long as the average.
    assert progress.seconds_left() == 300.0
    progress.done("c", 10.0)
    assert progress.seconds_left() == 100.0 + 55.0
    assert said[1].startswith("[2/4] c: 10 s;")
