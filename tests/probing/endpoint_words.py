"""How providers refuse, word for word where it is known (November 2026): a status and a body for each."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["ABOVE", "BOTH", "REJECTIONS", "Refusal", "too_many_logprobs", "unknown_parameter"]

Refusal = tuple[int, Mapping[str, Any]]
"""A status and the body's JSON."""


def _openai(message: str, param: str | None = None, code: str | None = None) -> Refusal:
    return 400, {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def _anthropic(message: str) -> Refusal:
    error = {"type": "invalid_request_error", "message": message}
    return 400, {"type": "error", "error": error, "request_id": "req_011"}


def _bedrock(message: str) -> Refusal:
    return 400, {"__type": "ValidationException", "message": message}


REJECTIONS: Mapping[str, Callable[[float], Refusal]] = {
    "openai-chat": lambda t: _openai(
        f"Unsupported value: 'temperature' does not support {t:g} with this model. Only the default (1) value is supported.",
        "temperature",
        "unsupported_value",
    ),
    "openai-responses": lambda _: _openai(
        "Unsupported parameter: 'temperature' is not supported with this model.", "temperature"
    ),
    "anthropic": lambda _: _anthropic("`temperature` is deprecated for this model."),
    "search-preview": lambda _: _openai("Model incompatible request argument supplied: temperature"),
    "bedrock": lambda _: _bedrock(
        "The model returned the following errors: `temperature` is deprecated for this model."
    ),
    "tgi": lambda _: (
        422,
        {
            "error": "Input validation error: `temperature` must be strictly positive",
            "error_type": "validation",
        },
    ),
}
"""Of a temperature that a model does not take."""

ABOVE: Mapping[str, Callable[[float, float], Refusal]] = {
    "openai": lambda t, most: _openai(
        f"Invalid 'temperature': decimal above maximum value. Expected a value <= {most:g}, but got {t:g} instead.",
        "temperature",
        "decimal_above_max_value",
    ),
    "anthropic": lambda _, most: _anthropic(f"temperature: range: 0..{most:g}"),
    "bedrock": lambda t, most: _bedrock(
        f"Value '{t:g}' at 'inferenceConfig.temperature' failed to satisfy constraint: "
        f"Member must have value less than or equal to {most:g}"
    ),
}
"""Of a temperature above the largest."""

BOTH = _anthropic("temperature and top_p cannot both be specified for this model. Please use only one.")


def unknown_parameter(name: str) -> Refusal:
    """Return OpenAI's answer to a parameter that it does not know."""
    return _openai(f"Unknown parameter: '{name}'.", name, "unknown_parameter")


def too_many_logprobs(asked: int, most: int) -> Refusal:
    """Return OpenAI's answer to a request for more alternatives than there are."""
    return _openai(
        f"Invalid value for 'top_logprobs': integer above maximum value. Expected a value <= {most}, but got {asked} instead.",
        "top_logprobs",
        "integer_above_max_value",
    )
