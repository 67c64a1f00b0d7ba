"""What an HTTP status, its headers and the server's words mean, alike for every adapter."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tempkit.backends.remote.exchange import Quota, RequestError
from tempkit.errors import one_line
from tempkit.types import FailureKind

__all__ = ["quota_of", "retry_after", "status_error"]

_OVERLOAD = frozenset({429, 503, 529})
_NOT_FOR_ANY = frozenset({401, 402, 403, 404})
"""No other sample of the model would fare better."""
_EXHAUSTED = ("insufficient_quota", "billing", "credit balance", "exceeded your current quota")
_TOO_LONG = (
    "context_length",
    "context length",
    "maximum context",
    "exceed_context",
    "prompt is too long",
    "too many tokens",
)


def status_error(status: int, headers: Mapping[str, str], body: object, message: str = "") -> RequestError:
    """Build the error for an answer whose status is no success.

    Args:
        status: HTTP status.
        headers: Of the answer; looked up in lower case.
        body: Its JSON, if it has one; `error` may be on top of it or left out.
        message: What to say when the body says nothing.
    """
    code, param, said = _words(body)
    text = one_line(f"HTTP {status}: {said or message or 'no explanation'}")
    told = f"{code} {said}".lower()
    kind: FailureKind = "rejected"
    gives_up = status in _NOT_FOR_ANY
    if status in (401, 402, 403):
        kind = "auth"
    elif status == 408 or status >= 500 or status in (409, 425):
        kind = "server"
    elif status == 429:
        kind = "rate_limit"
        gives_up = any(word in told for word in _EXHAUSTED)
    elif status == 413 or any(word in told for word in _TOO_LONG):
        kind, gives_up = "context_length", False
    elif param == "temperature" or ("temperature" in told and status in (400, 422)):
        gives_up = True  # it would refuse the others too, at a price for every one that it does not
    return RequestError(
        kind,
        text,
        retry_after(headers),
        gives_up=gives_up,
        overload=status in _OVERLOAD and not gives_up,
        status=status,
    )


def _words(body: object) -> tuple[str, str, str]:
    """Return code, parameter and message, of whatever shape the server's error is."""
    while isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return "", "", body if isinstance(body, str) and not body.lstrip().startswith("<") else ""
    error = body.get("error", body)
    if not isinstance(error, dict):
        return "", "", str(error)
    code = str(error.get("code") or error.get("type") or error.get("status") or "")
    said = error.get("message") or error.get("detail") or ""
    return code, str(error.get("param") or ""), said if isinstance(said, str) else str(said)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the server asks to wait; None when it does not."""
    milliseconds = headers.get("retry-after-ms")
    if milliseconds and re.fullmatch(r"\d{1,12}(\.\d+)?", milliseconds):
        return float(milliseconds) / 1000
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    return _until(text)


def _until(text: str) -> float | None:
    """Return the seconds until a moment, in HTTP's or RFC 3339's writing."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _duration(text: str) -> float | None:
    """Read `1s`, `6m0s`, `20ms`, `1.5`, or a moment."""
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    if re.fullmatch(r"(\d{1,9}(\.\d+)?(ms|[smhd]))+", text):
        return sum(float(n) * _UNITS[unit] for n, unit in re.findall(r"([\d.]+)(ms|[smhd])", text))
    return _until(text)


def quota_of(headers: Mapping[str, str]) -> Quota:
    """Read what is left from the headers of OpenAI and those that follow it, or of Anthropic."""

    def left(what: str) -> int | None:
        text = headers.get(f"x-ratelimit-remaining-{what}") or headers.get(
            f"anthropic-ratelimit-{what}-remaining"
        )
        return int(text) if text and re.fullmatch(r"\d{1,12}", text) else None

    def reset(what: str) -> float | None:
        text = headers.get(f"x-ratelimit-reset-{what}") or headers.get(f"anthropic-ratelimit-{what}-reset")
        return _duration(text) if text else None

    return Quota(left("requests"), reset("requests"), left("tokens"), reset("tokens"))
