"""HTTP for the adapters: one session per backend, whole answers as bytes.

aiohttp, because the time of a sweep over a fast server is spent here: at 64 requests at once it took 0.5 ms of CPU per request
where httpx2 took 1.8 and OpenAI's SDK on top of it 2.6, and at 256 the difference grows. Proxies and certificates are taken
from the environment as usual (HTTPS_PROXY, SSL_CERT_FILE, ...).
"""

import asyncio
import io
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from tempkit._version import __version__
from tempkit.backends.remote.exchange import RequestError
from tempkit.errors import one_line

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession, FormData

__all__ = ["Http", "Reply"]

_MOST_BYTES = 256 * 2**20
"""A longer answer is no answer; 100,000 tokens with 20 logprobs each are less."""

_MOST_REFUSAL_BYTES = 2**16

_LARGE = 2**20
"""From here on aiohttp wants a file, which it sends piece by piece."""


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
        return await self.post_json(url, sent, headers)

    async def post_json(self, url: str, sent: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """Send what is JSON already.

        Raises:
            RequestError: There is no answer.
        """
        told = {"Content-Type": "application/json", **(headers or {})}
        return await self._request("POST", url, told, sent if len(sent) < _LARGE else io.BytesIO(sent))

    async def upload(
        self,
        url: str,
        fields: Mapping[str, str],
        file: tuple[str, bytes],
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a form with a file, given by its name and what is in it.

        Raises:
            RequestError: There is no answer.
        """
        from aiohttp import FormData

        form = FormData(fields)
        name, content = file
        form.add_field("file", io.BytesIO(content), filename=name, content_type="application/jsonl")
        return await self._request("POST", url, headers, form)

    async def lines(
        self,
        url: str,
        headers: Mapping[str, str] | None,
        silence_s: float,
        refusal: Callable[[Reply], RequestError],
    ) -> AsyncGenerator[bytes, None]:
        """Ask for something long and yield its lines as they come, empty ones left out.

        Args:
            url: Where it is.
            headers: To send.
            silence_s: For how long the server may send nothing.
            refusal: Makes the error of an answer whose status is no success.

        Raises:
            RequestError: There is no answer, it is a refusal, or it ends early.
        """
        rest = bytearray()
        async with self._answer("GET", url, headers, None) as r:
            if r.status != 200:
                raise refusal(Reply(r.status, r.headers, await r.content.read(_MOST_REFUSAL_BYTES)))
            parts = r.content.iter_any()
            while part := await _within(silence_s, anext(parts, b"")):
                start = len(rest)
                rest += part
                if b"\n" in part:
                    *whole, tail = bytes(rest).split(b"\n")
                    rest = bytearray(tail)
                    for line in whole:
                        if line.strip():
                            yield line
                elif start + len(part) > _MOST_BYTES:
                    raise RequestError("bad_answer", f"a line is longer than {_MOST_BYTES:,} bytes")
        if rest.strip():
            yield bytes(rest)

    async def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        body: "bytes | io.BytesIO | FormData | None",
    ) -> Reply:
        async with self._answer(method, url, headers, body) as r:
            parts, size = [], 0
            async for part in r.content.iter_any():
                size += len(part)
                if size > _MOST_BYTES:
                    raise RequestError("bad_answer", f"the answer is longer than {_MOST_BYTES:,} bytes")
                parts.append(part)
            return Reply(r.status, r.headers, b"".join(parts))

    @asynccontextmanager
    async def _answer(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        body: "bytes | io.BytesIO | FormData | None",
    ) -> "AsyncIterator[ClientResponse]":
        with _explained():
            async with self._open().request(
                method, url, headers=headers, data=body, allow_redirects=False, proxy=_proxy(url)
            ) as r:
                yield r

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


@contextmanager
def _explained() -> Iterator[None]:
    from aiohttp import ClientConnectorError, ClientError

    try:
        yield
    except ClientConnectorError as e:
        code = e.os_error.errno
        raise RequestError("connection", os.strerror(code) if code else one_line(e.os_error)) from e
    except (ClientError, OSError) as e:
        raise RequestError("connection", one_line(e) or type(e).__name__) from e


async def _within(seconds: float, part: Awaitable[bytes]) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await part
    except TimeoutError as e:
        raise RequestError("timeout", f"the server went silent for {seconds:g} s") from e


@cache
def _proxy(url: str) -> str | None:
    """Return the proxy that the environment names for an address; aiohttp's own look reads `.netrc` at every request."""
    parts = urlsplit(url)
    if proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
