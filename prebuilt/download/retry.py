"""How long to wait before a request is sent again, and when to give up."""

import random
import time
from email.utils import parsedate_to_datetime
from threading import Event

TRIES = 6
"""Requests in a row that may bring nothing."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds; each wait is twice the one before."""
LONGEST_ASKED = 120.0
"""Seconds that a server may ask for with ``Retry-After``."""


class Tries:
    """Count the requests in a row that brought nothing."""

    def __init__(self) -> None:
        self._failed = 0

    def succeeded(self) -> None:
        """Count from nought again."""
        self._failed = 0

    def wait(self, asked: float | None, stopped: Event) -> bool:
        """Wait after a failure; tell whether to try again.

        The wait is drawn between half of the exponential back-off and all of it, so
        that clients which failed together do not come back together.

        Parameters
        ----------
        asked
            Seconds that the server wants to be left alone.
        stopped
            Ends the wait.
        """
        self._failed += 1
        if self._failed >= TRIES or (asked or 0) > LONGEST_ASKED:
            return False
        longest = min(FIRST_WAIT * 2 ** (self._failed - 1), LONGEST_WAIT)
        stopped.wait(max(random.uniform(longest / 2, longest), asked or 0))
        return True


def retry_after(value: str | None) -> float | None:
    """Return the seconds in a ``Retry-After`` header, a number or a date.

    Examples
    --------
    >>> retry_after("7"), retry_after("soon"), retry_after(None)
    (7.0, None, None)
    >>> retry_after("Wed, 21 Oct 2015 07:28:00 GMT")
    0.0
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
