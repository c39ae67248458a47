import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.training.pretrain.masking import mask_tokens

N_PIECES, N_SPECIAL, MASK = 40, 5, 4
WORDS = np.arange(N_SPECIAL, N_PIECES)


def padded(texts: list[list[int]]) -> np.ndarray:
    width = max(map(len, texts)) + 2
    return np.array([[2, *text, 3, *[0] * (width - 2 - len(text))] for text in texts])


texts = st.lists(
    st.lists(st.integers(1, N_PIECES - 1), max_size=30), min_size=1, max_size=8
).map(padded)


@given(texts, st.floats(0.01, 0.99), st.integers(0, 2**32))
def test_only_word_pieces_are_chosen_and_labels_are_what_stood_there(
    ids: np.ndarray, rate: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    masked = mask_tokens(ids, WORDS, MASK, rate, rng)
    flat, read = ids.ravel(), masked.input_ids.ravel()

    assert (masked.targets == flat[masked.positions]).all()
    assert (masked.targets >= N_SPECIAL).all()
    elsewhere = np.setdiff1d(np.arange(ids.size), masked.positions)
    assert (read[elsewhere] == flat[elsewhere]).all()
    assert ((read[masked.positions] == MASK) | (read[masked.positions] >= 5)).all()


@given(texts, st.floats(0.01, 0.99), st.integers(0, 2**32))
def test_each_text_has_its_share_of_chosen_tokens_and_at_least_one(
    ids: np.ndarray, rate: float, seed: int
) -> None:
    masked = mask_tokens(ids, WORDS, MASK, rate, np.random.default_rng(seed))
    rows = masked.positions // ids.shape[1]

    for row, text in enumerate(ids.tolist()):
        n = sum(token >= N_SPECIAL for token in text)
        expected = max(1, round(rate * n)) if n else 0
        assert (rows == row).sum() == expected


def test_eight_of_ten_are_hidden_one_is_replaced_and_one_stays() -> None:
    rng = np.random.default_rng(3)
    ids = rng.integers(N_SPECIAL, N_PIECES, size=(400, 200))

    masked = mask_tokens(ids, WORDS, MASK, 0.15, rng)

    assert len(masked.positions) == 400 * 30
    read = masked.input_ids.ravel()[masked.positions]
    hidden, same = (read == MASK).mean(), (read == masked.targets).mean()
    # A random piece is the old one once in 35 times; five standard deviations.
    assert abs(hidden - 0.8) < 5 * np.sqrt(0.8 * 0.2 / 12_000)
    assert abs(same - (0.1 + 0.1 / 35)) < 5 * np.sqrt(0.1 * 0.9 / 12_000)
    replaced = read[(read != MASK) & (read != masked.targets)]
    assert set(replaced) == set(WORDS)
    columns = np.bincount(masked.positions % 200, minlength=200)
    assert columns.min() > 60 - 5 * np.sqrt(60 * 0.85)  # no place is passed over


def test_another_reading_hides_other_tokens() -> None:
    ids = np.full((8, 50), 9)
    first, again, other = (
        mask_tokens(ids, WORDS, MASK, 0.15, np.random.default_rng((1, number)))
        for number in (0, 0, 1)
    )

    assert (first.positions == again.positions).all()
    assert (first.input_ids == again.input_ids).all()
    assert (first.positions != other.positions).any()


def test_a_vocabulary_with_special_ids_among_the_words_keeps_them() -> None:
    words = np.array([1, 2, 4, 6])  # as in BERT's own, where [CLS] is 101
    ids = np.array([[5, 1, 2, 3, 4, 6, 7]])

    masked = mask_tokens(ids, words, 3, 0.99, np.random.default_rng(0))

    assert masked.positions.tolist() == [1, 2, 4, 5]
