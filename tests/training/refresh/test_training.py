"""Training that draws new negatives: it learns, goes on, and is the same in two."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.fit import open_accelerator
from tasb_pyserini.training.pairs.store import open_pairs
from tasb_pyserini.training.refresh import refresh as module
from tasb_pyserini.training.refresh.refresh import Refresher
from tasb_pyserini.training.segments import REFRESH
from tasb_pyserini.training.state import STATE_FILE
from tasb_pyserini.training.trainer import train
from tests.training.refresh.runs import CONFIG, losses_of, refreshes_of
from tests.training.runs import first_hits
from tests.training.steps import toy_clusters
from tests.training.toy import Toy, toy_data


@pytest.mark.parametrize("depth", [3, 20])
def test_new_negatives_are_those_of_a_slow_search(
    toy: Toy, start: Path, tmp_path: Path, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All candidates are drawn, so that the search alone decides; in blocks of 5."""
    monkeypatch.setattr(module, "PASSAGES_AT_ONCE", 5)
    data = toy_data(start, toy)
    model = load_model(*find_checkpoint(str(start))).train()
    config = replace(CONFIG, refresh_depth=depth, refresh_negatives=20, refresh_skip=1)
    torch.manual_seed(7)
    state = torch.get_rng_state()
    with open_accelerator(config, "cpu") as accelerator:
        refresher = Refresher(model, data, config, None, tmp_path, accelerator)
        figures = refresher.make(10)
        assert refresher.make(10) == figures
        assert torch.equal(torch.get_rng_state(), state)
    assert all(module.training for module in model.modules())
    assert not any(p.grad is not None for p in model.parameters())

    encoder = Encoder.load(f"tasb:{start}")
    docids = list(data.pairs.docids)
    passages = encoder.encode_passages([toy.passages[docid] for docid in docids])
    pairs = open_pairs(tmp_path / REFRESH / "step-10")
    assert list(pairs.qids) == list(data.pairs.qids)
    for number, qid in enumerate(pairs.qids):
        scores = passages @ encoder.encode_queries([toy.queries[qid]])[0]
        order = sorted(range(len(docids)), key=lambda n: (-scores[n], n))
        expected = {docids[n] for n in order[1:depth]} - {toy.relevant[qid]}
        rows = range(pairs.offsets[number], pairs.offsets[number + 1])
        found = {pairs.docids[int(pairs.neg[row])] for row in rows}
        assert found == expected
        assert {pairs.docids[int(pairs.pos[row])] for row in rows} == {
            toy.relevant[qid]
        }


def test_training_with_new_negatives_learns_logs_and_cleans_up(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    config = replace(
        CONFIG,
        steps=300,
        batch_size=6,
        learning_rate=3e-3,
        warmup_steps=30,
        refresh_every=75,
    )

    folder = train(config, toy_data(start, toy), start, tmp_path / "t", device="cpu")

    assert list(refreshes_of(folder)) == [75, 150, 225]
    assert refreshes_of(folder)[75] > 0.5
    assert first_hits(Encoder.load(f"tasb:{folder}"), toy) > 0.9
    assert not (folder / REFRESH).exists()
    assert "Every 75 steps each query got new negatives, 2 of" in (
        folder / "README.md"
    ).read_text(encoding="utf-8")


def test_up_to_the_first_refresh_training_is_as_without(
    toy: Toy, start: Path, tmp_path: Path
) -> None:
    data = toy_data(start, toy)

    with_, without = (
        train(
            replace(CONFIG, refresh_every=every),
            data,
            start,
            tmp_path / f"{every}",
            device="cpu",
        )
        for every in (20, 0)
    )

    assert losses_of(with_)[:4] == losses_of(without)[:4]
    assert losses_of(with_)[4:] != losses_of(without)[4:]
    assert refreshes_of(without) == {}


@pytest.mark.parametrize("workers", [0, 1])
def test_batches_of_topics_are_made_of_new_negatives(
    toy: Toy, start: Path, tmp_path: Path, workers: int
) -> None:
    data = toy_data(start, toy)
    config = replace(CONFIG, strategy="tas", steps=12, accumulate=2, refresh_every=5)

    folder = train(
        config,
        data,
        start,
        tmp_path / "t",
        clusters=toy_clusters(data),
        workers=workers,
        device="cpu",
    )

    assert list(refreshes_of(folder)) == [5, 10]
    assert len(losses_of(folder)) == 3


@pytest.mark.parametrize("part", ["_search", "_write", "_keep_newest", "load"])
def test_interrupted_within_a_refresh_it_ends_as_an_undisturbed_run(
    toy: Toy,
    start: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
) -> None:
    """Before and after each part of the second refresh in turn."""
    data = toy_data(start, toy)
    undisturbed = train(CONFIG, data, start, tmp_path / "u", device="cpu")
    for after in (False, True):
        folder, calls = tmp_path / f"t{after}", iter(range(100))
        own = getattr(Refresher, part)
        # The folder is looked through once more, when the run begins.
        number = 2 if part == "_keep_newest" else 1

        def dying(*args: object, **named: object) -> object:
            call = next(calls)  # noqa: B023  # both are of this turn
            if call == number and not after:  # noqa: B023
                raise KeyboardInterrupt
            result = own(*args, **named)  # noqa: B023
            if call == number:  # noqa: B023
                raise KeyboardInterrupt
            return result

        with monkeypatch.context() as patch:
            patch.setattr(Refresher, part, dying)
            with pytest.raises(KeyboardInterrupt):
                train(CONFIG, data, start, folder, device="cpu")
        assert (folder / STATE_FILE).exists()

        train(CONFIG, data, start, folder, device="cpu")

        assert hash_weights(folder) == hash_weights(undisturbed)
        assert losses_of(folder) == losses_of(undisturbed)
        assert refreshes_of(folder) == refreshes_of(undisturbed)
        names = [
            sorted(path.name for path in f.iterdir()) for f in (folder, undisturbed)
        ]
        assert names[0] == names[1]


def test_pairs_that_are_gone_are_missed_in_one_line(
    toy: Toy, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, folder = toy_data(start, toy), tmp_path / "t"

    def interrupted(self: Refresher, step: int) -> object:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Refresher, "load", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(CONFIG, data, start, folder)
    state = torch.load(folder / STATE_FILE, weights_only=True)
    torch.save({**state, "step": 12}, folder / STATE_FILE)
    (folder / REFRESH / "step-10").rename(tmp_path / "elsewhere")

    with pytest.raises(TasbError, match=r"step-10: no such folder; expected the pairs"):
        train(CONFIG, data, start, folder)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"pair_loss": "margin-mse"},
            "refresh_every 10 with pair_loss margin-mse: new negatives have no teacher "
            "scores; expected pair_loss none, or refresh_every 0 and pairs of 'tasb "
            "refresh --teacher', which scores them",
        ),
        (
            {"strategy": "tas-balanced"},
            "refresh_every 10 with strategy tas-balanced: new negatives have no "
            "teacher scores; expected strategy random or tas, or refresh_every 0 "
            "and pairs of 'tasb refresh --teacher', which scores them",
        ),
        (
            {"refresh_skip": 5},
            "refresh_skip 5: expected fewer than refresh_depth, 5",
        ),
        ({"refresh_every": -1}, "refresh_every -1: expected at least 0"),
        ({"refresh_depth": 0}, "refresh_depth 0: expected at least 1"),
        ({"refresh_negatives": 0}, "refresh_negatives 0: expected at least 1"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_line(
    changed: dict[str, object], message: str
) -> None:
    with pytest.raises(TasbError) as refused:
        replace(CONFIG, **changed)  # type: ignore[arg-type]  # a test's own
    assert str(refused.value) == message
