"""HTTP for the providers' SDKs, with bounds: a refusal is read at its beginning, an answer as far as was asked for, unpacked.

An SDK reads whatever comes, and unpacks it at once: a quarter of a megabyte may become a quarter of a gigabyte.
"""

import json
import zlib
from collections.abc import AsyncIterable, AsyncIterator
from typing import TYPE_CHECKING

from tempkit.backends.remote.adapter_types import RequestError
from tempkit.backends.remote.proxies import check_proxies
from tempkit.backends.remote.size_limits import Room

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

__all__ = ["sdk_client"]

_MOST_REFUSAL_BYTES = 2**16
_PIECE = 2**16
_SHALLOW = 200


def sdk_client() -> "AsyncClient":
    """Return a client to hand to an SDK. It follows no redirect, which would take the key with it, and has no limit of time or number.

    Raises:
        UsageError: A proxy that the environment names is none.
    """
    from httpx2 import AsyncClient, Limits

    check_proxies()
    return AsyncClient(
        timeout=None,
        limits=Limits(max_connections=None, max_keepalive_connections=100),
        headers={"Accept-Encoding": "gzip, deflate"},
        event_hooks={"response": [_bound]},
    )


async def _bound(response: "Response") -> None:
    """Have a response's body, which is still to come, unpacked and counted on its way."""
    from httpx2 import AsyncByteStream

    source = response.stream
    assert isinstance(source, AsyncByteStream)  # noqa: S101  (narrowing: the client is asynchronous)

    class Bounded(AsyncByteStream):
        """A body that is given out unpacked."""

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for piece in unpacked:
                yield piece

        async def aclose(self) -> None:
            await close()

    close = source.aclose
    # JSON is UTF-8 whatever a header says, and an SDK would look up any codec by the name that stands there.
    if "content-type" in response.headers:
        response.headers["content-type"] = response.headers["content-type"].partition(";")[0]
    packing = response.headers.pop("content-encoding", "identity").strip().lower()
    pieces = _unpacked(source, packing)
    unpacked = _counted(pieces) if response.is_success else _beginning(pieces)
    response.stream = Bounded()


async def _counted(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    room = Room()
    async for piece in pieces:
        room.take(len(piece))
        yield piece


async def _beginning(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the beginning of a refusal as UTF-8, and so little of one that is nested too deep that it is no JSON to anybody."""
    content = b""
    async for piece in pieces:
        content += piece[: _MOST_REFUSAL_BYTES - len(content)]
        if len(content) >= _MOST_REFUSAL_BYTES:
            break
    content = content.decode("utf-8", "replace").encode()
    try:
        json.loads(content)
    except RecursionError:
        content = content[:_SHALLOW]
    except ValueError:
        pass
    yield content


async def _unpacked(source: AsyncIterable[bytes], packing: str) -> AsyncIterator[bytes]:
    """Yield a body in small pieces, so that what is too long is seen before it is in memory.

    Raises:
        RequestError: It is packed in a way that was not asked for, or not as it says.
    """
    if packing in ("identity", ""):
        async for chunk in source:
            yield chunk
        return
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise RequestError("bad_answer", "the answer is packed in a way that was not asked for")
    unpack = None
    async for chunk in source:
        if unpack is None and chunk:  # some send `deflate` without its head
            bare = packing == "deflate" and chunk[0] & 0xF != 8
            unpack = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS + 32)
        rest = chunk
        while unpack is not None and rest and not unpack.eof:
            try:
                piece = unpack.decompress(rest, _PIECE)
            except zlib.error as e:
                raise RequestError("bad_answer", "the answer cannot be unpacked") from e
            rest = unpack.unconsumed_tail
            yield piece
    while unpack is not None and not unpack.eof:
        piece = unpack.decompress(b"", _PIECE)
        if not piece:
            raise RequestError("connection", "the answer ends early")
        yield piece
