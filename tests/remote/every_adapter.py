"""Every adapter to another machine, for faults that must be treated alike by all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from servers.deciding import Asked, Deciding, Given

from tempkit.planning.experiment import parse_model
from tempkit.testing import make_sweeps, run_all
from tempkit.types import Completion, Failure, ModelSpec, Outcome, SamplingParams

__all__ = ["ADAPTERS", "EVERY", "Adapter", "answered", "failed", "sweep"]


@dataclass(frozen=True)
class Adapter:
    """One adapter, and how its servers write."""

    name: str
    model: str
    path: str
    """What stands behind a server's address in `base_url`."""
    said: Callable[[str], Any]
    """The body of an answer."""
    temperature: Callable[[Any], float]
    """Reads a request's body."""
    options: str = ""
    module: str = ""
    """Where the adapter's class is, and its name."""
    kind: str = ""
    lists: Any = None
    takes_key: bool = True

    def spec(self, url: str, **options: Any) -> ModelSpec:
        return parse_model(self.typed(url), options=options)

    def typed(self, url: str) -> str:
        """As it is typed on the command line."""
        return f"{self.model},base_url={url}{self.path}{self.options}"

    def serve(self, decide: Callable[[Asked], Given]) -> Deciding:
        """A server of this kind, whose answers but for lists are decided."""
        return Deciding(lambda asked: Given(self.lists or {"data": []}) if asked.lists else decide(asked))

    def ok(self, text: str = "hello") -> Given:
        return Given(self.said(text))


def _token(text: str) -> dict[str, Any]:
    return {"token": text, "logprob": -0.5, "bytes": None, "top_logprobs": [{"token": text, "logprob": -0.5}]}


ADAPTERS = (
    Adapter(
        "chat",
        "openai:m",
        "/v1",
        lambda text: {
            "model": "served",
            "system_fingerprint": "fp",
            "choices": [
                {
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "stop",
                    "logprobs": {"content": [_token(text)]},
                }
            ],
            "usage": {"prompt_tokens": 5, "completion_tokens": 1},
        },
        lambda body: body["temperature"],
        module="tempkit.backends.openai.chat_completions",
        kind="OpenAIBackend",
    ),
    Adapter(
        "responses",
        "openai:gpt-5.4-mini",
        "/v1",
        lambda text: {
            "id": "r",
            "object": "response",
            "status": "completed",
            "model": "served",
            "output": [
                {
                    "type": "message",
                    "content": [{"type": "output_text", "text": text, "logprobs": [_token(text)]}],
                }
            ],
            "usage": {"input_tokens": 5, "output_tokens": 1},
        },
        lambda body: body["temperature"],
        options=",api=responses",
        module="tempkit.backends.openai.chat_completions",
        kind="OpenAIBackend",
    ),
    Adapter(
        "anthropic",
        "anthropic:claude-3-5-haiku",
        "",
        lambda text: {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "model": "served",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 5, "output_tokens": 1},
        },
        lambda body: body["temperature"],
        module="tempkit.backends.anthropic",
        kind="AnthropicBackend",
    ),
    Adapter(
        "google",
        "google:gemini-2.5-flash-lite",
        "",
        lambda text: {
            "candidates": [
                {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP", "index": 0}
            ],
            "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 1},
            "modelVersion": "served",
        },
        lambda body: body["generationConfig"]["temperature"],
        module="tempkit.backends.google",
        kind="GoogleBackend",
    ),
    Adapter(
        "ollama",
        "ollama:m",
        "",
        lambda text: {
            "model": "served",
            "message": {"role": "assistant", "content": text},
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": 5,
            "eval_count": 1,
        },
        lambda body: body["options"]["temperature"],
        module="tempkit.backends.ollama",
        kind="OllamaBackend",
        lists={"models": [{"name": "m:latest"}]},
        takes_key=False,
    ),
)

EVERY = pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)


def sweep(
    adapter: Adapter,
    server: Deciding,
    questions: tuple[str, ...],
    temperatures: tuple[float, ...] = (0.0, 0.5, 1.0),
    repeat: int = 2,
    **options: Any,
) -> list[Outcome]:
    """Ask every question at every temperature, and return how each sample ended."""
    model = adapter.spec(server.url, seeds=True, **options)
    sampling = SamplingParams(logprobs=0, max_tokens=16)
    return run_all(make_sweeps(model, sampling, temperatures, repeat, questions))[0]


def answered(outcomes: list[Outcome]) -> list[Completion]:
    return [o for o in outcomes if isinstance(o, Completion)]


def failed(outcomes: list[Outcome]) -> list[Failure]:
    return [o for o in outcomes if isinstance(o, Failure)]
