import torch
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.training.teachers.pairs import join_pair
from tests.checkpoints import VOCABULARY
from tests.training.teachers.published import pad

KNOWN = ["a", "tree", "of", "the", "copy", "query", "dense", "word", "naïve", "京"]
WORDS = st.lists(st.sampled_from(KNOWN), max_size=12).map(" ".join)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5), st.integers(20, 60))
def test_pairs_are_the_tokenizers_own(
    texts: list[tuple[str, str]], max_length: int
) -> None:
    tokenizer = load_tokenizer(VOCABULARY.parent)
    single = [[tokenizer.encode(text).ids for text in pair] for pair in texts]
    longest = max(len(query) for query, _ in single)
    max_length = max(max_length, longest + 2)
    tokenizer.enable_truncation(max_length, strategy="only_second")
    tokenizer.enable_padding()
    pairs = tokenizer.encode_batch(texts)
    found = join_pair(
        pad([query for query, _ in single]),
        pad([passage for _, passage in single]),
        max_length,
    )
    assert found.input_ids.tolist() == [pair.ids for pair in pairs]
    assert found.attention_mask.tolist() == [pair.attention_mask for pair in pairs]
    assert found.token_type_ids.tolist() == [pair.type_ids for pair in pairs]
    assert {tensor.dtype for tensor in found} == {torch.int64}
