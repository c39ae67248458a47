"""Training with new negatives in processes of their own: killed, or two at once."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.training.refresh import refresh as module
from tasb_pyserini.training.trainer import train
from tests.training.processes import launch
from tests.training.refresh.runs import CONFIG, losses_of, refreshes_of
from tests.training.steps import without_dropout
from tests.training.threads import one_thread
from tests.training.toy import make_toy, toy_data

TOGETHER = replace(
    CONFIG, steps=9, batch_size=6, refresh_every=3, gather=True, log_every=1
)

pytestmark = pytest.mark.slow


def test_a_killed_run_ends_as_an_undisturbed_one(start: Path, tmp_path: Path) -> None:
    """SIGKILL; a refresh every 4 steps takes a good part of the time."""
    killed = tmp_path / "killed"
    process = start_one(start, killed)
    try:
        while process.poll() is None:
            log = killed / "log.jsonl"
            lines = log.read_text().split("\n")[:-1] if log.exists() else []
            if lines and json.loads(lines[-1])["step"] >= 25:
                time.sleep(random.Random(5).uniform(0, 0.05))
                break
            time.sleep(0.002)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL, process.communicate()[1]
    assert not (killed / "model.safetensors").exists()
    last = start_one(start, killed)
    with one_thread():
        main("alone", start, tmp_path / "other")

    assert last.wait() == 0, last.communicate()[1]
    assert hash_weights(killed) == hash_weights(tmp_path / "other")
    assert losses_of(killed) == losses_of(tmp_path / "other")
    assert refreshes_of(killed) == refreshes_of(tmp_path / "other")


def test_two_processes_draw_what_one_draws(start: Path, tmp_path: Path) -> None:
    still = without_dropout(start, tmp_path / "start")
    with one_thread():
        main("gather", still, tmp_path / "one")
    two = launch("gather", still, tmp_path / "two", module=__name__)

    assert two.returncode == 0, two.stderr
    alone, together = (
        dict(load_model(*find_checkpoint(str(tmp_path / f))).named_parameters())
        for f in ("one", "two")
    )
    for key, weight in alone.items():
        # A key's bias moves no score: its gradient is rounding error alone.
        if not key.endswith("k_lin.bias"):
            torch.testing.assert_close(
                together[key], weight, atol=1e-5, rtol=1e-5, msg=key
            )
    assert refreshes_of(tmp_path / "two") == refreshes_of(tmp_path / "one")
    assert list(refreshes_of(tmp_path / "one")) == [3, 6]
    np.testing.assert_allclose(
        losses_of(tmp_path / "two"), losses_of(tmp_path / "one"), rtol=1e-4
    )


def start_one(start: Path, output: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", __name__, "alone", str(start), str(output)],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )


def main(how: str, start: Path, output: Path) -> None:
    config = TOGETHER
    if how == "alone":
        config = replace(CONFIG, steps=60, refresh_every=4, checkpoint_every=9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PASSAGES_AT_ONCE", 5)
        train(config, toy_data(start, make_toy()), start, output, device="cpu")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
