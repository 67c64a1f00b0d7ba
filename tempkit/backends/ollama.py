"""Ollama's own API, which unlike its OpenAI one takes every sampling parameter and returns raw logprobs.

Everything is sent explicitly: a model's Modelfile has sampling parameters of its own, and Ollama repeats tokens less
(`repeat_penalty 1.1`) unless it is asked not to. What the Modelfile says is recorded with the run.
"""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tempkit.backends.capabilities import capabilities_of
from tempkit.backends.protocol import check_address, check_options, missing_model
from tempkit.backends.remote import Answer, Http, RemoteBackend, Reply, RequestError, reach, refusal
from tempkit.backends.remote.choices import answer_of, choose
from tempkit.backends.remote.content_parts import count, said, thoughts
from tempkit.backends.remote.decoding import decode
from tempkit.backends.remote.endpoints import ADDRESSES
from tempkit.backends.remote.errors_in_answers import error_in, no_answer
from tempkit.backends.remote.fleet_preparing import prepared_at_each
from tempkit.backends.remote.logprobs import Token
from tempkit.backends.remote.server_defaults import recorded
from tempkit.backends.remote.size_limits import room_for
from tempkit.backends.urls import written_addresses
from tempkit.errors import ModelError, one_line
from tempkit.types import Capabilities, Message, ModelInfo, ModelSpec, SamplingParams

__all__ = ["OllamaBackend"]

_OPTIONS = {**RemoteBackend.options, "base_url": ADDRESSES, "think": bool, "num_ctx": int}
_PARAMS = frozenset(
    {"max_tokens", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "stop", "logprobs"}
)
_PORT = "11434"
_LISTENING = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  (these are asked nowhere)
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,17})?", re.ASCII)
_WHOLE = {"truncate": False, "shift": False}
"""A prompt that is too long is refused, and an answer that finds no more room ends: else the prompt's beginning is dropped, and
nothing says so."""

_NEUTRAL: Mapping[str, Any] = {
    "repeat_penalty": 1.0,
    "repeat_last_n": 64,
    "typical_p": 1.0,
    "mirostat": 0,
    "tfs_z": 1.0,
}
"""Options that a Modelfile may set and no plan does, at the values that do nothing; the window of the penalties is Ollama's own
default, for plans that set one. Ollamas since 2025 know neither `mirostat` nor `tfs_z`, and pass them over."""
_UNRELATED = frozenset(
    {
        "main_gpu",
        "num_batch",
        "num_ctx",
        "num_gpu",
        "num_gqa",
        "num_keep",
        "num_predict",
        "num_thread",
        "seed",
    }
)
"""Numbers in a Modelfile that are not about how tokens are drawn."""


class _Message(msgspec.Struct):
    content: Any = None
    thinking: Any = None


class _Body(msgspec.Struct):
    message: _Message | None = None
    model: str | None = None
    done: Any = False
    done_reason: Any = None
    prompt_eval_count: Any = None
    eval_count: Any = None
    logprobs: list[Token] | None = None
    error: Any = None


class _Model(msgspec.Struct):
    name: str = ""
    digest: str | None = None
    details: dict[str, Any] | None = None


class _Models(msgspec.Struct):
    models: list[_Model] | None = None


class _Shown(msgspec.Struct):
    parameters: str | None = None


_decoder = msgspec.json.Decoder(_Body)
_models_decoder = msgspec.json.Decoder(_Models)
_shown_decoder = msgspec.json.Decoder(_Shown)


class OllamaBackend(RemoteBackend):
    """`ollama:NAME`. Options: `base_url` (OLLAMA_HOST, else http://localhost:11434); `think`; `num_ctx`."""

    def __init__(self, *, concurrency: int) -> None:
        super().__init__(concurrency=concurrency)
        self._http = Http()
        self._digests: dict[tuple[str, str], tuple[ModelSpec, str]] = {}
        """By model label and address: the model, and the digest of its files when it was reached."""

    def capabilities(self, model: ModelSpec) -> Capabilities:
        check_options(model, _OPTIONS)
        _base_url(model)
        self.check_limits(model)
        return capabilities_of(model, "ollama", _PARAMS)

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        return await prepared_at_each(model, self._reach)

    async def _reach(self, model: ModelSpec) -> ModelInfo:
        """Reach a model at one address."""
        url = _base_url(model)
        known = await self._listed(model, url)
        if known.digest:
            self._digests[model.label, url] = model, known.digest
        shown = await reach(model, url, self._show(model, url))
        kept = recorded(
            _NEUTRAL, modelfile(shown.content) if shown else None, complete=True, other=_UNRELATED
        )
        return ModelInfo(
            digest=f"sha256:{known.digest}" if known.digest else None,
            details={"engine": "ollama", "base_url": url, **(known.details or {}), **kept},
        )

    async def _listed(self, model: ModelSpec, url: str) -> _Model:
        """Return what Ollama's list says of a model.

        Raises:
            ModelError: It is not there, or nothing that answers as Ollama does.
        """
        reply = await reach(model, url, self._http.get(f"{url}/api/tags"), hint="; is Ollama running?")
        try:
            found = decode(_models_decoder, reply.content if reply else b"", "a list of models").models or []
        except RequestError as e:
            raise missing_model(model, f"{url} does not answer as Ollama does; check base_url") from e
        names = {m.name: m for m in found}
        # A name without a tag means the tag `latest`.
        known = names.get(model.name) or names.get(f"{model.name}:latest")
        if known is None:
            raise missing_model(model, f"Ollama at {url} has no such model; try: ollama pull {model.name}")
        return known

    async def remarks(self) -> list[str]:
        """Return besides which models have other files now than when they were reached: `ollama pull` changes them under their names."""
        said = await super().remarks()
        for (label, url), (model, before) in self._digests.items():
            try:
                now = (await self._listed(model, url)).digest
            except ModelError as e:
                said.append(
                    f"warning: {label}: whether its files changed in the run is not known: {one_line(e, 200)}"
                )
                continue
            if now != before:
                files = f"had the digest {before[:12]} at the beginning and have {(now or 'none')[:12]} now"
                said.append(
                    f"warning: {label} changed during the run: its files at {url} {files}, so that two models may have answered; "
                    "begin a new run"
                )
        return said

    async def _show(self, model: ModelSpec, url: str) -> Reply:
        with room_for(0, 0):
            reply = await self._http.post(f"{url}/api/show", {"model": model.name})
        if reply.status != 200:
            raise refusal(reply, f"{url}/api/show")
        return reply

    def params(
        self,
        model: ModelSpec,
        sampling: SamplingParams,
        temperature: float,
        seed: int | None,
        choices: int,  # noqa: ARG002  (it gives one at a time)
    ) -> dict[str, Any]:
        params: dict[str, Any] = {
            "temperature": temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "min_p": sampling.min_p,
            "frequency_penalty": sampling.frequency_penalty,
            "presence_penalty": sampling.presence_penalty,
            **_NEUTRAL,
            "num_predict": sampling.max_tokens,
        }
        if seed is not None:
            params["seed"] = seed
        if sampling.stop:
            params["stop"] = list(sampling.stop)
        if sampling.logprobs:
            params |= {"logprobs": True, "top_logprobs": sampling.logprobs}
        params |= {name: model.options[name] for name in ("num_ctx", "think") if name in model.options}
        return params

    async def ask(self, model: ModelSpec, messages: Sequence[Message], params: dict[str, Any]) -> Answer:
        outside: dict[str, Any] = {
            name: params[name] for name in ("logprobs", "top_logprobs", "think") if name in params
        }
        body: dict[str, Any] = {
            "model": model.name,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "stream": False,
            **_WHOLE,
            "options": {name: value for name, value in params.items() if name not in outside},
            **outside,
        }
        reply = await self._http.post(f"{_base_url(model)}/api/chat", body)
        if reply.status != 200:
            raise refusal(reply, f"{_base_url(model)}/api/chat")
        return read_chat(reply.content, num_ctx=params.get("num_ctx"))

    async def close(self) -> None:
        await self._http.close()


def read_chat(content: bytes, num_ctx: int | None = None) -> Answer:
    """Read an answer's body.

    Args:
        content: The body.
        num_ctx: How many tokens the model has room for, where it was asked for as many.

    Raises:
        RequestError: It is not what was asked for.
    """
    body = decode(_decoder, content, "an answer of Ollama's")
    if body.error and (error := error_in(body.error)) is not None:
        raise error
    if body.message is None:
        raise no_answer(content, "message")
    if body.done is not True:
        raise RequestError("bad_answer", "the answer is incomplete")
    asked = count(body.prompt_eval_count)
    if num_ctx is not None and asked is not None and asked >= num_ctx:
        # An Ollama that knows no `truncate` has cut it to what there is room for.
        raise RequestError(
            "context_length",
            f"the prompt filled all of num_ctx {num_ctx}, so it may have been cut; raise num_ctx",
        )
    words = said(body.message.content)
    if body.message.thinking and (found := thoughts(body.message.thinking)) is not None:
        words.thinking.append(found)
    choice = choose(words, body.done_reason, tokens=body.logprobs or (), always_ended=False)
    return answer_of((choice,), asked=asked, answered=body.eval_count, model=body.model)


def modelfile(content: bytes) -> dict[str, float]:
    """Return the numbers among a model's parameters, as /api/show writes them: one a line, the name before the value."""
    try:
        text = decode(_shown_decoder, content, "what Ollama shows of a model").parameters or ""
    except RequestError:  # what it shows is told to nobody but the run, and no request needs it
        return {}
    found = {}
    for name, value in (line.split(maxsplit=1) for line in text.splitlines() if len(line.split()) > 1):
        if _NUMBER.fullmatch(value.strip()):
            found[name] = float(value)
    return found


def _base_url(model: ModelSpec) -> str:
    if given := written_addresses(model.options):
        first, *_ = [check_address(model, each, "base_url") for each in given]
        return first
    return check_address(
        model, _as_ollama_reads(os.environ.get("OLLAMA_HOST", "").strip() or "localhost"), "OLLAMA_HOST"
    )


def _as_ollama_reads(host: str) -> str:
    """Return the address that OLLAMA_HOST means, as Ollama itself reads it.

    A port that is not said is 11434, unless a scheme is; and an address to listen at, such as 0.0.0.0, is asked at this machine's own.
    """
    scheme, is_said, rest = host.strip().strip("'\"").rpartition("://")
    place, slash, path = rest.partition("/")
    if place.count(":") > 1 and not place.startswith("["):  # an IPv6 address by itself
        place = f"[{place}]"
    name, colon, port = place.rpartition(":")
    if not colon or place.endswith("]"):
        name, port = place, {"http": "80", "https": "443"}.get(scheme, _PORT) if is_said else _PORT
    name = _LISTENING.get(name, name)
    return f"{scheme or 'http'}://{name}:{port}{slash}{path}".rstrip("/")
