from pathlib import Path

import pytest

from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.teachers.vocabulary import check_vocabulary
from tests.checkpoints import make_checkpoint
from tests.training.teachers.published import make_published


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    make_published(tmp_path / "teacher", "ColBERT")
    return tmp_path / "teacher", make_checkpoint(tmp_path / "student")


def test_the_same_vocabulary_passes_in_either_form(folders: tuple[Path, Path]) -> None:
    teacher, student = folders
    check_vocabulary(teacher, student)
    load_tokenizer(student).save(str(student / "tokenizer.json"))
    (student / "vocab.txt").unlink()
    check_vocabulary(teacher, student)


def test_the_first_token_that_differs_is_named(folders: tuple[Path, Path]) -> None:
    teacher, student = folders
    pieces = (teacher / "vocab.txt").read_text().splitlines()
    pieces[7], pieces[9] = pieces[9], pieces[7]
    (teacher / "vocab.txt").write_text("\n".join(pieces) + "\n")
    message = (
        f"teacher: token 7 is {pieces[7]!r}, but {pieces[9]!r} in .*student; expected "
        "a teacher with the student's vocabulary"
    )
    with pytest.raises(TasbError, match=message):
        check_vocabulary(teacher, student)


def test_a_longer_vocabulary_is_refused(folders: tuple[Path, Path]) -> None:
    teacher, student = folders
    pieces = (student / "vocab.txt").read_text().splitlines()
    (student / "vocab.txt").write_text("\n".join([*pieces, "more"]) + "\n")
    message = f"token {len(pieces)} is missing, but 'more' in .*student"
    with pytest.raises(TasbError, match=message):
        check_vocabulary(teacher, student)


def test_a_folder_without_a_tokenizer_is_refused(folders: tuple[Path, Path]) -> None:
    teacher, student = folders
    (teacher / "vocab.txt").unlink()
    message = r"teacher: no tokenizer; expected tokenizer\.json or vocab\.txt"
    with pytest.raises(TasbError, match=message):
        check_vocabulary(teacher, student)
