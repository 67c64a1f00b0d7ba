"""An error that came with the status of a success: beside the answer, in it, or in its place."""

from collections.abc import Mapping
from typing import Any

from tempkit.backends.remote.adapter_types import RequestError
from tempkit.backends.remote.decoding import excerpt, loose
from tempkit.backends.remote.http_errors import status_error

__all__ = ["broken_off", "error_in", "no_answer"]

_SUCCESS = frozenset({"", "0", "200", "ok", "success", "none", "null"})
_WORDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (402, ("billing", "payment", "insufficient_balance", "credit")),
    (429, ("rate_limit", "ratelimit", "too_many", "throttl", "resource_exhausted", "quota")),
    (503, ("overload", "unavailable", "capacity", "busy", "loading")),
    (504, ("timeout", "timed_out", "deadline")),
    (401, ("authentication", "unauthenticated", "unauthorized", "invalid_api_key", "api_key_invalid")),
    (403, ("permission", "forbidden")),
    (404, ("not_found", "notfound")),
    (413, ("too_large",)),
    (500, ("server", "internal", "api_error", "upstream", "provider", "engine", "network", "connection")),
    (
        400,
        ("invalid", "bad_request", "badrequest", "unsupported", "context_length", "exceed_context", "too_long", "policy",
         "content_filter", "moderation", "failed_precondition", "out_of_range"),
    ),
)  # fmt: skip
"""Parts of an error's code or type, with the status that such an error has when it comes by itself; else 500."""

_SENTENCES: tuple[tuple[int, tuple[str, ...]], ...] = (
    (429, ("rate limit", "too many requests")),
    (400, ("context length", "context size", "maximum context", "prompt is too long")),
)
"""Parts of what is said of an error that has no code that is known."""

_LEVELS = 4
"""How deep an error may lie in others."""


def error_in(*errors: object) -> RequestError | None:
    """Return what the first error among some fields means, None where none holds one.

    Args:
        errors: Fields where errors are put. Nothing, and a code that means success, is no error.
    """
    for error in errors:
        if error and not _is_success(error):
            return _sorted(error)
    return None


def broken_off(name: object) -> RequestError:
    """Return the error of an answer that says of itself that it ended in one, and not in which."""
    return RequestError("server", f"the answer ended in an error: {excerpt(name, 80)}")


def no_answer(content: bytes | str, missing: str) -> RequestError:
    """Return why a body holds no answer: the error that it is, or just that something is missing.

    Args:
        content: The body.
        missing: What it would hold if it were an answer.
    """
    try:
        body = loose(content)
    except ValueError:
        body = None
    if isinstance(body, dict):
        named = [body.get(name) for name in ("error", "errors")]
        itself = (
            [body] if body.get("type") == "error" or body.get("object") == "error" or _status(body) else []
        )
        if (error := error_in(*named, *itself)) is not None:
            return error
        said = next(
            (body[name] for name in ("message", "detail", "msg") if isinstance(body.get(name), str)), ""
        )
        if said:
            return RequestError("bad_answer", f"the answer has no {missing}: {excerpt(said, 200)}")
    return RequestError("bad_answer", f"the answer has no {missing}")


def _is_success(error: object) -> bool:
    if not isinstance(error, Mapping):
        return False
    if not any(error.values()):
        return True
    code = error.get("code", error.get("status"))
    return code is not None and str(code).lower() in _SUCCESS and not isinstance(code, bool)


def _sorted(error: object) -> RequestError:
    inner: Any = error
    for _ in range(_LEVELS):
        if isinstance(inner, list) and inner:
            inner = inner[0]
        elif isinstance(inner, Mapping) and isinstance(inner.get("error"), Mapping | list):
            inner = inner["error"]
        else:
            break
    status = _status(inner) or _by_words(inner)
    found = status_error(status, {}, {"error": inner if isinstance(inner, Mapping) else excerpt(inner, 300)})
    said = found.message.removeprefix(f"HTTP {status}: ")
    found.message = f"an error came in the place of an answer: {said}"
    return found


def _status(error: object) -> int | None:
    """Return the HTTP status that an error names."""
    if isinstance(error, Mapping):
        for name in ("code", "status", "status_code", "statusCode", "http_status"):
            value = error.get(name)
            text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
            if len(text) == 3 and text.isdecimal() and text.isascii() and 400 <= int(text) < 600:
                return int(text)
    return None


def _by_words(error: object) -> int:
    said = error
    if isinstance(error, Mapping):
        found = [str(error.get(name) or "")[:200] for name in ("code", "type", "status", "reason")]
        words = "_".join("_".join(found).lower().replace("-", "_").split())
        status = next((status for status, parts in _WORDS if any(part in words for part in parts)), None)
        if status is not None:
            return status
        said = error.get("message")
    text = str(said)[:1000].lower()
    return next((status for status, parts in _SENTENCES if any(part in text for part in parts)), 500)
