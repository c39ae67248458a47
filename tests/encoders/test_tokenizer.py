"""Token ids are BERT's, whatever the version of the libraries below."""

import json
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from tasb_pyserini.encoders.tokenizer import (
    load_tokenizer,
    tokenize,
    wordpiece_tokenizer,
)
from tasb_pyserini.formats.errors import InputError, TasbError
from tests.checkpoints import VOCABULARY, make_checkpoint

WORDS = VOCABULARY.read_text(encoding="utf-8").split("\n")[:-1]

# Worked out by hand from BERT's rules (Devlin et al., 2019, tokenization.py): clean,
# put CJK apart, lower-case, strip accents, split at punctuation, longest piece first.
GOLDEN = {
    "": "",
    "   the copy": "the copy",
    "The COPY\tof\nthe tree ": "the copy of the tree",
    "dense retrieval": "dense retriev ##al",
    "retrieving retriever": "retriev ##ing retriev ##er",
    "café naïve": "cafe naive",
    "京山 tree": "京 [UNK] tree",
    "東京": "東 京",
    "copy\x00\x07tree\u200b": "copy ##t ##r ##e ##e",
    "tree 🌲 copy": "tree [UNK] copy",
    "covid-19?!": "covid - 1 ##9 ? !",
    "it's": "i ##t ' s",
    "xyz": "[UNK]",
    "[SEP] of": "[SEP] of",
    "\ufffdword": "word",
    "the\u3000copy\u00a0tree": "the copy tree",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("tokenizer") / "tiny")


@pytest.mark.parametrize(("text", "pieces"), GOLDEN.items())
def test_awkward_strings_have_the_ids_worked_out_by_hand(
    folder: Path, text: str, pieces: str
) -> None:
    expected = [WORDS.index(piece) for piece in f"[CLS] {pieces} [SEP]".split()]
    assert tokenize(load_tokenizer(folder), [text], 30) == [expected]


@pytest.mark.parametrize("max_length", [3, 30, 200])
def test_truncation_counts_cls_and_sep(folder: Path, max_length: int) -> None:
    [ids] = tokenize(load_tokenizer(folder), ["word " * 1000], max_length)
    word = WORDS.index("word")
    assert ids == [
        WORDS.index("[CLS]"),
        *[word] * (max_length - 2),
        WORDS.index("[SEP]"),
    ]


def test_a_saved_tokenizer_json_gives_the_same_ids(
    folder: Path, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(folder)
    tokenizer.enable_padding(length=50)
    tokenizer.enable_truncation(7)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    texts = list(GOLDEN)
    again = tokenize(load_tokenizer(tmp_path), texts, 30)
    assert again == tokenize(load_tokenizer(folder), texts, 30)


def test_a_cased_checkpoint_keeps_case(tmp_path: Path) -> None:
    cased = make_checkpoint(tmp_path / "cased")
    (cased / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    assert tokenize(load_tokenizer(cased), ["The the"], 30) == [
        [WORDS.index(piece) for piece in ("[CLS]", "[UNK]", "the", "[SEP]")]
    ]


@pytest.mark.parametrize("key", ["do_lower_case", "strip_accents"])
@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("class_", ["BertTokenizer", "PreTrainedTokenizerFast", None])
def test_settings_beside_a_tokenizer_json_count_as_in_transformers(
    key: str, value: bool, class_: str | None, tmp_path: Path
) -> None:
    words = {word: number for number, word in enumerate([*WORDS, "The", "Café"])}
    for lowercase in (True, False):
        saved = make_checkpoint(tmp_path / str(lowercase))
        wordpiece_tokenizer(words, lowercase=lowercase).save(
            str(saved / "tokenizer.json")
        )
        said = {"do_lower_case": lowercase, key: value, "tokenizer_class": class_}
        config = {name: value for name, value in said.items() if value is not None}
        (saved / "tokenizer_config.json").write_text(json.dumps(config))
        text = "The the café Café Tree"
        expected = AutoTokenizer.from_pretrained(saved)(text)["input_ids"]
        assert tokenize(load_tokenizer(saved), [text], 30) == [expected]


def test_what_is_not_said_stays_as_it_was_saved(folder: Path, tmp_path: Path) -> None:
    words = {word: number for number, word in enumerate(WORDS)}
    cased = wordpiece_tokenizer(words, lowercase=False)
    cased.save(str(tmp_path / "tokenizer.json"))
    for said in (None, "{}", '{"tokenize_chinese_chars": true}'):
        if said is not None:
            (tmp_path / "tokenizer_config.json").write_text(said)
        assert load_tokenizer(tmp_path).encode("The the").tokens == [
            *("[CLS]", "[UNK]", "the", "[SEP]")
        ]


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (None, "nothing"),
        ([("[CLS]", 2), ("[CLS]", 2)], r"\[CLS\] \[CLS\]"),
        # By name they are right, by number not.
        ([("[CLS]", 3), ("[SEP]", 2)], r"\[CLS\] \[SEP\]"),
    ],
)
def test_a_tokenizer_json_without_cls_and_sep_is_refused(
    ends: list[tuple[str, int]] | None, said: str, folder: Path, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(folder)
    assert [tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]")] == [2, 3]
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    saved = json.loads(path.read_text())
    if ends is None:
        saved["post_processor"] = None
    else:
        saved["post_processor"] |= {"cls": ends[0], "sep": ends[1]}
    path.write_text(json.dumps(saved))
    with pytest.raises(InputError, match=rf"json: an empty text becomes {said};"):
        load_tokenizer(tmp_path)


def test_a_vocabulary_without_special_tokens_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("the\nof\n")
    with pytest.raises(InputError, match=r"vocab\.txt: no \[PAD\]; expected a BERT"):
        load_tokenizer(tmp_path)


# Beyond Latin, Greek, Cyrillic and CJK, Unicode's tables differ between libraries.
ALPHABET = st.one_of(
    st.characters(max_codepoint=0x4FF, exclude_categories=("Cn", "Cs")),
    st.sampled_from("the of copy 京東山、。\u200b\u3000\ufffd🌲"),
)


@given(st.text(ALPHABET, max_size=60), st.integers(3, 40))
def test_any_text_agrees_with_a_slow_reference(text: str, max_length: int) -> None:
    assume("[" not in text)  # a special token, written out, is that token
    expected = ["[CLS]", *reference_pieces(text)[: max_length - 2], "[SEP]"]
    tokenizer = load_tokenizer(VOCABULARY.parent)
    assert tokenize(tokenizer, [text], max_length) == [
        [WORDS.index(piece) for piece in expected]
    ]


def reference_pieces(text: str) -> list[str]:
    """WordPiece by the letter of BERT's description, one character at a time."""
    spaced = ""
    for char in text:
        category = unicodedata.category(char)
        if char in "\t\n\r" or category == "Zs":
            spaced += " "
        elif char in "\0\ufffd" or category in ("Cc", "Cf"):
            continue
        elif "\u4e00" <= char <= "\u9fff":
            spaced += f" {char} "
        else:
            spaced += char
    folded = unicodedata.normalize("NFD", spaced.lower())
    plain = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    words = "".join(f" {c} " if is_punctuation(c) else c for c in plain).split()
    return [piece for word in words for piece in longest_pieces(word)]


def is_punctuation(char: str) -> bool:
    ascii_symbol = char.isascii() and not char.isalnum() and char.isprintable()
    return (ascii_symbol and char != " ") or unicodedata.category(char).startswith("P")


def longest_pieces(word: str) -> list[str]:
    pieces: list[str] = []
    while word:
        prefix = "##" if pieces else ""
        ends = [n for n in range(1, len(word) + 1) if prefix + word[:n] in WORDS]
        if not ends:
            return ["[UNK]"]
        pieces.append(prefix + word[: ends[-1]])
        word = word[ends[-1] :]
    return pieces


def test_two_threads_cut_at_their_own_lengths(folder: Path) -> None:
    """A tokenizer holds one truncation; the second caller has to wait for the first."""
    real = load_tokenizer(folder)
    inside, go_on = Event(), Event()

    class Slow:
        def enable_truncation(self, length: int) -> None:
            real.enable_truncation(length)

        def encode_batch_fast(self, texts: list[str]) -> list[Any]:
            if len(texts) == 1:
                inside.set()
                go_on.wait(0.5)  # time for the other to get in between
            return real.encode_batch_fast(texts)

    slow: Any = Slow()
    long = "the " * 50
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(tokenize, slow, [long], 20)
        inside.wait(5)
        second = threads.submit(tokenize, slow, [long, long], 10)
        assert len(first.result()[0]) == 20
        assert [len(ids) for ids in second.result()] == [10, 10]
    go_on.set()


@pytest.mark.parametrize("named", ["no/such-folder", "bert-base-uncased"])
def test_a_tokenizer_that_is_no_folder_is_one_line(named: str) -> None:
    with pytest.raises(TasbError) as caught:
        load_tokenizer(Path(named))
    assert str(caught.value) == (
        f"{named}: no tokenizer; expected tokenizer.json or vocab.txt"
    )


def test_a_vocabulary_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_bytes(b"[PAD]\n\xff\xfe\n")
    with pytest.raises(InputError, match=r"vocab\.txt: .*; expected a BERT vocabulary"):
        load_tokenizer(tmp_path)
