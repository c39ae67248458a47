"""Training in two processes."""

import os
import socket
import subprocess
import sys
from pathlib import Path


def launch(*arguments: str | Path, module: str) -> subprocess.CompletedProcess[str]:
    """Run a module, such as a test's own, in two processes, as torchrun does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torchrun = ["torch.distributed.run", "--nproc-per-node", "2"]
    address = ["--master-addr", "127.0.0.1", "--master-port", str(port)]
    return subprocess.run(
        [sys.executable, "-m", *torchrun, *address, "-m", module, *arguments],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
