"""The memory that this process may use, which a container may limit."""

import os
from collections.abc import Iterator
from pathlib import Path

_GROUPS = Path("/proc/self/cgroup")
_ROOT = Path("/sys/fs/cgroup")


def half_of_memory(groups: Path = _GROUPS, root: Path = _ROOT) -> int:
    """Return half of this machine's memory, or of what control groups allow, in bytes.

    Parameters
    ----------
    groups, root
        Where Linux says which control groups the process is in, and shows them (the
        kernel's ``admin-guide/cgroup-v1/memory.rst`` and ``cgroup-v2.rst``).
    """
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([machine, *_limits(groups, root)]) // 2


def _limits(groups: Path, root: Path) -> Iterator[int]:
    """Yield the limits of the groups of this process, and of those around them."""
    for file in _limit_files(groups, root):
        try:
            said = file.read_text().strip()
        except OSError:  # groups outside a container can't be seen in it
            continue
        if said.isdecimal():  # and not "max"
            yield int(said)


def _limit_files(groups: Path, root: Path) -> Iterator[Path]:
    try:
        lines = groups.read_text().splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, controllers, path = line.split(":", maxsplit=2)
        if controllers == "":
            base, name = root, "memory.max"
        elif "memory" in controllers.split(","):
            base, name = root / "memory", "memory.limit_in_bytes"
        else:
            continue
        own = base / path.lstrip("/")
        for folder in (own, *own.parents):
            if folder.is_relative_to(base):
                yield folder / name
