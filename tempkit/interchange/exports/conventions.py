"""From what was sent to OpenTelemetry's names for it.

Each provider has its own name for the same parameter. What a request left out is left out here too, so that
nobody takes tempkit's own setting for what a model was told.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tempkit.store import IMPORTED
from tempkit.types import Message, ModelSpec

__all__ = ["messages", "operation", "provider", "request"]

_PROVIDERS = {
    "azure": "azure.ai.openai",
    "google": "gcp.gemini",
    "mistral": "mistral_ai",
    "xai": "x_ai",
}
"""Backends whose name in the conventions is another one; the others' is their own."""

_API_NAMES: Mapping[str, tuple[str, ...]] = {
    "max_tokens": (
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
        "maxOutputTokens",
        "num_predict",
    ),
    "top_p": ("top_p", "topP"),
    "top_k": ("top_k", "topK"),
    "frequency_penalty": ("frequency_penalty", "frequencyPenalty"),
    "presence_penalty": ("presence_penalty", "presencePenalty"),
    "choice.count": ("n", "candidateCount"),
    "stop_sequences": ("stop", "stop_sequences", "stopSequences"),
}


def provider(model: ModelSpec) -> str:
    """Return who is asked, in the conventions' word where they have one."""
    return _PROVIDERS.get(model.backend, model.backend)


def operation(model: ModelSpec) -> str | None:
    """Return what a model is asked for, in the conventions' word; None for what was asked elsewhere."""
    if model.backend == IMPORTED:
        return None
    return "generate_content" if model.backend == "google" else "chat"


def request(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return `gen_ai.request.*` for the parameters that were sent, under the providers' names."""
    return {
        f"gen_ai.request.{field}": next((params[name] for name in api_names if name in params), None)
        for field, api_names in _API_NAMES.items()
    }


def messages(sent: Iterable[Message]) -> list[dict[str, Any]]:
    """Return a conversation in the conventions' form."""
    return [
        {"role": message.role, "parts": [{"type": "text", "content": message.content}]} for message in sent
    ]
