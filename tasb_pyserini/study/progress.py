"""How far a study is, and how long the rest will take."""

import time
from collections.abc import Callable, Mapping
from threading import Lock


class Progress:
    """Says what is done, with the time that is left.

    A piece takes about as long as finished ones of its kind did on the average; before
    any of its kind is finished, as long as all finished ones did.

    Parameters
    ----------
    kinds
        Piece → kind, of all that is to be done.
    jobs
        Pieces at a time.
    say
        Takes a line.
    """

    def __init__(
        self, kinds: Mapping[str, str], jobs: int, say: Callable[[str], None]
    ) -> None:
        self._left = dict(kinds)
        self._all, self._jobs, self._say = len(kinds), jobs, say
        self._took: dict[str, list[float]] = {}
        self._lock, self._start = Lock(), time.perf_counter()

    def done(self, piece: str, seconds: float) -> None:
        """Take note that a piece is finished; one that took no time was done before."""
        with self._lock:
            kind = self._left.pop(piece)
            if seconds:
                self._took.setdefault(kind, []).append(seconds)
            number = self._all - len(self._left)
            spent = time.perf_counter() - self._start
            self._say(
                f"[{number}/{self._all}] {piece}: {seconds:.0f} s; {spent / 60:.0f} "
                f"min so far, about {self.seconds_left() / 60:.0f} min left"
            )

    def seconds_left(self) -> float:
        """Return the estimate; 0 as long as nothing is known."""
        every = [second for some in self._took.values() for second in some]
        if not every:
            return 0.0
        average = sum(every) / len(every)
        per_kind = {kind: sum(some) / len(some) for kind, some in self._took.items()}
        left = sum(per_kind.get(kind, average) for kind in self._left.values())
        return left / self._jobs
