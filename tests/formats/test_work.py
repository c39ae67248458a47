import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.work import open_work


def test_the_same_work_goes_on_and_other_work_is_refused(tmp_path: Path) -> None:
    manifest = {"weights": "sha256:1", "texts": ["a", "b"]}
    for _ in range(2):
        with open_work(tmp_path / "work", manifest):
            pass
    message = r"\(weights: there 'sha256:1', now 'sha256:2'\); choose another output"
    with (
        pytest.raises(TasbError, match=message),
        open_work(tmp_path / "work", manifest | {"weights": "sha256:2"}),
    ):
        pass


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_bad_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with (
        pytest.raises(InputError, match="expected what an earlier run of the same"),
        open_work(tmp_path, {"precision": "fp32"}),
    ):
        pass


HOLD = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print(flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / ".lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with (
            pytest.raises(TasbError, match="another process is writing into it"),
            open_work(tmp_path, {}),
        ):
            pass
        process.kill()
