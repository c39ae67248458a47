"""Encoders are told apart by their tokenizers and architectures, whatever the form."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import BertProcessing, TemplateProcessing
from transformers import AutoTokenizer

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.identity import find_encoder, hash_tokenizer
from tasb_pyserini.encoders.query import TasbQueryEncoder
from tasb_pyserini.encoders.spec import EncoderSpec, check_index, mismatches
from tasb_pyserini.encoders.tokenizer import load_tokenizer, read_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.encode import encode_collection
from tests.checkpoints import VOCABULARY, make_checkpoint
from tests.indexing.engines.work import write_collection


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("identity") / "model")


def hash_of(folder: Path) -> str:
    return hash_tokenizer(*read_tokenizer(folder))


def saved(tokenizer: Tokenizer, folder: Path) -> Path:
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_the_hash_stays_what_indexes_have_recorded() -> None:
    """Of tokenizers 0.22 and later; another value would refuse their indexes."""
    assert (
        hash_of(VOCABULARY.parent)
        == "sha256:09294a430d9ab9c7ef55b46c02e4d233ffea77c567180da17aece7c0931b89b8"
    )


def test_one_tokenizer_in_several_forms_has_one_hash(
    folder: Path, tmp_path: Path
) -> None:
    cutting = load_tokenizer(folder)
    cutting.enable_padding(length=50)
    cutting.enable_truncation(7)
    by_template = load_tokenizer(folder)
    by_template.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(t, cutting.token_to_id(t)) for t in ("[CLS]", "[SEP]")],
    )
    spelt_out = load_tokenizer(folder)
    spelt_out.normalizer = BertNormalizer(strip_accents=True)  # as lower case has it
    AutoTokenizer.from_pretrained(folder).save_pretrained(tmp_path / "transformers")
    forms = [
        tmp_path / "transformers",
        saved(cutting, tmp_path / "cutting"),
        saved(by_template, tmp_path / "template"),
        saved(spelt_out, tmp_path / "spelt out"),
    ]
    assert {hash_of(form) for form in forms} == {hash_of(folder)}


def swap(tokenizer: Tokenizer) -> None:
    vocabulary = tokenizer.get_vocab()
    vocabulary["the"], vocabulary["of"] = vocabulary["of"], vocabulary["the"]
    tokenizer.model = WordPiece(vocabulary, unk_token="[UNK]")


def shift(tokenizer: Tokenizer) -> None:
    vocabulary = tokenizer.get_vocab()
    last = max(vocabulary, key=vocabulary.__getitem__)
    vocabulary[last] += 1
    tokenizer.model = WordPiece(vocabulary, unk_token="[UNK]")


def normal(**settings: Any) -> Callable[[Tokenizer], None]:
    def change(tokenizer: Tokenizer) -> None:
        tokenizer.normalizer = BertNormalizer(**settings)

    return change


def split_at_spaces(tokenizer: Tokenizer) -> None:
    tokenizer.pre_tokenizer = WhitespaceSplit()


def ending_in_pad(tokenizer: Tokenizer) -> None:
    ids = tokenizer.get_vocab()
    tokenizer.post_processor = BertProcessing(
        ("[PAD]", ids["[PAD]"]), ("[CLS]", ids["[CLS]"])
    )


@pytest.mark.parametrize(
    "change",
    [
        swap,
        shift,
        normal(lowercase=False),
        normal(strip_accents=False),
        normal(handle_chinese_chars=False),
        normal(clean_text=False),
        split_at_spaces,
        ending_in_pad,
    ],
)
def test_whatever_changes_token_ids_changes_the_hash(
    change: Callable[[Tokenizer], None], folder: Path
) -> None:
    tokenizer = load_tokenizer(folder)
    change(tokenizer)
    assert hash_tokenizer(tokenizer, tokenizer.get_vocab()) != hash_of(folder)


def test_the_longest_word_counts(folder: Path) -> None:
    long, short = load_tokenizer(folder), load_tokenizer(folder)
    vocabulary = {**long.get_vocab(), "##a": 76, "a": 77}
    for tokenizer, most in ((long, 200), (short, 100)):
        tokenizer.model = WordPiece(
            vocabulary, unk_token="[UNK]", max_input_chars_per_word=most
        )
    assert hash_tokenizer(long, vocabulary) != hash_tokenizer(short, vocabulary)


def cased(folder: Path, copy: Path) -> Path:
    shutil.copytree(folder, copy)
    (copy / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    return copy


def test_vectors_of_two_tokenizers_are_never_put_together(
    folder: Path, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 5)
    shards = tmp_path / "E"
    encoder = Encoder.load(f"tasb:{folder}")
    encode_collection(collection, shards, encoder, shard_size=3, progress=False)
    (shards / "00001.npy").unlink()
    other = Encoder.load(f"tasb:{cased(folder, tmp_path / 'cased')}")
    with pytest.raises(TasbError, match=r"tokenizer: index sha256:\w+, query enc"):
        encode_collection(collection, shards, other, shard_size=3, progress=False)
    assert not (shards / "00001.npy").exists()
    encode_collection(collection, shards, encoder, shard_size=3, progress=False)


def test_an_index_is_not_searched_with_another_tokenizer(
    folder: Path, tmp_path: Path
) -> None:
    name = f"tasb:{folder}"
    TasbQueryEncoder(name).spec.write(tmp_path)
    other = cased(folder, tmp_path / "cased")
    check_index(tmp_path, TasbQueryEncoder(name, tokenizer_name=str(folder)).spec)
    with pytest.raises(TasbError, match="tokenizer: index sha256:"):
        check_index(tmp_path, TasbQueryEncoder(name, tokenizer_name=str(other)).spec)


def test_an_index_is_not_searched_with_other_heads(
    folder: Path, tmp_path: Path
) -> None:
    """No shape of a weight says how many there are."""
    other = tmp_path / "two heads"
    shutil.copytree(folder, other)
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"n_heads": 2}))
    one, two = (find_encoder(str(place))[2] for place in (folder, other))
    assert mismatches(one, two) == [
        "architecture: index 'distilbert, layers 2, heads 4, activation gelu, epsilon "
        "1e-12', query encoder 'distilbert, layers 2, heads 2, activation gelu, "
        "epsilon 1e-12'"
    ]


def test_an_index_from_before_they_were_recorded_is_searched(
    folder: Path, tmp_path: Path
) -> None:
    _, _, spec = find_encoder(str(folder))
    old = replace(spec, tokenizer=None, architecture=None)
    assert mismatches(old, spec) == mismatches(spec, old) == []
    written = {"checkpoint": "x", "weights": spec.weights, "dimension": 32}
    (tmp_path / "encoder.json").write_text(json.dumps(written))
    check_index(tmp_path, spec)
    assert EncoderSpec.read(tmp_path / "encoder.json").tokenizer is None
