"""Anthropic's message batches: one request holds them all, and their results are one file of lines.

Written from the SDK's types and Anthropic's documentation; no live service was asked. Nothing of ours is in what its list says of a
batch, so one whose submission was cut short is recognised by its requests' names, which only its results repeat: a batch that
may be it must end before that can be told.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from tempkit.backends.anthropic.answers import read_message
from tempkit.backends.remote import Answer, BatchApi, BatchStatus, FoundBatch, Http, RequestError
from tempkit.backends.remote.batch_protocol import CLOCKS_APART
from tempkit.backends.remote.decoding import decode, excerpt
from tempkit.backends.remote.errors_in_answers import error_in
from tempkit.types import Batch, Message

__all__ = ["AnthropicBatches", "message_body"]

_PATH = "/v1/messages/batches"
_PAGE = 100
_SILENCE_S = 60.0


class _Counts(msgspec.Struct):
    processing: int = 0
    succeeded: int = 0
    errored: int = 0
    canceled: int = 0
    expired: int = 0

    @property
    def done(self) -> int:
        return self.succeeded + self.errored + self.canceled + self.expired


class _Batch(msgspec.Struct):
    id: str
    processing_status: str
    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    expires_at: datetime | None = None
    request_counts: _Counts = msgspec.field(default_factory=_Counts)


class _Page(msgspec.Struct):
    data: list[_Batch]
    has_more: bool = False


class _Result(msgspec.Struct):
    type: str
    message: msgspec.Raw = msgspec.Raw(b"null")
    error: Any = None


class _Line(msgspec.Struct):
    custom_id: str
    result: _Result


_batch = msgspec.json.Decoder(_Batch)
_page = msgspec.json.Decoder(_Page)
_line = msgspec.json.Decoder(_Line)


class AnthropicBatches(BatchApi):
    """Batches of messages.

    Args:
        http: To send with.
        url: The API's address, without `/v1`.
        headers: That go with every request, the key among them.
        model: The name of the model that all of them are for.
    """

    def __init__(self, http: Http, url: str, headers: Mapping[str, str], model: str) -> None:
        super().__init__(http, url, headers)
        self._model = model

    def line(self, custom_id: str, messages: Sequence[Message], params: Mapping[str, Any]) -> bytes:
        request = {"custom_id": custom_id, "params": message_body(self._model, messages, params)}
        return json.dumps(request, separators=(",", ":")).encode() + b","

    async def submit(self, tag: str, lines: Sequence[bytes]) -> str:  # noqa: ARG002  (it is in every line)
        sent = b'{"requests":[' + b"".join(lines).removesuffix(b",") + b"]}"
        reply = self._taken(await self._http.post_json(f"{self._url}{_PATH}", sent, self._headers))
        return decode(_batch, reply.content, "a batch").id

    async def find(self, batch: Batch, others: Collection[str]) -> FoundBatch:
        since, undecided, after = batch.created_at - CLOCKS_APART, list[str](), ""
        while True:  # newest first
            page = decode(
                _page, (await self._get(f"{_PATH}?limit={_PAGE}{after}")).content, "a list of batches"
            )
            for found in page.data:
                counts = found.request_counts
                if (
                    found.created_at < since
                    or found.id in others
                    or counts.done + counts.processing != batch.requests
                ):
                    continue
                if found.processing_status != "ended":
                    undecided.append(found.id)
                elif await self._is(found.id, batch.tag):
                    return FoundBatch(found.id)
            if not page.has_more or not page.data or page.data[-1].created_at < since:
                return FoundBatch(undecided=tuple(undecided))
            after = f"&after_id={quote(page.data[-1].id, safe='')}"

    async def _is(self, remote_id: str, tag: str) -> bool:
        """Whether a batch that has ended is ours, by its first result."""
        async with aclosing(self.results(_results(remote_id), _SILENCE_S)) as lines:
            async for line in lines:
                return self.parse(line)[0].startswith(f"{tag}-")
        return False

    async def status(self, remote_id: str) -> BatchStatus:
        reply = await self._get(f"{_PATH}/{quote(remote_id, safe='')}")
        batch = decode(_batch, reply.content, "a batch")
        counts = batch.request_counts
        return BatchStatus(
            state=batch.processing_status,
            done=counts.done,
            total=counts.done + counts.processing,
            ends_by=batch.expires_at,
            ended="bad_answer" if batch.processing_status == "ended" else None,
            results=(_results(remote_id),),
            retry_after_s=self._retry_after(reply),
        )

    def parse(self, line: bytes) -> tuple[str, bytes | RequestError]:
        found = decode(_line, line, "a result of a batch")
        result = found.result
        if result.type == "succeeded":
            return found.custom_id, bytes(result.message)
        if result.type == "expired":
            return found.custom_id, RequestError("batch_expired", "the batch ended before its turn came")
        if result.type == "canceled":
            return found.custom_id, RequestError("batch_cancelled", "the batch was cancelled before its turn")
        error = error_in(result.error) or RequestError("server", "no explanation")
        error.message = f"{excerpt(result.type, 40)}: {error.message}"
        return found.custom_id, error

    def read(self, body: bytes) -> Answer:
        return read_message(body)


def _results(remote_id: str) -> str:
    # Not the address that the batch names: the key would go wherever that leads.
    return f"{_PATH}/{quote(remote_id, safe='')}/results"


def message_body(model: str, messages: Sequence[Message], params: Mapping[str, Any]) -> dict[str, Any]:
    """Lay out a request; the system's words have a place of their own."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": m.role, "content": m.content} for m in messages if m.role != "system"],
        **params,
    }
    if system := "\n\n".join(m.content for m in messages if m.role == "system"):
        body["system"] = system
    return body
