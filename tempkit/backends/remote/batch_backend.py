"""What all batch APIs share: work cut to their limits, a batch submitted once, watched for a day, and collected whole.

Submitting is the one step that must not be done twice, and the one whose answer can be lost after the provider has taken the money:
so after every doubt, in this process or an earlier one, the provider's list of batches is searched before anything is sent
again. Everything else only asks, and is asked again for as long as it takes.
"""

import asyncio
import re
import secrets
from abc import abstractmethod
from collections.abc import (
    AsyncGenerator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial

from tempkit.backends.protocol import BatchRefusedError, Tell
from tempkit.backends.remote.adapter_types import UNREADABLE_ERRORS, RequestError, read_whole, unreadable
from tempkit.backends.remote.backend import RemoteBackend
from tempkit.backends.remote.batch_polling import LONGEST_PAUSE_S, BatchPoller
from tempkit.backends.remote.batch_protocol import BatchApi, BatchStatus
from tempkit.backends.remote.model_session import ModelSession, Share, completion
from tempkit.backends.remote.redaction import hushed
from tempkit.errors import ModelError
from tempkit.text import without_secrets
from tempkit.types import Batch, BatchRequest, Failure, Message, ModelSpec, Outcome, Sweep

__all__ = ["BatchingBackend"]

_BYTES_PER_S = 100_000
"""The slowest connection that a batch can be sent over."""
_CUSTOM_ID = re.compile(rb'\A[^\\]{0,200}"custom_id"\s*:\s*"([A-Za-z0-9-]{1,64})"')
"""Whose result a line is that cannot be read otherwise: named at its beginning, as all providers do."""
_DOUBTFUL = frozenset({"connection", "timeout", "server", "bad_answer"})
"""After these nobody knows whether the provider took a batch."""


class BatchingBackend(RemoteBackend):
    """A `RemoteBackend` whose provider has a batch API; an adapter says what that is like."""

    @abstractmethod
    def batch_api(self, model: ModelSpec) -> BatchApi:
        """Return the batch API of a model whose `Capabilities.batch` says that there is one."""

    def lay_out(self, model: ModelSpec, sweeps: Iterable[Sweep]) -> Iterator[Batch]:
        """Cut work into batches as large as the provider takes; each is made when it is asked for."""
        terms = self.capabilities(model).batch
        assert terms is not None  # noqa: S101  (the caller has checked)
        api, session = self.batch_api(model), self._session(model)
        tag, size, requests = _tag(), 0, list[BatchRequest]()
        for sweep in sweeps:
            sampling = session.fitted(sweep.sampling)
            for sample in sweep.samples:
                seed = sample.seed if session.seeds else None
                params = session.sent(self.params(model, sampling, sample.temperature, seed, 1))
                length = len(api.line(f"{tag}-{len(requests)}", sweep.item.messages, params))
                if requests and (len(requests) == terms.requests or size + length > terms.bytes):
                    yield _batch(tag, model, requests)
                    tag, size, requests = _tag(), 0, []
                key = sweep.key(sample)
                requests.append(BatchRequest(number=len(requests), key=key, seed=seed, params=params))
                size += length
        if requests:
            yield _batch(tag, model, requests)

    async def submit(
        self,
        model: ModelSpec,
        batch: Batch,
        messages: Mapping[str, Sequence[Message]],
        tell: Tell,
        *,
        fresh: bool,
        known: Callable[[], Collection[str]],
    ) -> str:
        """Hand over a batch and return the provider's id of it, without ever handing it over twice."""
        poller = BatchPoller(model, self.batch_api(model), self._session(model), tell)
        lines = [
            poller.api.line(batch.custom_id(request), messages[request.key.item], request.params)
            for request in batch.awaited
        ]
        more_s = sum(map(len, lines)) / _BYTES_PER_S
        quiet_s = (datetime.now(UTC) - batch.created_at).total_seconds()
        doubtful, attempts = not fresh, 0
        while True:
            if doubtful:
                found = await self._find(poller, batch, known(), quiet_s)
                if found is not None:
                    return found
            attempts += 1
            try:
                return poller.named(await poller.once(poller.api.submit(batch.tag, lines), more_s))
            except RequestError as e:
                error = e
            error.attempts = attempts
            delay = (
                None if (error.retry_after_s or 0.0) > LONGEST_PAUSE_S else poller.session.policy.delay(error)
            )
            said = without_secrets(error.message)
            if delay is None and error.kind in _DOUBTFUL:
                raise ModelError(
                    f"{model.label}: nobody knows whether a batch was submitted ({said}); resume the run later: it is "
                    "looked for before anything is sent again"
                ) from error
            if delay is None:
                raise BatchRefusedError(error.kind, said) from error
            doubtful = doubtful or error.kind in _DOUBTFUL
            quiet_s = 0.0
            poller.say(f"a batch of {batch.requests} is not submitted yet ({said}); trying again")
            await asyncio.sleep(delay)

    async def _find(
        self, poller: BatchPoller, batch: Batch, others: Collection[str], quiet_s: float
    ) -> str | None:
        """Return the provider's id of a batch that it may have taken; None when it did not."""
        clock = asyncio.get_running_loop().time
        settled, pause = clock() + poller.pace.settle_s - quiet_s, poller.pace.first_s
        while True:
            last = clock() >= settled
            found = await poller.until_answered("the list of batches", lambda: poller.api.find(batch, others))
            if found.remote_id is not None:
                try:
                    return poller.named(found.remote_id)
                except RequestError as e:
                    raise poller.failed("the batch", e) from e
            if found.undecided:
                ids = ", ".join(found.undecided)
                poller.say(f"waiting for {ids} to end, which may be the batch whose submission was cut short")
            elif last:
                return None
            else:
                poller.say("looking whether a batch whose submission was cut short was taken")
            await asyncio.sleep(pause)
            pause = poller.pace.after(pause)

    async def collect(self, model: ModelSpec, batch: Batch, tell: Tell) -> AsyncGenerator[Outcome, None]:
        """Wait until a batch has ended, and yield one outcome for every request that it still owes."""
        poller = BatchPoller(model, self.batch_api(model), self._session(model), tell)
        status = await self._wait(poller, batch)
        owed = {batch.custom_id(request): request for request in batch.awaited}
        what = f"the results of batch {batch.remote_id}"
        attempts, why = 0, f": {status.why}" if status.why else ""
        while True:
            before, seen = len(owed), set[str]()
            broken = None
            try:
                async with aclosing(self._results(poller, batch, status, owed, seen)) as outcomes:
                    async for outcome in outcomes:
                        yield hushed(outcome)
            except RequestError as e:
                broken = e
            if not owed or (broken is None and len(seen) >= status.done):
                break
            short = f"{len(seen)} results came of {status.done}"
            error = broken or RequestError("bad_answer", short)
            attempts = attempts + 1 if len(owed) == before else 1
            error.attempts = attempts
            error.unread = attempts if broken is not None and seen else 0
            delay = poller.session.policy.delay(error)
            if delay is None:
                # Whole answers every time, or results among which some cannot be read: no more will come.
                if broken is None or (broken.kind == "bad_answer" and seen):
                    why = f"{why} ({broken.message if broken else short})"
                    break
                raise poller.failed(what, error) from error
            poller.say(f"{what} are incomplete ({error.message}); trying again")
            await asyncio.sleep(delay)
        for request in owed.values():
            message = f"batch {batch.remote_id} is {status.state} without a result of this request{why}"
            yield hushed(
                _failure(poller.session, batch, request, RequestError(status.ended or "bad_answer", message))
            )

    async def _wait(self, poller: BatchPoller, batch: Batch) -> BatchStatus:
        remote_id, pause = batch.remote_id or "", poller.pace.first_s
        while True:
            status = await poller.until_answered(f"batch {remote_id}", lambda: poller.api.status(remote_id))
            ends = f", ends by {status.ends_by.astimezone():%Y-%m-%d %H:%M}" if status.ends_by else ""
            poller.say(
                f"batch {remote_id} {status.state} {status.done}/{status.total or batch.requests}{ends}"
            )
            if status.ended is not None:
                return status
            await asyncio.sleep(max(pause, min(status.retry_after_s or 0.0, LONGEST_PAUSE_S)))
            pause = poller.pace.after(pause)

    async def _results(
        self,
        poller: BatchPoller,
        batch: Batch,
        status: BatchStatus,
        owed: dict[str, BatchRequest],
        seen: set[str],
    ) -> AsyncGenerator[Outcome, None]:
        """Read the results once, in whatever order they come; note each as seen and take it off what is owed.

        Raises:
            RequestError: They break off.
        """
        broken: RequestError | None = None
        for path in status.results:
            async with aclosing(poller.api.results(path, poller.session.timeout_s)) as lines:
                async for line in lines:
                    body: bytes | RequestError
                    try:
                        custom_id, body = poller.api.parse(line)
                    except (
                        RequestError,
                        *UNREADABLE_ERRORS,
                    ) as e:  # a line that cannot be read takes no other with it
                        error = e if isinstance(e, RequestError) else unreadable(e)
                        named = _CUSTOM_ID.search(line)
                        if named is None or not line.rstrip().endswith(b"}"):
                            broken = broken or error  # perhaps cut: it may come whole
                            continue
                        custom_id, body = named[1].decode(), error
                    seen.add(custom_id)
                    request = owed.pop(custom_id, None)
                    if request is not None:
                        yield self._outcome(poller, batch, request, body)
        if broken is not None:
            raise broken

    def _outcome(
        self, poller: BatchPoller, batch: Batch, request: BatchRequest, body: bytes | RequestError
    ) -> Outcome:
        if isinstance(body, RequestError):
            return _failure(poller.session, batch, request, body)
        try:
            answer = read_whole(partial(poller.api.read, body))
        except RequestError as e:
            return _failure(poller.session, batch, request, e)
        terms = self.capabilities(poller.model).batch
        price = terms.price if terms else 1.0
        share = Share(request.params, answer, price=price, batch=batch.remote_id)
        return completion(poller.session, share, request.key, request.seed, answer.choices[0])


def _tag() -> str:
    return f"tk{secrets.token_hex(8)}"


def _batch(tag: str, model: ModelSpec, requests: Sequence[BatchRequest]) -> Batch:
    now = datetime.now(UTC)
    return Batch(tag=tag, model=model.label, requests=len(requests), created_at=now, awaited=tuple(requests))


def _failure(session: ModelSession, batch: Batch, request: BatchRequest, error: RequestError) -> Failure:
    return Failure(
        key=request.key,
        kind=error.kind,
        message=error.message,
        seed=request.seed,
        temperature_sent=session.temperature_sent(request.key.temperature),
        batch=batch.remote_id,
    )
