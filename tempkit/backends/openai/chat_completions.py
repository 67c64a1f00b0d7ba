"""Chat Completions, at OpenAI or at any server that speaks its protocol.

Neutral sampling is sent explicitly, because servers have defaults of their own: llama.cpp's `min_p 0.05`, applied before
the temperature, turns a nominal T = 2 into something like 0.86, and a model's files may add penalties that no plan names. A
parameter that a server does not know is left out, and a plan that sets it is refused. What differs from server to server is in
`presets.toml`.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from tempkit.backends.capabilities import capabilities_of
from tempkit.backends.openai import responses
from tempkit.backends.openai.answers import read_answer
from tempkit.backends.openai.batch import OpenAIBatches
from tempkit.backends.openai.embeddings import read_embeddings
from tempkit.backends.openai.model_list import shutdown_date_in
from tempkit.backends.openai.places import PLACES
from tempkit.backends.openai.presets import Preset, base_url, key_name, preset_of
from tempkit.backends.openai.served import UNRELATED, ask_props, listed, way_out
from tempkit.backends.protocol import check_options, missing_model
from tempkit.backends.remote import (
    Answer,
    BatchApi,
    BatchingBackend,
    Http,
    RemoteBackend,
    Reply,
    RequestError,
    Unread,
    find_key,
    quota_of,
    reach,
    refusal,
)
from tempkit.backends.remote.embedding import embed_texts
from tempkit.backends.remote.endpoints import ADDRESSES
from tempkit.backends.remote.fleet_preparing import prepared_at_each
from tempkit.backends.remote.server_defaults import recorded
from tempkit.backends.remote.size_limits import room_for
from tempkit.backends.urls import asked_at, written_addresses
from tempkit.errors import UsageError
from tempkit.types import Capabilities, Embeddings, Message, ModelInfo, ModelSpec, SamplingParams

__all__ = ["OpenAIBackend"]

_OPTIONS = {
    **RemoteBackend.options,
    "base_url": ADDRESSES,
    "api_key_env": str,
    "api": str,
    "logprob_kind": str,
    "extended_sampling": bool,
    "reasoning_effort": str,
    "thinking": str,
    "family": str,
    **dict.fromkeys(PLACES, str),
}
_BODY: Mapping[str, tuple[str, ...]] = {
    "reasoning_effort": ("reasoning_effort",),
    "thinking": ("thinking", "type"),
}
"""Where in a request's body an option goes."""
_EXTENDED = frozenset({"top_k", "min_p"})
_ALWAYS = frozenset({"max_tokens", "stop", "logprobs"})


class OpenAIBackend(BatchingBackend):
    """`openai:NAME`, with `base_url` for another server that speaks the protocol; and the presets, such as `groq:NAME`.

    Options: `api: responses` for models that Chat Completions does not serve; `base_url`, a list for several servers that have the
    same model; `api_key_env`, the environment variable that holds the key (none is sent to a server given by its
    address unless this is given); `logprob_kind`, when you know what the server's logprobs are of;
    `extended_sampling: false`, to send nothing but OpenAI's own parameters; `reasoning_effort` and `thinking`, sent as they are;
    `family`, the model behind a deployment's name; `region`, `project` and `location`, where an address has them; and those of
    `RemoteBackend`.
    """

    def __init__(self, *, concurrency: int) -> None:
        super().__init__(concurrency=concurrency)
        self._http = Http()
        self._clients: dict[tuple[str, str], responses.Responses] = {}
        """By model label and address, as is the next."""
        self._prepared: dict[tuple[str, str], tuple[str, dict[str, str], Mapping[str, Any]]] = {}
        """Where to send requests, with which headers, and what every body holds."""
        self._served: dict[str, Preset] = {}
        """By address: the preset of the software that a server of nobody's preset says it is."""

    def capabilities(self, model: ModelSpec) -> Capabilities:
        check_options(model, _OPTIONS)
        self.check_limits(model)
        base_url(model)  # a plan without one is refused like any other that cannot work
        preset = preset_of(model)
        batch = None if len(written_addresses(model.options)) > 1 else preset.batch
        if model.options.get("api", "chat") not in ("chat", "responses"):
            raise UsageError(f"{model.id}: api must be chat or responses")
        if self._by_responses(model):
            can = capabilities_of(model, preset.name, responses.PARAMS)
            return dataclasses.replace(can, seed=False, max_choices=1, batch=batch)
        fields = self._takes(model, preset) | _ALWAYS
        can = capabilities_of(model, preset.name, fields - {"seed"})
        return dataclasses.replace(can, batch=batch)

    @staticmethod
    def _by_responses(model: ModelSpec) -> bool:
        return model.options.get("api") == "responses"

    @staticmethod
    def _takes(model: ModelSpec, preset: Preset) -> frozenset[str]:
        """Return the optional parameters that the server takes."""
        extended = model.options.get("extended_sampling", True)
        return preset.params if extended else preset.params - _EXTENDED

    def _neutral(self, model: ModelSpec) -> Mapping[str, Any]:
        """Return what is sent besides, so that the server's own values for it do not apply."""
        if self._by_responses(model) or not model.options.get("extended_sampling", True):
            return {}
        return self._software(model).neutral

    def _software(self, model: ModelSpec) -> Preset:
        return self._served.get(base_url(model)) or preset_of(model)

    def _key(self, model: ModelSpec) -> tuple[str, str]:
        """Return the key, and the name of the variable it is from; a key never goes to a server it was not meant for."""
        name = key_name(model)
        return (find_key(model, name), name) if name else ("", "")

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        info = await prepared_at_each(model, self._reach)
        urls = [base_url(asked_at(model, url)) for url in written_addresses(model.options)]
        known = [self._served[url] for url in urls if url in self._served]
        if known and all(
            each is known[0] for each in known
        ):  # one that was not reached is taken for like the others
            self._served |= dict.fromkeys(urls, known[0])
        return info

    async def _reach(self, model: ModelSpec) -> ModelInfo:
        """Reach a model at one address."""
        url = base_url(model)
        _, name = self._key(model)
        get = partial(self._get, model)
        found = await reach(model, url, get(f"{url}/models"), key_name=name, hint="; is the server running?")
        its, sizes = listed(found.content, model.name) if found else (None, {})
        if its is not None and preset_of(model).name == "compatible":
            self._served[url], sizes = its, {"software": its.name, **sizes}
        software, sent = self._software(model), self._neutral(model)
        said, also = await ask_props(model, url, get, name) if software.props else (None, {})
        extended = model.options.get("extended_sampling", True) or not software.params & _EXTENDED
        complete = software.complete and extended and sent == software.neutral
        kept = recorded(sent, said, complete=complete, other=UNRELATED)
        ends = shutdown_date_in(found.content, model.name) if found else None
        known = {} if ends is None else {"shutdown_date": ends.isoformat()}
        return ModelInfo(details={"base_url": url, **sizes, **known, **kept, **also})

    async def _get(self, model: ModelSpec, url: str) -> Reply:
        with room_for(0, 0):
            reply = await self._http.get(url, self._headers(model))
        if reply.status != 200:
            raise refusal(reply, url)
        return reply

    def _headers(self, model: ModelSpec) -> dict[str, str]:
        key, _ = self._key(model)
        if not key:
            return {}
        header = preset_of(model).key_header
        return {header: key} if header else {"Authorization": f"Bearer {key}"}

    def params(
        self, model: ModelSpec, sampling: SamplingParams, temperature: float, seed: int | None, choices: int
    ) -> dict[str, Any]:
        if self._by_responses(model):
            return self._with_options(model, responses.lay_out(sampling, temperature))
        preset = preset_of(model)
        optional: dict[str, Any] = {
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "min_p": sampling.min_p,
            "frequency_penalty": sampling.frequency_penalty,
            "presence_penalty": sampling.presence_penalty,
        }
        neutral, takes, off = SamplingParams(), self._takes(model, preset), self._software(model).off
        given = {"temperature": temperature, "max_tokens": sampling.max_tokens}
        given |= {
            name: off.get(name, value) if value == getattr(neutral, name) else value
            for name, value in optional.items()
            if name in takes and not (name in preset.omit_neutral and value == getattr(neutral, name))
        }
        if seed is not None and "seed" in takes:
            given["seed"] = seed
        params: dict[str, Any] = {preset.names.get(name, name): value for name, value in given.items()}
        params |= self._neutral(model)
        if choices > 1:
            params["n"] = choices
        if sampling.stop:
            params["stop"] = list(sampling.stop)
        if sampling.logprobs and preset.logprobs == "chat":
            params |= {"logprobs": True, "top_logprobs": sampling.logprobs}
        elif sampling.logprobs:
            params["logprobs"] = sampling.logprobs
        return self._with_options(model, params)

    def _with_options(self, model: ModelSpec, params: dict[str, Any]) -> dict[str, Any]:
        """Add the model's own options that go into a request."""
        for option, path in _BODY.items():
            if option in model.options:
                if option == "reasoning_effort" and self._by_responses(model):
                    path = ("reasoning", "effort")
                value = model.options[option]
                params[path[0]] = {path[1]: value} if path[1:] else value
        return params

    async def ask(self, model: ModelSpec, messages: Sequence[Message], params: dict[str, Any]) -> Unread:
        at = model.label, str(model.options.get("base_url"))
        if self._by_responses(model):
            key, _ = self._key(model)
            client = self._clients.get(at)
            if client is None:
                client = self._clients[at] = responses.Responses(base_url(model), key)
            try:
                reply = await client.send(model.name, messages, params)
            except RequestError as e:
                raise self._advised(model, e) from e
            return partial(_read, responses.read_response, reply)
        prepared = self._prepared.get(at)
        if prepared is None:
            prepared = self._prepared[at] = (
                f"{base_url(model)}/chat/completions",
                self._headers(model),
                preset_of(model).body,
            )
        url, headers, extra = prepared
        body = _chat_body(model.name, messages, {**params, **extra})
        reply = await self._http.post(url, body, headers)
        if reply.status != 200:
            raise self._advised(model, refusal(reply, url))
        return partial(_read, read_answer, reply)

    def _advised(self, model: ModelSpec, error: RequestError) -> RequestError:
        """Add what may help to an error that comes of how the server is asked."""
        usual = "/v1" in (preset_of(model).base_url or "/v1")
        if error.status == 404 and usual and "/v1" not in urlsplit(base_url(model)).path:
            error.message += (
                f"; servers of this kind are mostly found under /v1: base_url={base_url(model)}/v1"
            )
        elif error.status == 404:
            error.message += f"; check base_url, and whether the server has a model named {model.name!r}"
        elif error.kind == "rejected" and not self._by_responses(model):
            extended = self._takes(model, preset_of(model)) & _EXTENDED
            error.message += way_out({*extended, *self._neutral(model)}, error.message)
        return error

    async def embed(self, model: ModelSpec, texts: Sequence[str]) -> Embeddings:
        """Return a vector for each text, by the server's Embeddings.

        Raises:
            ModelError: The server has none, or none of this model, or cannot be asked.
        """
        url, headers = f"{base_url(model)}/embeddings", self._headers(model)

        async def ask(some: Sequence[str]) -> Sequence[Sequence[float]]:
            body = {"model": model.name, "input": list(some), "encoding_format": "float"}
            reply = await self._http.post(url, body, headers)
            if reply.status != 200:
                raise refusal(reply, url)
            return read_embeddings(reply.content, len(some))

        try:
            return await embed_texts(self._session(model), texts, ask)
        except RequestError as e:
            raise missing_model(model, f"{url} gives no embeddings: {e.message}") from e

    def batch_api(self, model: ModelSpec) -> BatchApi:
        endpoint, body, read = "/v1/chat/completions", _chat_body, read_answer
        if self._by_responses(model):
            endpoint, body, read = "/v1/responses", responses.response_body, responses.read_response
        return OpenAIBatches(
            self._http,
            base_url(model),
            self._headers(model),
            endpoint,
            body=lambda messages, params: body(model.name, messages, params),
            read=read,
        )

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()
        await self._http.close()


def _chat_body(name: str, messages: Sequence[Message], params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "model": name,
        "messages": [{"role": m.role, "content": m.content} for m in messages],
        **params,
    }


def _read(read: Callable[[bytes], Answer], reply: Reply) -> Answer:
    return dataclasses.replace(read(reply.content), quota=quota_of(reply.headers))
