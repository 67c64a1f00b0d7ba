"""Chat Completions, at OpenAI or at any server that speaks its protocol.

Neutral sampling is sent explicitly, because servers have defaults of their own: llama.cpp's `min_p 0.05`, applied before
the temperature, turns a nominal T = 2 into something like 0.86. A parameter that a server does not know is left out, and
a plan that sets it is refused. What differs from server to server is in `presets.toml`.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tempkit.backends.base import check_options, missing_model
from tempkit.backends.capabilities import capabilities_of
from tempkit.backends.openai.answers import read_answer
from tempkit.backends.openai.errors import request_error
from tempkit.backends.openai.presets import Preset, base_url, preset_of
from tempkit.backends.remote import Answer, RemoteBackend, RequestError, find_key, quota_of, redact
from tempkit.errors import one_line
from tempkit.types import Capabilities, Message, ModelInfo, ModelSpec, SamplingParams

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["OpenAIBackend"]

_OPTIONS = {
    **RemoteBackend.options,
    "base_url": str,
    "api_key_env": str,
    "logprob_kind": str,
    "extended_sampling": bool,
    "reasoning_effort": str,
    "thinking": str,
    "family": str,
}
_BODY: Mapping[str, tuple[str, ...]] = {
    "reasoning_effort": ("reasoning_effort",),
    "thinking": ("thinking", "type"),
}
"""Where in a request's body an option goes."""
_EXTENDED = frozenset({"top_k", "min_p"})
_ALWAYS = frozenset({"max_tokens", "stop", "logprobs"})


class OpenAIBackend(RemoteBackend):
    """`openai:NAME`, with `base_url` for another server that speaks the protocol; and the presets, such as `groq:NAME`.

    Options: `base_url`; `api_key_env`, the environment variable that holds the key (none is sent to a server given by its
    address unless this is given); `logprob_kind`, when you know what the server's logprobs are of;
    `extended_sampling: false`, to send no `top_k` and `min_p`; `reasoning_effort` and `thinking`, sent as they are;
    `family`, the model behind a deployment's name; and those of `RemoteBackend`.
    """

    def __init__(self, *, concurrency: int) -> None:
        super().__init__(concurrency=concurrency)
        self._clients: dict[str, AsyncOpenAI] = {}

    def capabilities(self, model: ModelSpec) -> Capabilities:
        check_options(model, _OPTIONS)
        self.check_limits(model)
        base_url(model)  # a plan without one is refused like any other that cannot work
        preset = preset_of(model)
        fields = self._takes(model, preset) | _ALWAYS
        return capabilities_of(model, preset.name, fields - {"seed"})

    @staticmethod
    def _takes(model: ModelSpec, preset: Preset) -> frozenset[str]:
        """Return the optional parameters that the server takes."""
        extended = model.options.get("extended_sampling", True)
        return preset.params if extended else preset.params - _EXTENDED

    def _key(self, model: ModelSpec) -> tuple[str, str]:
        """Return the key, and the name of the variable it is from; a key never goes to a server it was not meant for."""
        name = model.options.get("api_key_env")
        if name is None and not model.options.get("base_url"):
            name = preset_of(model).key or None
            if model.backend == "openai":
                name = "OPENAI_API_KEY"
        if name is None:
            return "", ""
        return find_key(model, str(name)), str(name)

    def _client(self, model: ModelSpec) -> "AsyncOpenAI":
        client = self._clients.get(model.label)
        if client is None:
            from openai import AsyncOpenAI

            key, _ = self._key(model)
            header = preset_of(model).key_header
            client = self._clients[model.label] = AsyncOpenAI(
                api_key=key or "none",
                base_url=base_url(model),
                max_retries=0,
                timeout=None,  # ours is over the whole request, not over each read
                default_headers={header: key} if header and key else None,
            )
        return client

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        from openai import APIConnectionError, AuthenticationError, OpenAIError, __version__

        client, url = self._client(model), base_url(model)
        _, name = self._key(model)
        try:
            await client.with_options(timeout=15.0).get("/models", cast_to=object)
        except AuthenticationError as e:
            if not name:
                why = f"{url} wants a key; name the variable that holds it in api_key_env"
                raise missing_model(model, why) from e
            raise missing_model(model, f"{url} refuses the key in {name}; check it") from e
        except APIConnectionError as e:
            cause = one_line(e.__cause__ or e)
            raise missing_model(model, f"cannot reach {url}: {cause}; is the server running?") from e
        except OpenAIError:
            pass  # a server need not list its models, and a key need not be allowed to: the requests will tell
        return ModelInfo(details={"engine": f"openai {__version__}", "base_url": url})

    def params(
        self, model: ModelSpec, sampling: SamplingParams, temperature: float, seed: int | None, choices: int
    ) -> dict[str, Any]:
        preset = preset_of(model)
        optional: dict[str, Any] = {
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "min_p": sampling.min_p,
            "frequency_penalty": sampling.frequency_penalty,
            "presence_penalty": sampling.presence_penalty,
        }
        neutral, takes = SamplingParams(), self._takes(model, preset)
        given = {"temperature": temperature, "max_tokens": sampling.max_tokens}
        given |= {
            name: value
            for name, value in optional.items()
            if name in takes and not (name in preset.omit_neutral and value == getattr(neutral, name))
        }
        if seed is not None and "seed" in takes:
            given["seed"] = seed
        params: dict[str, Any] = {preset.names.get(name, name): value for name, value in given.items()}
        if choices > 1:
            params["n"] = choices
        if sampling.stop:
            params["stop"] = list(sampling.stop)
        if sampling.logprobs and preset.logprobs == "chat":
            params |= {"logprobs": True, "top_logprobs": sampling.logprobs}
        elif sampling.logprobs:
            params["logprobs"] = sampling.logprobs
        for option, (first, *rest) in _BODY.items():
            if option in model.options:
                value = model.options[option]
                params[first] = {rest[0]: value} if rest else value
        return params

    async def ask(self, model: ModelSpec, messages: Sequence[Message], params: dict[str, Any]) -> Answer:
        from httpx2 import HTTPError, Response
        from openai import OpenAIError

        client = self._client(model)
        body = {
            "model": model.name,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            **params,
            **preset_of(model).body,
        }
        try:
            response = await client.post("/chat/completions", cast_to=Response, body=body)
        except OpenAIError as e:
            raise redact(request_error(e), client.api_key) from e
        except HTTPError as e:  # while the body was read
            raise RequestError("connection", one_line(e)) from e
        answer = read_answer(response.content)
        return dataclasses.replace(answer, quota=quota_of(response.headers))

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()
        self._clients.clear()
