"""A container's limit counts, in both versions of control groups."""

import os
from pathlib import Path

import pytest

from tasb_pyserini.indexing.kinds.memory import half_of_memory

MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
MIB = 2**20
V1_UNLIMITED = 9223372036854771712


@pytest.mark.parametrize(
    ("said", "files", "expected"),
    [
        ("0::/", {"memory.max": 6 * MIB}, 3 * MIB),
        ("0::/", {"memory.max": "max"}, MACHINE // 2),
        ("0::/a/b", {"a/b/memory.max": "max", "a/memory.max": 8 * MIB}, 4 * MIB),
        ("0::/unseen/b", {"memory.max": 8 * MIB}, 4 * MIB),
        (
            "9:name=systemd:/\n4:cpu,memory:/docker/1\n0::/",
            {
                "memory/docker/1/memory.limit_in_bytes": 4 * MIB,
                "memory/memory.limit_in_bytes": V1_UNLIMITED,
            },
            2 * MIB,
        ),
        ("4:memory:/", {"memory/memory.limit_in_bytes": V1_UNLIMITED}, MACHINE // 2),
        ("", {}, MACHINE // 2),
    ],
)
def test_the_smallest_limit_counts(
    said: str, files: dict[str, int | str], expected: int, tmp_path: Path
) -> None:
    for name, limit in files.items():
        path = tmp_path / "fs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{limit}\n")
    (tmp_path / "cgroup").write_text(said)
    assert half_of_memory(tmp_path / "cgroup", tmp_path / "fs") == expected


def test_without_control_groups_the_machine_counts(tmp_path: Path) -> None:
    assert half_of_memory(tmp_path / "none", tmp_path) == MACHINE // 2
