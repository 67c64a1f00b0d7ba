"""Why an answer ended, by every name that a provider or server has for it."""

import re
from typing import Literal

from tempkit.types import FinishReason

__all__ = ["End", "end_of"]

End = FinishReason | Literal["error"]
"""`error`: it broke off, so there is no answer."""

_NAMES: dict[End, tuple[str, ...]] = {
    "stop": (
        *("stop", "stopped", "end", "eos", "eos_token", "eos_found", "eot", "end_of_text", "endoftext"),  # most servers
        *("stop_sequence", "stop_sequence_reached", "stop_string", "stop_string_found", "stop_criteria_met", "word"),
        *("end_turn", "end_of_turn", "im_end"),  # Anthropic, Bedrock
        *("complete", "completed", "finish", "finished", "normal"),  # Cohere, Responses, Titan, ERNIE
    ),
    "length": (
        *("length", "length_limit", "limit", "max_length", "model_length", "context_length", "context_length_reached"),
        *("max_tokens", "max_token", "max_new_tokens", "max_output_tokens", "max_completion_tokens", "maximum_tokens"),
        *("token_limit", "token_limit_reached", "max_predicted_tokens_reached", "max_tokens_reached"),
        *("model_context_window_exceeded", "error_limit"),  # Anthropic and GLM; Cohere, whose model had no room left
        "continuation",  # Gemini: cut, to be gone on with
    ),
    "content_filter": (
        *("content_filter", "content_filtered", "content_filter_error", "filtered", "filter", "blocked", "moderation"),
        *("safety", "recitation", "blocklist", "prohibited_content", "spii", "model_armor", "image_safety"),  # Gemini
        *("sensitive", "guardrail_intervened", "guardrails", "error_toxic", "toxic"),  # GLM, Bedrock, Cohere
    ),
    "refusal": ("refusal", "refused", "refuse"),
    "tool_calls": ("tool_calls", "tool_call", "tool_use", "function_call", "function_calls", "unexpected_tool_call"),
    "error": (
        *("error", "errored", "failed", "failure", "internal_error", "server_error", "network_error", "exception"),
        *("abort", "aborted", "cancel", "cancelled", "canceled", "user_cancel", "user_stopped", "interrupted"),
        *("timeout", "timed_out", "time_limit", "insufficient_system_resource", "model_unloaded", "not_finished"),
        *("load", "unload"),  # Ollama: the model was loaded or unloaded, and asked nothing
    ),
}  # fmt: skip
"""What is in none of them is `unknown`, and so not taken for complete."""

_TABLE: dict[str, End] = {name: end for end, names in _NAMES.items() for name in names}
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PREFIX = re.compile(r"\A(?:finish_?reason|stop_?reason|reason)[._ ]+")
_LONGEST = 64


def end_of(*names: object) -> End:
    """Return what the first of some names that is known means; `unknown` too where none is said, since a server is to say it."""
    for name in names:
        if isinstance(name, str) and len(name) <= _LONGEST:
            end = _TABLE.get(name)
            if end is None:
                end = _TABLE.get(_plain(name))
            if end is not None:
                return end
    return "unknown"


def _plain(name: str) -> str:
    """Return a name in small letters with underscores, whatever its maker's style."""
    spelled = re.sub(r"[\s\-]+", "_", _HUMP.sub("_", name.strip().strip("<|>"))).lower()
    return _PREFIX.sub("", spelled)
