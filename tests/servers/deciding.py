"""A server on loopback whose answer to each request is decided by a function, down to the last byte if need be."""

import json
import socketserver
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content) if self.content else None

    @property
    def lists(self) -> bool:
        """Whether it asks what there is, rather than for an answer."""
        return not self.content or self.path == "/api/show"


@dataclass(frozen=True)
class Given:
    """An answer; `raw` replaces all of it."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str = "OK"
    raw: bytes | None = None

    @property
    def whole(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if isinstance(self.body, bytes):
            content = self.body
        else:
            content = (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()
        told = {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            "Connection": "close",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in {**told, **self.headers}.items())
        return f"HTTP/1.1 {self.status} {self.reason}\r\n{head}\r\n".encode() + content


class Deciding:
    """Serves from `with` to its end; `asked` remembers the requests that were not for lists, `sent` how much went out."""

    def __init__(self, decide: Callable[[Asked], Given]) -> None:
        self.asked: list[Asked] = []
        self.sent = 0
        lock = threading.Lock()
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                if self.rfile.peek(1)[:1] == b"\x16":  # TLS, which is not spoken here
                    self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                    return
                line = self.rfile.readline().decode("latin-1").split()
                if len(line) < 2:
                    return
                headers: dict[str, str] = {}
                while (row := self.rfile.readline().decode("latin-1").strip()) != "":
                    name, _, value = row.partition(":")
                    headers[name.lower()] = value.strip()
                asked = Asked(line[1], headers, self.rfile.read(int(headers.get("content-length", "0"))))
                if not asked.lists:
                    with lock:
                        owner.asked.append(asked)
                left = memoryview(decide(asked).whole)
                try:
                    while left:
                        self.wfile.write(left[: 2**16])
                        with lock:
                            owner.sent += len(left[: 2**16])
                        left = left[2**16 :]
                except OSError:  # the client has hung up
                    return

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
