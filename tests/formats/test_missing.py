import pytest

from tasb_pyserini.formats.missing import Done, Progress, run_missing

SIZES = [4, 4, 4, 1]


def test_a_run_that_stopped_goes_on_where_it_stopped() -> None:
    there: list[int] = []
    full_at = [2]

    def run(number: int, done: Done) -> None:
        if number in full_at:
            raise OSError("full")
        there.append(number)

    with pytest.raises(OSError, match="full"):
        run_missing(SIZES, there.__contains__, run, unit="", progress=False)
    assert there == [0, 1]
    full_at.clear()
    ran = run_missing(SIZES, there.__contains__, run, unit="", progress=False)
    assert there == [0, 1, 2, 3]
    assert ran.already == 8
    assert ran.rate > 0


def test_nothing_left_is_nothing_done() -> None:
    def run(number: int, done: Done) -> None:
        pytest.fail(f"part {number} is there")

    ran = run_missing(SIZES, lambda _: True, run, unit="", progress=True)
    assert ran == Progress(13, 0.0)


def test_the_bar_counts_what_was_there_too(capsys: pytest.CaptureFixture[str]) -> None:
    def run(number: int, done: Done) -> None:
        done(SIZES[number])

    at = {"unit": " pairs", "label": "stage"}
    run_missing(SIZES, [1, 2].__contains__, run, **at, progress=True)
    shown = capsys.readouterr().err.split("\r")
    assert shown[1].startswith("stage:  62%")
    assert " 8/13 " in shown[1]
    assert " 13/13 " in shown[-1]
