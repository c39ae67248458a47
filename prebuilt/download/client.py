"""A session of requests whose connections can be hung up from another thread."""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Any

from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

REDIRECTS = 20
"""Most in a row."""


class Client(Session):
    """Heeds the environment's proxies; follows redirects, up to a bound."""

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = REDIRECTS
        self._sockets: list[socket.socket] = []
        self._over, self._lock = False, Lock()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(self._note))

    def hang_up(self) -> None:
        """Wake threads that wait for an answer or its bytes; no new connection lasts.

        What they read ends there, which looks like the end of an answer of unknown
        length.
        """
        with self._lock:
            self._over = True
            for connected in self._sockets:
                _shut_down(connected)

    def _note(self, connected: socket.socket) -> None:
        with self._lock:
            self._sockets = [one for one in self._sockets if one.fileno() >= 0]
            self._sockets.append(connected)
            if self._over:
                _shut_down(connected)


class _Adapter(HTTPAdapter):
    """Tells of each new connection."""

    def __init__(self, note: Callable[[socket.socket], None]) -> None:
        self._pools = _pools(note)
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(
    note: Callable[[socket.socket], None],
) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            note(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            note(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _shut_down(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
