"""OpenAI's batches: a file of requests is uploaded, a batch is made of it, and its results are files again.

Written from the SDK's types and OpenAI's documentation; no live service was asked. A batch carries our tag in its metadata, by which
it is found when its submission was cut short.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec

from tempkit.backends.remote import (
    Answer,
    BatchApi,
    BatchStatus,
    FoundBatch,
    Http,
    Reply,
    RequestError,
    status_error,
)
from tempkit.backends.remote.batch_protocol import CLOCKS_APART
from tempkit.backends.remote.decoding import decode, excerpt, loose
from tempkit.errors import one_line
from tempkit.types import Batch, FailureKind, Message

__all__ = ["OpenAIBatches"]

_TAG = "tempkit"
"""The key of our tag in a batch's metadata."""
_PAGE = 100
_ENDS: dict[str, FailureKind] = {
    "completed": "bad_answer",
    "failed": "batch_failed",
    "expired": "batch_expired",
    "cancelled": "batch_cancelled",
}
"""What has become of a request without a result, by the batch's status; any other status goes on."""
_CODES: dict[str | None, FailureKind] = {
    "batch_expired": "batch_expired",
    "batch_cancelled": "batch_cancelled",
}


class _File(msgspec.Struct):
    id: str


class _Counts(msgspec.Struct):
    completed: int = 0
    failed: int = 0
    total: int = 0


class _Fault(msgspec.Struct):
    code: str | None = None
    message: str | None = None
    line: int | None = None


class _Faults(msgspec.Struct):
    data: list[_Fault] | None = None


class _Batch(msgspec.Struct):
    id: str
    status: str
    created_at: int = 0
    expires_at: int | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    errors: _Faults | None = None
    metadata: dict[str, Any] | None = None
    request_counts: _Counts | None = None


class _Page(msgspec.Struct):
    data: list[_Batch]
    has_more: bool = False


class _Response(msgspec.Struct):
    body: msgspec.Raw = msgspec.Raw(b"null")
    status_code: int = 200


class _Line(msgspec.Struct):
    custom_id: str
    response: _Response | None = None
    error: _Fault | None = None


_file = msgspec.json.Decoder(_File)
_batch = msgspec.json.Decoder(_Batch)
_page = msgspec.json.Decoder(_Page)
_line = msgspec.json.Decoder(_Line)


class OpenAIBatches(BatchApi):
    """Batches of Chat Completions or of Responses.

    Args:
        http: To send with.
        url: The API's address, `/v1` included.
        headers: That go with every request, the key among them.
        endpoint: What its requests are for, from `/v1` on.
        body: Lays out the body of a request.
        read: Reads the body of an answer.
    """

    def __init__(
        self,
        http: Http,
        url: str,
        headers: Mapping[str, str],
        endpoint: str,
        body: Callable[[Sequence[Message], Mapping[str, Any]], dict[str, Any]],
        read: Callable[[bytes], Answer],
    ) -> None:
        super().__init__(http, url, headers)
        self._endpoint, self._body, self._read = endpoint, body, read

    def line(self, custom_id: str, messages: Sequence[Message], params: Mapping[str, Any]) -> bytes:
        request = {
            "custom_id": custom_id,
            "method": "POST",
            "url": self._endpoint,
            "body": self._body(messages, params),
        }
        return json.dumps(request, separators=(",", ":")).encode() + b"\n"

    async def submit(self, tag: str, lines: Sequence[bytes]) -> str:
        file = (f"{tag}.jsonl", b"".join(lines))
        reply = await self._http.upload(f"{self._url}/files", {"purpose": "batch"}, file, self._headers)
        uploaded = decode(_file, self._taken(reply).content, "an uploaded file")
        made = {
            "input_file_id": uploaded.id,
            "endpoint": self._endpoint,
            "completion_window": "24h",
            "metadata": {_TAG: tag},
        }
        reply = self._taken(await self._http.post(f"{self._url}/batches", made, self._headers))
        return decode(_batch, reply.content, "a batch").id

    async def find(self, batch: Batch, others: Collection[str]) -> FoundBatch:  # noqa: ARG002  (the tag says it all)
        since = (batch.created_at - CLOCKS_APART).timestamp()
        after = ""
        while True:  # newest first
            page = decode(
                _page, (await self._get(f"/batches?limit={_PAGE}{after}")).content, "a list of batches"
            )
            for found in page.data:
                if (found.metadata or {}).get(_TAG) == batch.tag:
                    return FoundBatch(found.id)
            if not page.has_more or not page.data or page.data[-1].created_at < since:
                return FoundBatch()
            after = f"&after={quote(page.data[-1].id, safe='')}"

    async def status(self, remote_id: str) -> BatchStatus:
        reply: Reply = await self._get(f"/batches/{quote(remote_id, safe='')}")
        batch = decode(_batch, reply.content, "a batch")
        counts = batch.request_counts or _Counts()
        files = (batch.output_file_id, batch.error_file_id)
        return BatchStatus(
            state=batch.status,
            done=counts.completed + counts.failed,
            total=counts.total,
            ends_by=_moment(batch.expires_at),
            ended=_ENDS.get(batch.status),
            why=_why(batch.errors),
            results=tuple(f"/files/{quote(file, safe='')}/content" for file in files if file),
            retry_after_s=self._retry_after(reply),
        )

    def parse(self, line: bytes) -> tuple[str, bytes | RequestError]:
        result = decode(_line, line, "a result of a batch")
        if result.response is None:
            error = result.error or _Fault()
            said = f"{error.code or 'no code'}: {error.message or 'no explanation'}"
            return result.custom_id, RequestError(_CODES.get(error.code, "server"), excerpt(said, 300))
        body = bytes(result.response.body)
        if result.response.status_code == 200:
            return result.custom_id, body
        try:
            content: object = loose(body)
        except ValueError:
            content = None
        return result.custom_id, status_error(result.response.status_code, {}, content)

    def read(self, body: bytes) -> Answer:
        return self._read(body)


def _moment(seconds: int | None) -> datetime | None:
    """Return a moment; None for what is none that a clock can show."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, ArithmeticError, OSError):
        return None


def _why(errors: _Faults | None) -> str:
    """Return the first of the faults that a batch failed of."""
    if errors is None or not errors.data:
        return ""
    first, more = errors.data[0], len(errors.data) - 1
    where = f"line {first.line}: " if first.line is not None else ""
    return one_line(f"{where}{first.message or first.code}{f' (and {more} more)' if more else ''}")
