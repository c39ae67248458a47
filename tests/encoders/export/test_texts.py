"""The texts of the proof are there on every Python."""

from tasb_pyserini.encoders.export.export import TEXTS
from tasb_pyserini.encoders.export.texts import docstrings, first_sentences


def test_there_are_enough_of_them_and_no_two_are_the_same() -> None:
    passages = docstrings()
    assert len(passages) == len(set(passages)) > 2 * TEXTS
    assert sum(len(text.split()) >= 5 for text in first_sentences(passages)) > TEXTS
