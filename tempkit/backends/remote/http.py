"""HTTP for the adapters: one session per backend, complete answers as bytes.

aiohttp, because the time of a sweep over a fast server is spent here: at 64 requests at once it took 0.5 ms of CPU per request
where httpx2 took 1.8 and OpenAI's SDK on top of it 2.6, and at 256 the difference grows. Proxies and certificates are taken
from the environment as usual (HTTPS_PROXY, SSL_CERT_FILE, ...).
"""

import asyncio
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tempkit._version import __version__
from tempkit.backends.remote.adapter_types import RequestError
from tempkit.backends.remote.connection_errors import unreached
from tempkit.backends.remote.proxies import proxy_of
from tempkit.backends.remote.size_limits import Room

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession, FormData

__all__ = ["Http", "Reply"]

_MOST_LINE_BYTES = 256 * 2**20
"""Of a line of a batch's results."""

_MOST_REFUSAL_BYTES = 2**16
"""Of a body whose status is no success; the rest is not read."""

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
        except (ValueError, RecursionError):  # brackets without end
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
        together = {"Content-Type": "application/json", **(headers or {})}
        return await self._request("POST", url, together, sent if len(sent) < _LARGE else io.BytesIO(sent))

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
                raise refusal(Reply(r.status, r.headers, await _within(silence_s, _beginning(r))))
            parts = r.content.iter_any()
            while part := await _within(silence_s, anext(parts, b"")):
                start = len(rest)
                rest += part
                if b"\n" in part:
                    *lines, tail = bytes(rest).split(b"\n")
                    rest = bytearray(tail)
                    for line in lines:
                        if line.strip():
                            yield line
                elif start + len(part) > _MOST_LINE_BYTES:
                    raise RequestError("bad_answer", f"a line is longer than {_MOST_LINE_BYTES:,} bytes")
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
            if not 200 <= r.status < 300:
                return Reply(r.status, r.headers, await _beginning(r))
            parts, room = [], Room()
            async for part in r.content.iter_any():
                room.take(len(part))
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
                method, url, headers=headers, data=body, allow_redirects=False, proxy=proxy_of(url)
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


async def _beginning(r: "ClientResponse") -> bytes:
    """Read the beginning of a body, and hang up where more would come."""
    parts, size = [], 0
    async for part in r.content.iter_any():
        parts.append(part)
        size += len(part)
        if size >= _MOST_REFUSAL_BYTES:
            r.close()
            break
    return b"".join(parts)[:_MOST_REFUSAL_BYTES]


@contextmanager
def _explained() -> Iterator[None]:
    from aiohttp import ClientError, ClientHttpProxyError, ClientProxyConnectionError

    try:
        yield
    except ClientHttpProxyError as e:
        raise RequestError(
            "connection", f"the proxy that the environment names answers with HTTP {e.status}"
        ) from e
    except ClientProxyConnectionError as e:
        raise RequestError(
            "connection", f"the proxy that the environment names: {unreached(e).message}"
        ) from e
    except (ClientError, OSError, UnicodeError) as e:
        raise unreached(e) from e


async def _within(seconds: float, part: Awaitable[bytes]) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await part
    except TimeoutError as e:
        raise RequestError("timeout", f"the server went silent for {seconds:g} s") from e
