"""Whole pre-trainings, also of a process that is killed."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.pretrain.run import describe, pretrain
from tasb_pyserini.training.record import open_record
from tests.training.pretrain.corpora import QUICK, TINY, write_corpora
from tests.training.threads import one_thread

TWO_STAGES = replace(
    QUICK, steps=210, contrastive="ict", contrastive_steps=210, batch_size=8
)


def main(corpora: Path, output: Path) -> None:
    pretrain(write_corpora(corpora), output, TWO_STAGES, TINY, device="cpu")


def launch(corpora: Path, output: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", __name__, str(corpora), str(output)],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_in(process: subprocess.Popen[str], stage: Path) -> None:
    """Wait for a saved state and some steps more, then kill."""
    log = stage / "log.jsonl"
    while process.poll() is None:
        if (stage / "state.pt").exists() and len(log.read_text().splitlines()) > 5:
            break
        time.sleep(0.002)
    process.kill()
    assert process.wait() == -signal.SIGKILL, process.communicate()[1]


@pytest.mark.parametrize(
    "stages", [["ict"], pytest.param(["mlm", "ict"], marks=pytest.mark.slow)]
)
def test_a_killed_run_ends_as_an_undisturbed_one(
    tmp_path: Path, stages: list[str]
) -> None:
    corpora, killed = tmp_path / "corpora", tmp_path / "killed"
    with one_thread():
        main(corpora, tmp_path / "undisturbed")

    for stage in stages:
        kill_in(launch(corpora, killed), killed / stage)
        assert not (killed / "model.safetensors").exists()
    with one_thread():
        main(corpora, killed)

    for part in ("mlm", "ict", "."):
        folder, other = killed / part, tmp_path / "undisturbed" / part
        assert hash_weights(folder) == hash_weights(other)
    for stage in ("mlm", "ict"):
        logs = [
            [
                (line["step"], line.get("loss"), line.get("validation"))
                for line in map(json.loads, (folder / stage / "log.jsonl").open())
            ]
            for folder in (killed, tmp_path / "undisturbed")
        ]
        assert logs[0] == logs[1]
    names = [
        sorted(str(p.relative_to(folder)) for p in folder.rglob("[!.]*"))
        for folder in (killed, tmp_path / "undisturbed")
    ]
    assert names[0] == names[1]


def test_words_and_pairs_are_learned(tmp_path: Path) -> None:
    paths = write_corpora(tmp_path / "corpora")
    config = replace(
        TWO_STAGES,
        contrastive="halves",
        steps=200,
        contrastive_steps=100,
        max_length=64,
    )

    output = pretrain(paths, tmp_path / "out", config, TINY, device="cpu")

    result = json.loads((output / "training.json").read_text())["result"]
    assert result["mlm"]["held_out_loss"] < 4 < math.log(150)  # chance
    assert result["halves"]["held_out_loss"] < math.log(2) / 2
    assert result["texts"]["passages"] == 40
    assert result["texts"]["held_out"] == 2
    assert hash_weights(output) == hash_weights(output / "halves")
    assert not (output / "texts").exists()
    encoder = Encoder.load(f"tasb:{output}", device="cpu")
    assert encoder.spec.dimension == 16


def test_an_lsa_start_goes_to_the_pairs_at_once(tmp_path: Path) -> None:
    paths = write_corpora(tmp_path / "corpora")
    config = replace(QUICK, steps=0, contrastive="ict", contrastive_steps=3)

    output = pretrain(
        paths, tmp_path / "out", config, replace(TINY, start="lsa"), device="cpu"
    )

    assert not (output / "mlm").exists()
    assert hash_weights(output) != hash_weights(output / "start")


def test_a_checkpoint_is_trained_further_with_its_own_vocabulary(
    tmp_path: Path,
) -> None:
    paths = write_corpora(tmp_path / "corpora")
    first = pretrain(paths, tmp_path / "first", QUICK, TINY, device="cpu")

    second = pretrain(paths[:1], tmp_path / "second", QUICK, first, device="cpu")

    assert (second / "vocab.txt").read_text() == (first / "vocab.txt").read_text()
    assert find_checkpoint(str(second))[1].checkpoint == str(second)
    record = json.loads((second / "training.json").read_text())
    assert record["start"] == {"weights": hash_weights(first)}
    assert not (second / "start").exists()


def test_a_finished_run_is_left_as_it_is(tmp_path: Path) -> None:
    paths = write_corpora(tmp_path / "corpora")
    output = pretrain(paths, tmp_path / "out", QUICK, TINY, device="cpu")
    before = (output / "model.safetensors").stat().st_mtime_ns
    moved = [Path(shutil.move(path, tmp_path / path.name)) for path in paths]

    pretrain(moved, output, QUICK, TINY, device="cpu")

    assert (output / "model.safetensors").stat().st_mtime_ns == before


def test_texts_that_a_run_killed_at_its_very_end_has_left_are_removed(
    tmp_path: Path,
) -> None:
    paths = write_corpora(tmp_path / "corpora")
    output = pretrain(paths, tmp_path / "out", QUICK, TINY, device="cpu")
    (output / "texts").mkdir()
    (output / "texts/lengths.npy").touch()

    pretrain(paths, output, QUICK, TINY, device="cpu")

    assert not (output / "texts").exists()


def test_too_few_pairs_are_told_before_words_are_learned(tmp_path: Path) -> None:
    alone = tmp_path / "one-sentence.tsv"
    alone.write_text("".join(f"s{n}\tGlacier ice {n} is cold.\n" for n in range(90)))
    paths = [*write_corpora(tmp_path / "corpora"), alone]
    pairs = replace(QUICK, contrastive="ict", contrastive_steps=6, batch_size=60)

    with pytest.raises(TasbError, match=r"batch_size 60, but [234]\d texts to learn"):
        pretrain(paths, tmp_path / "out", pairs, TINY, device="cpu")

    assert not (tmp_path / "out/mlm").exists()


def test_other_work_is_refused(tmp_path: Path) -> None:
    paths = write_corpora(tmp_path / "corpora")
    output = pretrain(paths, tmp_path / "out", QUICK, TINY, device="cpu")
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").touch()

    with pytest.raises(TasbError, match=r"config\.seed: there 7, here 8"):
        pretrain(paths, output, replace(QUICK, seed=8), TINY, device="cpu")
    with pytest.raises(TasbError, match=r"data\.files"):
        pretrain(paths[:1], output, QUICK, TINY, device="cpu")
    with pytest.raises(TasbError, match="holds other files"):
        pretrain(paths, other, QUICK, TINY, device="cpu")


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    paths = write_corpora(tmp_path / "corpora")
    output = tmp_path / "out"
    open_record(output, describe(paths, QUICK, TINY))

    with (
        FileLock(output / ".lock"),
        pytest.raises(TasbError, match="another process is writing into it"),
    ):
        pretrain(paths, output, QUICK, TINY, device="cpu")

    pretrain(paths, output, QUICK, TINY, device="cpu")


def test_a_mended_command_may_use_the_same_folder(tmp_path: Path) -> None:
    paths = write_corpora(tmp_path / "corpora")
    output = tmp_path / "out"

    with pytest.raises(TasbError, match="max_length 600: expected at most 512"):
        pretrain(paths, output, replace(QUICK, max_length=600), TINY, device="cpu")
    with pytest.raises(TasbError, match="batch_size 500, but"):
        pretrain(paths, output, replace(QUICK, batch_size=500), TINY, device="cpu")
    assert not list(output.iterdir())

    pretrain(paths, output, QUICK, TINY, device="cpu")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps 0: expected at least 1, or 0 and a contrastive stage"),
        ({"mask_rate": 1.0}, "mask_rate 1.0: expected a number between 0 and 1"),
        ({"max_length": 8}, "max_length 8: expected at least 16"),
        ({"contrastive": "titles"}, "contrastive titles: expected none, ict, halves"),
        ({"contrastive": "ict", "batch_size": 1}, "batch_size 1: expected at least 2"),
        ({"warmup_steps": 6}, "warmup_steps 6: expected at least 0 and fewer"),
    ],
)
def test_settings_out_of_range_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(TasbError, match=message):
        replace(QUICK, **settings)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
