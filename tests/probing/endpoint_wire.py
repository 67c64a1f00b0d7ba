"""An endpoint on loopback, or, for thousands of probes, in this process, where only the sockets are left out."""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any
from unittest.mock import patch

from endpoint import Endpoint
from servers.loopback import Handler, Loopback

from tempkit.backends.remote import Http, Reply

__all__ = ["Served", "in_process"]

_HEADERS = {"content-type": "application/json"}


class Served(Loopback):
    """An endpoint on loopback, from `with` to its end."""

    def __init__(self, endpoint: Endpoint) -> None:
        lock = threading.Lock()
        under_way = 0
        # A moment in which others arrive, where it matters whether there are any.
        moment_s = 0.01 if endpoint.switches.rounding == "concurrent" else 0.0

        class Api(Handler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: N802  (http.server calls it so)
                self._send(200, endpoint.models_list())

            def do_POST(self) -> None:  # noqa: N802  (http.server calls it so)
                nonlocal under_way
                content = self.rfile.read(int(self.headers["Content-Length"]))
                with lock:
                    under_way += 1
                time.sleep(moment_s)
                with lock:
                    status, body = endpoint.reply(content, together=under_way > 1)
                self._send(status, body)
                with lock:
                    under_way -= 1

            def _send(self, status: int, body: bytes) -> None:
                # In one packet: with two, the second waits for the first to be acknowledged.
                head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                self.wfile.write(head.encode() + body)

        super().__init__(Api)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"


_numbers = count(1)


@contextmanager
def in_process(endpoint: Endpoint) -> Iterator[str]:
    """Answer in this process what adapters ask of the address that is yielded; everything else goes its way."""
    base_url = f"http://127.0.0.1:1/endpoint-{next(_numbers)}/v1"
    under_way = 0
    real = Http._request

    async def request(
        self: Http, method: str, url: str, headers: Mapping[str, str] | None, body: Any
    ) -> Reply:
        nonlocal under_way
        if not url.startswith(base_url):
            return await real(self, method, url, headers, body)
        if method == "GET":
            return Reply(200, _HEADERS, endpoint.models_list())
        under_way += 1
        try:
            await asyncio.sleep(0)  # those that were sent with it arrive
            status, content = endpoint.reply(body, together=under_way > 1)
        finally:
            under_way -= 1
        return Reply(status, _HEADERS, content)

    with patch.object(Http, "_request", request):
        yield base_url
