"""A number that an option can't take is refused before anything is read."""

import pytest

from tasb_pyserini.cli.main import main

TRAINING = ["--triples", "t", "--collection", "c", "--topics", "q", "--output", "o"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", *TRAINING, "--workers", "-1"], "--workers: -1 is less than 0"),
        (["train-teacher", "cat", *TRAINING, "--workers", "-1"], "-1 is less than 0"),
        (["batches", "--pairs", "p", "--show", "-1"], "--show: -1 is less than 0"),
        (["study", "run", "x", "--dry-run", "--seeds", "-1"], "-1 is less than 0"),
        (["search", "--rocchio-alpha", "nan"], "nan is not a finite number"),
        (["expand", "--keep", "nan"], "--keep: nan is not above 0 and up to 1"),
        (["expand", "--keep", "1.5"], "--keep: 1.5 is not above 0 and up to 1"),
    ],
)
def test_a_number_out_of_range_is_named_with_its_option(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
