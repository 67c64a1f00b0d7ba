"""Gemini, through Google's own SDK.

The SDK is told to hand over its answers' bodies as they came: its own objects, one per alternative of every token, cost time,
and it rejects an answer with a field that it does not expect. What it would do unasked is switched off: to send further
requests when an answer was cut, to call functions, to go to Vertex AI when the environment says so, and to try again (which
3.4 does not unless given `retry_options`, except once where aiohttp is installed; so it gets a client of ours).
"""

import contextlib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tempkit.backends.capabilities import capabilities_of
from tempkit.backends.google.answers import read_answer
from tempkit.backends.google.errors import request_error
from tempkit.backends.protocol import check_options
from tempkit.backends.remote import Answer, RemoteBackend, RequestError, find_key, reach
from tempkit.backends.remote.adapter_types import unreadable
from tempkit.backends.remote.connection_errors import unreached
from tempkit.backends.remote.endpoints import base_url, is_host, key_name
from tempkit.backends.remote.sdk_http import sdk_client
from tempkit.errors import ExtraMissingError, ModelError, UsageError
from tempkit.types import Capabilities, Message, ModelInfo, ModelSpec, SamplingParams

if TYPE_CHECKING:
    from google.genai import Client
    from httpx2 import AsyncClient

__all__ = ["GoogleBackend"]

_OPTIONS = {
    **RemoteBackend.options,
    "base_url": str,
    "api_key_env": str,
    "logprob_kind": str,
    "thinking_budget": int,
}
_PARAMS = frozenset(
    {"max_tokens", "top_p", "top_k", "frequency_penalty", "presence_penalty", "stop", "logprobs"}
)


@dataclass(frozen=True, slots=True)
class _Held:
    """What is kept per model; the SDK does not close a client that it was given."""

    sdk: "Client"
    http: "AsyncClient"
    url: str


_ADDRESS = "GOOGLE_GEMINI_BASE_URL"


class GoogleBackend(RemoteBackend):
    """`google:NAME`. Needs the extra `google`.

    Options: `base_url`, for a proxy (GOOGLE_GEMINI_BASE_URL, else Google's own address); `api_key_env`, the environment
    variable that holds the key (none is sent to a proxy given as `base_url` unless this is given); `thinking_budget`, in
    tokens; `logprob_kind`, when you know what the logprobs are of; and those of `RemoteBackend`.
    """

    def __init__(self, *, concurrency: int) -> None:
        super().__init__(concurrency=concurrency)
        self._clients: dict[str, _Held] = {}

    def capabilities(self, model: ModelSpec) -> Capabilities:
        check_options(model, _OPTIONS)
        self.check_limits(model)
        if re.search(r"[?&#]|\.\.", model.name):  # it becomes part of an address
            raise UsageError(f"{model.id}: no model of Google's has such a name")
        return capabilities_of(model, "google", _PARAMS)

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        held, url = self._client(model), _base_url(model)
        from google.genai import __version__

        await reach(model, url, self._list(held), key_name=_key_name(model))
        # Some of its models have a top_k of their own, which no request can turn off.
        return ModelInfo(
            details={"engine": f"google-genai {__version__}", "base_url": url, "not_sent": ["topK"]}
        )

    @staticmethod
    async def _list(held: _Held) -> None:
        # AttributeError and the like: what the SDK comes to over another's list. A proxy need not have one.
        with contextlib.suppress(AttributeError, LookupError, TypeError, ValueError), _sorted(held.url):
            await held.sdk.aio.models.list(config={"page_size": 1})

    def params(
        self, model: ModelSpec, sampling: SamplingParams, temperature: float, seed: int | None, choices: int
    ) -> dict[str, Any]:
        params: dict[str, Any] = {
            "temperature": temperature,
            "topP": sampling.top_p,  # its own default is below 1
            "maxOutputTokens": sampling.max_tokens,
        }
        if sampling.top_k > 0:
            params["topK"] = sampling.top_k
        # Newer models refuse penalties, neutral ones too.
        if sampling.frequency_penalty:
            params["frequencyPenalty"] = sampling.frequency_penalty
        if sampling.presence_penalty:
            params["presencePenalty"] = sampling.presence_penalty
        if sampling.stop:
            params["stopSequences"] = list(sampling.stop)
        if seed is not None:
            params["seed"] = seed
        if choices > 1:
            params["candidateCount"] = choices
        if sampling.logprobs and self.capabilities(model).logprob_kind != "none":
            params |= {"responseLogprobs": True, "logprobs": sampling.logprobs}
        if "thinking_budget" in model.options:
            params["thinkingConfig"] = {
                "thinking_budget": model.options["thinking_budget"]
            }  # as the SDK writes it
        return params

    async def ask(self, model: ModelSpec, messages: Sequence[Message], params: dict[str, Any]) -> Answer:
        held = self._client(model)
        from google.genai import types

        contents: list[Any] = [
            {"role": "model" if m.role == "assistant" else "user", "parts": [{"text": m.content}]}
            for m in messages
            if m.role != "system"
        ]
        if not contents:
            raise RequestError("rejected", "Gemini wants a message besides the system's")
        config = types.GenerateContentConfig(
            **params,
            system_instruction="\n\n".join(m.content for m in messages if m.role == "system") or None,
            should_return_http_response=True,
            automatic_continuation=False,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )
        try:
            with _sorted(held.url):
                response = await held.sdk.aio.models.generate_content(
                    model=model.name, contents=contents, config=config
                )
        except (
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as e:  # what the SDK comes to over odd answers
            raise unreadable(e) from e
        raw = response.sdk_http_response
        return read_answer((raw.body if raw else None) or "")

    def _client(self, model: ModelSpec) -> _Held:
        held = self._clients.get(model.label)
        if held is None:
            # Looked for step by step: it is an error to look into a package that is not there.
            if find_spec("google") is None or find_spec("google.genai") is None:
                raise ExtraMissingError(model.id, "google")
            from google.genai import Client, types

            key = find_key(model, name) if (name := _key_name(model)) else ""
            http = sdk_client()
            options = types.HttpOptions(base_url=_base_url(model), httpx_async_client=http)
            # Never without a key: then the SDK would look for one itself, and send it to whatever server this is.
            sdk = Client(vertexai=False, api_key=key or "none", http_options=options)
            held = self._clients[model.label] = _Held(sdk, http, _base_url(model))
        return held

    async def close(self) -> None:
        for held in self._clients.values():
            await held.sdk.aio.aclose()
            held.sdk.close()
            await held.http.aclose()
        self._clients.clear()


def _base_url(model: ModelSpec) -> str:
    return base_url(model, _ADDRESS, "https://generativelanguage.googleapis.com")


def _key_name(model: ModelSpec) -> str:
    key = key_name(
        model, _ADDRESS, "GEMINI_API_KEY", _base_url(model), lambda url: is_host(url, "googleapis.com")
    )
    if key == "GEMINI_API_KEY" and model.options.get("api_key_env") is None:
        with suppress(ModelError):  # the SDK too takes this one where there are both
            find_key(model, "GOOGLE_API_KEY")
            return "GOOGLE_API_KEY"
    return key


@contextlib.contextmanager
def _sorted(url: str) -> Iterator[None]:
    """Turn the SDK's errors inside into `RequestError`s; the server's words are kept."""
    from google.genai import errors
    from httpx2 import HTTPError

    try:
        yield
    except errors.APIError as e:
        raise request_error(e, url) from e
    except HTTPError as e:
        raise unreached(e) from e
