"""Chat Completions, at OpenAI or at any server that speaks its protocol.

Neutral sampling is sent explicitly, because servers have defaults of their own: llama.cpp's `min_p 0.05`, applied before
the temperature, turns a nominal T = 2 into something like 0.86. OpenAI itself refuses parameters it does not know, so the
ones outside its own protocol (`top_k`, `min_p`) go to other servers only.
"""

import os
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tempkit.backends.base import TokenListener, check_options, missing_model
from tempkit.backends.remote import RequestError, fan_out, with_retries
from tempkit.errors import UsageError, one_line
from tempkit.types import (
    Capabilities,
    Completion,
    Failure,
    FinishReason,
    LogprobKind,
    ModelInfo,
    ModelSpec,
    Outcome,
    Sample,
    SamplingParams,
    Sweep,
    TokenLogprob,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAIError
    from openai.types.chat import ChatCompletion
    from openai.types.chat.chat_completion import Choice

__all__ = ["OpenAIBackend"]

_OPTIONS = {
    "base_url": str,
    "api_key_env": str,
    "logprob_kind": str,
    "extended_sampling": bool,
    "timeout_s": int,
}
_OFFICIAL = "https://api.openai.com/v1"
_TIMEOUT_S = 180
_NOT_A_PROBABILITY = -9000.0
"""OpenAI writes -9999 for a token outside the ones it gives logprobs of."""
_FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
}
_STANDARD = frozenset({"max_tokens", "top_p", "frequency_penalty", "presence_penalty", "stop", "logprobs"})
_EXTENDED = frozenset({"top_k", "min_p"})


class OpenAIBackend:
    """`openai:NAME`, with `base_url` for another server that speaks the protocol.

    Options: `base_url`; `api_key_env`, the environment variable that holds the key (OPENAI_API_KEY for OpenAI itself;
    none is sent to another server unless this is given); `logprob_kind`, when you know what the server's logprobs are of;
    `extended_sampling: false`, to send no `top_k` and `min_p`; `timeout_s` per request (180).
    """

    local = False

    def __init__(self, *, concurrency: int) -> None:
        self._concurrency = concurrency
        self._clients: dict[str, AsyncOpenAI] = {}

    def capabilities(self, model: ModelSpec) -> Capabilities:
        options = check_options(model, _OPTIONS)
        official = self._official(model)
        kind: LogprobKind = "raw" if official else "unknown"
        if "logprob_kind" in options:
            if options["logprob_kind"] not in ("raw", "tempered", "unknown"):
                raise UsageError(f"{model.id}: logprob_kind must be raw, tempered or unknown")
            kind = options["logprob_kind"]
        if options.get("timeout_s", 1) < 1:
            raise UsageError(f"{model.id}: timeout_s must be at least 1")
        return Capabilities(
            temperature_max=2.0 if official else None,
            logprob_kind=kind,
            max_logprobs=20 if official else None,
            seed=True,
            params=_STANDARD | _EXTENDED if self._extended(model) else _STANDARD,
        )

    @staticmethod
    def _base_url(model: ModelSpec) -> str:
        return str(model.options.get("base_url") or os.environ.get("OPENAI_BASE_URL") or _OFFICIAL)

    def _official(self, model: ModelSpec) -> bool:
        return urlsplit(self._base_url(model)).hostname == "api.openai.com"

    def _extended(self, model: ModelSpec) -> bool:
        return bool(model.options.get("extended_sampling", not self._official(model)))

    def _key(self, model: ModelSpec) -> str:
        """Find the key. OpenAI's own key must not reach a server that only speaks the same protocol."""
        name = model.options.get("api_key_env")
        if name is None and not model.options.get("base_url"):
            name = "OPENAI_API_KEY"
        if name is None:
            return "none"
        key = os.environ.get(name, "").strip()
        if not key:
            raise missing_model(model, f"no API key; set {name} in the environment")
        return key

    def _client(self, model: ModelSpec) -> "AsyncOpenAI":
        client = self._clients.get(model.label)
        if client is None:
            from openai import AsyncOpenAI

            client = self._clients[model.label] = AsyncOpenAI(
                api_key=self._key(model),
                base_url=self._base_url(model),
                max_retries=0,
                timeout=float(model.options.get("timeout_s", _TIMEOUT_S)),
            )
        return client

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        from openai import APIConnectionError, AuthenticationError, OpenAIError, __version__

        client, url = self._client(model), self._base_url(model)
        try:
            await client.with_options(timeout=15.0).get("/models", cast_to=object)
        except AuthenticationError as e:
            name = model.options.get("api_key_env")
            if name is None and model.options.get("base_url"):
                raise missing_model(
                    model, f"{url} wants a key; name the variable that holds it in api_key_env"
                ) from e
            raise missing_model(
                model, f"{url} refuses the key in {name or 'OPENAI_API_KEY'}; check it"
            ) from e
        except APIConnectionError as e:
            cause = one_line(e.__cause__ or e)
            raise missing_model(model, f"cannot reach {url}: {cause}; is the server running?") from e
        except OpenAIError:
            pass  # a server need not list its models, and a key need not be allowed to: the requests will tell
        return ModelInfo(details={"engine": f"openai {__version__}", "base_url": url})

    async def run(self, sweeps: Sequence[Sweep], on_tokens: TokenListener) -> AsyncGenerator[Outcome, None]:
        jobs = ((sweep, sample) for sweep in sweeps for sample in sweep.samples)

        async def do(job: tuple[Sweep, Sample]) -> Outcome:
            outcome = await self._sample(*job)
            if isinstance(outcome, Completion):
                on_tokens(
                    job[0].model.label, job[1].temperature, outcome.output_tokens or len(outcome.tokens)
                )
            return outcome

        async with aclosing(fan_out(jobs, do, self._concurrency)) as outcomes:
            async for outcome in outcomes:
                yield outcome

    async def _sample(self, sweep: Sweep, sample: Sample) -> Outcome:
        params = self._params(sweep.model, sweep.sampling, sample)
        extra = {name: params[name] for name in _EXTENDED if name in params}
        standard = {name: value for name, value in params.items() if name not in extra}
        messages: Any = [{"role": m.role, "content": m.content} for m in sweep.item.messages]
        client = self._client(sweep.model)
        started = 0.0

        async def attempt() -> "ChatCompletion":
            from openai import OpenAIError

            nonlocal started
            started = time.perf_counter()
            try:
                response: ChatCompletion = await client.chat.completions.create(
                    model=sweep.model.name, messages=messages, extra_body=extra or None, **standard
                )
            except OpenAIError as e:
                raise _request_error(e, client.api_key) from e
            except ValueError as e:  # not JSON at all
                raise RequestError("bad_answer", f"the answer is not JSON: {one_line(e)}") from e
            if not getattr(response, "choices", None):
                raise RequestError("bad_answer", f"the answer has no choices: {one_line(response, 120)}")
            return response

        try:
            response, attempts = await with_retries(attempt)
        except RequestError as e:
            return Failure(
                key=sweep.key(sample),
                kind=e.kind,
                message=e.message,
                attempts=e.attempts,
                seed=sample.seed,
                temperature_sent=sample.temperature,
            )
        choice, usage = response.choices[0], response.usage
        tokens = _tokens(choice)
        return Completion(
            key=sweep.key(sample),
            seed=sample.seed,
            text=choice.message.content or "",
            finish_reason=_FINISH.get(choice.finish_reason, "unknown"),
            temperature_sent=sample.temperature,
            params=params,
            tokens=tokens,
            logprob_kind=self.capabilities(sweep.model).logprob_kind if tokens else "none",
            input_tokens=usage.prompt_tokens if usage else None,
            output_tokens=usage.completion_tokens if usage else None,
            latency_s=time.perf_counter() - started,
            response_model=response.model,
            fingerprint=response.system_fingerprint,
            attempts=attempts,
        )

    def _params(self, model: ModelSpec, sampling: SamplingParams, sample: Sample) -> dict[str, Any]:
        """Lay out every parameter of a request; an option that is not set is left out, a zero is not."""
        params: dict[str, Any] = {
            "temperature": sample.temperature,
            "top_p": sampling.top_p,
            "frequency_penalty": sampling.frequency_penalty,
            "presence_penalty": sampling.presence_penalty,
            "seed": sample.seed,
            ("max_completion_tokens" if self._official(model) else "max_tokens"): sampling.max_tokens,
        }
        if sampling.stop:
            params["stop"] = list(sampling.stop)
        if sampling.logprobs:
            params["logprobs"] = True
            params["top_logprobs"] = sampling.logprobs
        if self._extended(model):
            params["top_k"] = sampling.top_k
            params["min_p"] = sampling.min_p
        return params

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()
        self._clients.clear()


def _request_error(error: "OpenAIError", key: str) -> RequestError:
    """Sort an SDK error into tempkit's kinds; the server's words are kept, the key is not."""
    from openai import APIConnectionError, APIResponseValidationError, APIStatusError, APITimeoutError

    message = one_line(error).replace(key, "[key]") if len(key) > 4 else one_line(error)
    if isinstance(error, APITimeoutError):
        return RequestError("timeout", "no answer in time")
    if isinstance(error, APIConnectionError):
        return RequestError("connection", one_line(error.__cause__ or error))
    if isinstance(error, APIStatusError):
        status, code = error.status_code, str(getattr(error, "code", "") or "")
        if status in (401, 403):
            return RequestError("auth", message)
        if status == 429:
            return RequestError(
                "rate_limit", message, _retry_after(error.response.headers.get("retry-after"))
            )
        if status >= 500 or status == 408:
            return RequestError("server", message, _retry_after(error.response.headers.get("retry-after")))
        return RequestError("context_length" if "context" in code else "rejected", message)
    if isinstance(error, APIResponseValidationError):
        return RequestError("bad_answer", message)
    return RequestError("bad_answer", message)


def _retry_after(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:  # a date: rare, and our own delays do
        return None


def _tokens(choice: "Choice") -> tuple[TokenLogprob, ...]:
    content = choice.logprobs.content if choice.logprobs else None
    tokens = []
    for entry in content or ():
        if not entry.token:  # llama.cpp's server lists the end-of-text token too, with no text
            continue
        top = tuple((t.token, t.logprob) for t in entry.top_logprobs or () if t.logprob > _NOT_A_PROBABILITY)
        ranks = [i for i, (text, _) in enumerate(top) if text == entry.token]
        tokens.append(
            TokenLogprob(
                text=entry.token,
                logprob=entry.logprob if entry.logprob > _NOT_A_PROBABILITY else None,
                rank=ranks[0] if ranks else None,
                top=top,
            )
        )
    return tuple(tokens)
