import hashlib
import os
from pathlib import Path

from tasb_pyserini.search.pipeline.hashes import Hashes


def test_a_file_has_its_sha256_and_a_folder_that_of_names_and_files(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "index"
    (folder / "sub").mkdir(parents=True)
    (folder / "a").write_bytes(b"one")
    (folder / "sub" / "b").write_bytes(b"two")
    (folder / ".lock").write_bytes(b"")
    one, two = (hashlib.sha256(content).hexdigest() for content in (b"one", b"two"))
    listed = hashlib.sha256(f"a\t{one}\nsub/b\t{two}\n".encode()).hexdigest()
    hashes = Hashes(tmp_path / "memory")
    assert hashes.of(folder / "a") == f"sha256:{one}"
    assert hashes.of(folder) == f"sha256:{listed}"
    (folder / "a").rename(folder / "c")
    assert hashes.of(folder) != f"sha256:{listed}"


def test_a_file_is_read_again_only_when_size_or_time_have_changed(
    tmp_path: Path,
) -> None:
    path, memory = tmp_path / "a", tmp_path / "memory"
    path.write_bytes(b"one")
    os.utime(path, ns=(1, 1))
    first = Hashes(memory).of(path)
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert Hashes(memory).of(path) == first
    os.utime(path, ns=(2, 2))
    second = Hashes(memory).of(path)
    assert second == f"sha256:{hashlib.sha256(b'two').hexdigest()}"
    memory.write_text("[")
    assert Hashes(memory).of(path) == second
