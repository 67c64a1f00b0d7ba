"""Ollama's own API, which unlike its OpenAI one takes every sampling parameter and returns raw logprobs.

Everything is sent explicitly: a model's Modelfile has sampling parameters of its own, and Ollama repeats tokens less
(`repeat_penalty 1.1`) unless told not to.
"""

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from tempkit.backends.base import check_address, check_options, missing_model
from tempkit.backends.capabilities import capabilities_of
from tempkit.backends.remote import Answer, Choice, Http, RemoteBackend, RequestError, reach, status_error
from tempkit.backends.remote.logprobs import Token, read_tokens
from tempkit.errors import one_line
from tempkit.types import Capabilities, FinishReason, Message, ModelInfo, ModelSpec, SamplingParams

__all__ = ["OllamaBackend"]

_OPTIONS = {**RemoteBackend.options, "base_url": str, "think": bool, "num_ctx": int}
_PARAMS = frozenset(
    {"max_tokens", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "stop", "logprobs"}
)
_FINISH: dict[str, FinishReason] = {"stop": "stop", "length": "length"}


class _Message(msgspec.Struct):
    content: str = ""


class _Body(msgspec.Struct):
    message: _Message | None = None
    model: str | None = None
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    logprobs: list[Token] | None = None


class _Model(msgspec.Struct):
    name: str = ""
    digest: str | None = None
    details: dict[str, Any] | None = None


class _Models(msgspec.Struct):
    models: list[_Model] | None = None


_decoder = msgspec.json.Decoder(_Body)
_models_decoder = msgspec.json.Decoder(_Models)


class OllamaBackend(RemoteBackend):
    """`ollama:NAME`. Options: `base_url` (OLLAMA_HOST, else http://localhost:11434); `think`; `num_ctx`."""

    def __init__(self, *, concurrency: int) -> None:
        super().__init__(concurrency=concurrency)
        self._http = Http()

    def capabilities(self, model: ModelSpec) -> Capabilities:
        check_options(model, _OPTIONS)
        self.check_limits(model)
        return capabilities_of(model, "ollama", _PARAMS)

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        url = _base_url(model)
        reply = await reach(model, url, self._http.get(f"{url}/api/tags"), hint="; is Ollama running?")
        try:
            found = _models_decoder.decode(reply.content if reply else b"").models or []
        except msgspec.DecodeError as e:
            raise missing_model(model, f"{url} does not answer as Ollama does; check base_url") from e
        names = {m.name: m for m in found}
        # A name without a tag means the tag `latest`.
        known = names.get(model.name) or names.get(f"{model.name}:latest")
        if known is None:
            raise missing_model(model, f"Ollama at {url} has no such model; try: ollama pull {model.name}")
        return ModelInfo(
            digest=f"sha256:{known.digest}" if known.digest else None,
            details={"engine": "ollama", "base_url": url, **(known.details or {})},
        )

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
            "repeat_penalty": 1.0,
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
            "options": {name: value for name, value in params.items() if name not in outside},
            **outside,
        }
        reply = await self._http.post(f"{_base_url(model)}/api/chat", body)
        if reply.status != 200:
            raise status_error(reply.status, reply.headers, reply.json(), one_line(reply.content, 200))
        try:
            answer = _decoder.decode(reply.content)
        except msgspec.DecodeError as e:
            raise RequestError("bad_answer", f"not an answer of Ollama's: {one_line(e, 120)}") from e
        if answer.message is None or not answer.done:
            raise RequestError("bad_answer", "the answer is not whole")
        choice = Choice(
            text=answer.message.content,
            finish_reason=_FINISH.get(answer.done_reason or "", "unknown"),
            tokens=read_tokens(answer.logprobs or ()),
        )
        return Answer(
            choices=(choice,),
            input_tokens=answer.prompt_eval_count,
            output_tokens=answer.eval_count,
            response_model=answer.model,
        )

    async def close(self) -> None:
        await self._http.close()


def _base_url(model: ModelSpec) -> str:
    url = str(model.options.get("base_url") or os.environ.get("OLLAMA_HOST", "").strip() or "localhost:11434")
    if "://" not in url:
        url = f"http://{url}"
    return check_address(model, url, "base_url" if model.options.get("base_url") else "OLLAMA_HOST")
