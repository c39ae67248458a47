import pytest

from tasb_pyserini import __version__
from tasb_pyserini.__main__ import main


def test_without_arguments_the_usage_is_shown_as_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("usage: python -m tasb_pyserini pyserini.MODULE")


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_the_usage(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert main([option]) == 0
    assert capsys.readouterr().out.startswith("usage: python -m tasb_pyserini ")


def test_other_words_go_to_the_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_only_pyserinis_modules_are_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["pyserini_like.module"])
    assert end.value.code == 2
    assert "pyserini_like.module" in capsys.readouterr().err


@pytest.mark.pyserini
@pytest.mark.parametrize("name", ["pyserini.no_such", "pyserini.no_such.module"])
def test_a_module_that_is_not_there_is_one_line(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main([name]) == 1
    shown = capsys.readouterr().err
    assert shown == f"{name}: no such module in the installed Pyserini\n"
