"""A proxy before PostgreSQL that breaks connections where it hurts most: around a COMMIT."""

import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, Self

__all__ = ["Cut", "CuttingProxy"]

Cut = Literal["before", "after"] | None
"""Break the connection before the server hears of the commit, or after it has answered and before the client hears."""


class CuttingProxy:
    """Passes bytes on between clients and a server on loopback; `cut` decides on every commit, by its number from 1."""

    def __init__(self, port: int, cut: Callable[[int], Cut]) -> None:
        self._to, self._cut = port, cut
        self.commits = 0
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._pass_on, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to)) as server, suppress(OSError):
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client and b"COMMIT\0" in data:
                        self.commits += 1
                        how = self._cut(self.commits)
                        self.cuts += how is not None
                        if how == "before":
                            return
                        server.sendall(data)
                        if how == "after":
                            server.recv(65536)
                            return
                    else:
                        (server if ready is client else client).sendall(data)
