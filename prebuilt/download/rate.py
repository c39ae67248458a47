"""A limit of bytes a second over all connections."""

import time
from threading import Event, Lock


class RateLimit:
    """Share out a number of bytes a second.

    Parameters
    ----------
    limit
        Bytes a second; None for as many as come.
    """

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self._lock, self._free_at = Lock(), 0.0

    def pause(self, n_bytes: int, stopped: Event) -> None:
        """Wait until `n_bytes` more are within the limit, or the event is set."""
        if self.limit is None:
            return
        with self._lock:
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + n_bytes / self.limit
            wait = self._free_at - now
        stopped.wait(wait)
