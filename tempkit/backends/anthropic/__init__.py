"""Anthropic's Messages API.

Its Python SDK no longer has an argument for the temperature, and the API's version that it asks for refuses one from every
model. So requests go through the SDK's generic `post`, under the version before, which leaves it to the model. Neutral
values are left out: there is none for `top_k`, and newer models refuse `top_p` beside a temperature even when it is 1.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tempkit.backends.anthropic.answers import read_message
from tempkit.backends.anthropic.batch import AnthropicBatches, message_body
from tempkit.backends.capabilities import capabilities_of
from tempkit.backends.protocol import check_options
from tempkit.backends.remote import (
    Answer,
    BatchApi,
    BatchingBackend,
    Http,
    RemoteBackend,
    find_key,
    quota_of,
    reach,
    status_error,
)
from tempkit.backends.remote.connection_errors import unreached
from tempkit.backends.remote.endpoints import base_url, is_host, key_name
from tempkit.backends.remote.http_errors import body_text
from tempkit.backends.remote.sdk_http import sdk_client
from tempkit.errors import ExtraMissingError
from tempkit.types import BatchTerms, Capabilities, Message, ModelInfo, ModelSpec, SamplingParams

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic, RequestOptions

__all__ = ["AnthropicBackend"]

_OPTIONS = {**RemoteBackend.options, "base_url": str, "api_key_env": str}
_PARAMS = frozenset({"max_tokens", "top_p", "top_k", "stop"})
_KEY = "ANTHROPIC_API_KEY"
_HOST = "anthropic.com"
_ADDRESS = "ANTHROPIC_BASE_URL"
_VERSION = "2023-06-01"
_BATCH = BatchTerms(requests=100_000, bytes=256_000_000, price=0.5)


class AnthropicBackend(BatchingBackend):
    """`anthropic:NAME`. Needs the extra `anthropic`.

    Options: `base_url`, for a proxy (ANTHROPIC_BASE_URL, else Anthropic's own address); `api_key_env`, the environment
    variable that holds the key (none is sent to a proxy given as `base_url` unless this is given); and those of
    `RemoteBackend`.
    """

    def __init__(self, *, concurrency: int) -> None:
        super().__init__(concurrency=concurrency)
        self._clients: dict[str, AsyncAnthropic] = {}
        self._http = Http()
        """For batches: their results may be too long for the SDK, which takes them whole."""

    def capabilities(self, model: ModelSpec) -> Capabilities:
        check_options(model, _OPTIONS)
        self.check_limits(model)
        return dataclasses.replace(capabilities_of(model, "anthropic", _PARAMS), batch=_BATCH)

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        client, url = self._client(model), _base_url(model)
        from anthropic import __version__

        await reach(model, url, self._list(client), key_name=_key_name(model))
        return ModelInfo(details={"engine": f"anthropic {__version__}", "base_url": url, "api": _VERSION})

    @staticmethod
    async def _list(client: "AsyncAnthropic") -> None:
        with _sorted(f"{client.base_url}v1/models"):
            await client.get("/v1/models", cast_to=object, options=_options(client.api_key))

    def params(
        self,
        model: ModelSpec,
        sampling: SamplingParams,
        temperature: float,
        seed: int | None,  # noqa: ARG002  (it takes none)
        choices: int,  # noqa: ARG002  (it gives one at a time)
    ) -> dict[str, Any]:
        params: dict[str, Any] = {"temperature": temperature, "max_tokens": sampling.max_tokens}
        if sampling.top_p != 1 and self.capabilities(model).top_p != "alone":
            params["top_p"] = sampling.top_p
        if sampling.top_k > 0:
            params["top_k"] = sampling.top_k
        if sampling.stop:
            params["stop_sequences"] = list(sampling.stop)
        return params

    async def ask(self, model: ModelSpec, messages: Sequence[Message], params: dict[str, Any]) -> Answer:
        client = self._client(model)
        from httpx2 import Response

        body = message_body(model.name, messages, params)
        with _sorted(f"{client.base_url}v1/messages"):
            response = await client.post(
                "/v1/messages", cast_to=Response, body=body, options=_options(client.api_key)
            )
        return dataclasses.replace(read_message(response.content), quota=quota_of(response.headers))

    def batch_api(self, model: ModelSpec) -> BatchApi:
        name = _key_name(model)
        headers = {"anthropic-version": _VERSION} | ({"x-api-key": find_key(model, name)} if name else {})
        return AnthropicBatches(self._http, _base_url(model), headers, model.name)

    def _client(self, model: ModelSpec) -> "AsyncAnthropic":
        client = self._clients.get(model.label)
        if client is None:
            if find_spec("anthropic") is None:
                raise ExtraMissingError(model.id, "anthropic")
            from anthropic import AsyncAnthropic

            name = _key_name(model)
            client = self._clients[model.label] = AsyncAnthropic(
                # Not None: then the SDK would look for credentials of its own, and send them to whatever server this is.
                api_key=find_key(model, name) if name else "",
                base_url=_base_url(model),
                max_retries=0,
                timeout=None,  # ours is over the whole request, not over each read
                http_client=sdk_client(),
            )
        return client

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()
        self._clients.clear()
        await self._http.close()


def _base_url(model: ModelSpec) -> str:
    return base_url(model, _ADDRESS, f"https://api.{_HOST}")


def _key_name(model: ModelSpec) -> str:
    return key_name(model, _ADDRESS, _KEY, _base_url(model), lambda url: is_host(url, _HOST))


def _options(key: str | None) -> "RequestOptions":
    """Return what goes with every request of this version; the SDK would send the key as newer versions take it."""
    from anthropic import Omit

    headers: dict[str, str | Omit] = {"anthropic-version": _VERSION, "Authorization": Omit()}
    if key:
        headers["x-api-key"] = key
    # A redirect to another server would take the key with it.
    return {"headers": headers, "follow_redirects": False}


@contextlib.contextmanager
def _sorted(url: str) -> Iterator[None]:
    """Turn the SDK's errors inside into `RequestError`s; the server's words are kept."""
    from anthropic import AnthropicError, APIStatusError
    from httpx2 import HTTPError

    try:
        yield
    except APIStatusError as e:
        error = status_error(e.status_code, e.response.headers, e.body, body_text(e.response.content), url)
        if error.status == 404:
            error.message += "; check the model's name, and that base_url is without /v1"
        raise error from e
    except (AnthropicError, HTTPError) as e:  # the latter while the answer was read
        raise unreached(e) from e
