"""HTTP for the adapters: one session per backend, whole answers as bytes.

aiohttp, because the time of a sweep over a fast server is spent here: at 64 requests at once it took 0.5 ms of CPU per request
where httpx2 took 1.8 and OpenAI's SDK on top of it 2.6, and at 256 the difference grows. Proxies and certificates are taken
from the environment as usual (HTTPS_PROXY, SSL_CERT_FILE, ...).
"""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from tempkit._version import __version__
from tempkit.backends.remote.exchange import RequestError
from tempkit.errors import one_line

if TYPE_CHECKING:
    from aiohttp import ClientSession

__all__ = ["Http", "Reply"]

_MOST_BYTES = 256 * 2**20
"""A longer answer is no answer; 100,000 tokens with 20 logprobs each are less."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came; `headers` are looked up in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> object:
        """Return the content as JSON; None when it is none."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class Http:
    """Requests without limits of their own: how many and how long is for `RemoteBackend` to say."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask for something.

        Raises:
            RequestError: There is no answer.
        """
        return await self._request("GET", url, headers, None)

    async def post(
        self, url: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send JSON.

        Raises:
            RequestError: There is no answer.
        """
        sent = json.dumps(body, separators=(",", ":")).encode()
        return await self._request("POST", url, {"Content-Type": "application/json", **(headers or {})}, sent)

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None
    ) -> Reply:
        from aiohttp import ClientConnectorError, ClientError

        try:
            async with self._open().request(
                method, url, headers=headers, data=body, allow_redirects=False, proxy=_proxy(url)
            ) as r:
                parts, size = [], 0
                async for part in r.content.iter_any():
                    size += len(part)
                    if size > _MOST_BYTES:
                        raise RequestError("bad_answer", f"the answer is longer than {_MOST_BYTES:,} bytes")
                    parts.append(part)
                return Reply(r.status, r.headers, b"".join(parts))
        except ClientConnectorError as e:
            code = e.os_error.errno
            raise RequestError("connection", os.strerror(code) if code else one_line(e.os_error)) from e
        except (ClientError, OSError) as e:
            raise RequestError("connection", one_line(e) or type(e).__name__) from e

    def _open(self) -> "ClientSession":
        if self._session is None:
            from aiohttp import ClientSession, ClientTimeout, TCPConnector

            self._session = ClientSession(
                connector=TCPConnector(limit=0),
                timeout=ClientTimeout(total=None, sock_connect=30),
                headers={"User-Agent": f"tempkit/{__version__}"},
            )
        return self._session

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)  # aiohttp closes its sockets one turn later
            self._session = None


@cache
def _proxy(url: str) -> str | None:
    """Return the proxy that the environment names for an address; aiohttp's own look reads `.netrc` at every request."""
    parts = urlsplit(url)
    if proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
