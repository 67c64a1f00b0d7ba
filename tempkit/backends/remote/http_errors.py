"""What an HTTP status, its headers and the server's words mean, alike for every adapter."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tempkit.backends.remote.adapter_types import Quota, RequestError
from tempkit.backends.remote.error_bodies import concerns, heard
from tempkit.errors import one_line

if TYPE_CHECKING:
    from tempkit.backends.remote.http import Reply

__all__ = ["body_text", "quota_of", "refusal", "retry_after", "status_error"]

_OVERLOAD = frozenset({429, 503, 529})
_MOST_WAIT_S = 1e9
"""What a number of seconds of any length comes to at most: no one waits that long, and a float holds it."""
_WORDS = 200
"""Characters of the server's own words that a message repeats, so that there is room for what to do."""
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)


def status_error(
    status: int, headers: Mapping[str, str], body: object, message: str = "", url: str = ""
) -> RequestError:
    """Build the error for an answer whose status is no success.

    Args:
        status: HTTP status.
        headers: Of the answer; looked up in lower case.
        body: Its JSON, if it has one; `error` may be on top of it or left out.
        message: What to say when the body says nothing.
        url: What was asked; told where it may be the mistake.
    """
    said = heard(body)
    kind, scope = concerns(status, said)
    words = one_line(said.message, _WORDS) or one_line(message, _WORDS) or "no explanation"
    if 300 <= status < 400:
        target = _without_query(headers.get("location", ""))
        words = (
            f"a redirect to {target or 'nowhere'}, which is not followed; name the final address in base_url"
        )
    asked = f" (asked {_without_query(url)})" if url and (status < 400 or status in _ADDRESSED) else ""
    waits = retry_after(headers)
    return RequestError(
        kind,
        one_line(f"HTTP {status}: {words}{asked}", 400),
        waits,
        scope=scope,
        overload=status in _OVERLOAD and scope != "model",
        status=status,
        code=said.codes[0] if said.codes else "",
        address=_without_query(url),
    )


_ADDRESSED = frozenset({403, 404, 405, 410, 501, 502, 503, 504})
"""Where the address that was asked may be the mistake."""


def refusal(reply: "Reply", url: str = "") -> RequestError:
    """Build the error for a reply whose status is no success."""
    return status_error(reply.status, reply.headers, reply.json(), body_text(reply.content), url)


def body_text(content: bytes) -> str:
    """Say what a body is that is no JSON: its words, or the title of its page."""
    if not content.strip():
        return "an empty body"
    if content.lstrip()[:1] == b"<":
        title = _TITLE.search(content)
        said = f" ({one_line(title[1].decode('utf-8', 'replace'), 100)})" if title else ""
        return f"a page of HTML{said} instead of an answer"
    return one_line(content.decode("utf-8", "replace"), _WORDS)


def _without_query(url: str) -> str:
    """Return an address without what may be a secret in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that is none"
    return one_line(
        parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl(), 150
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the server asks to wait; None when it does not."""
    milliseconds = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(milliseconds):
        return min(float(milliseconds) / 1000, _MOST_WAIT_S)
    text = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(text):
        return min(float(text), _MOST_WAIT_S)
    return _until(text)


_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)


def _until(text: str) -> float | None:
    """Return the seconds until a moment, in HTTP's or RFC 3339's writing."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), _MOST_WAIT_S)
    except (ValueError, ArithmeticError, LookupError, TypeError):  # what the parsers come to over odd dates
        return None


_DURATION = re.compile(r"(\d+(\.\d+)?(ms|[smhd]))+", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _duration(text: str) -> float | None:
    """Read `1s`, `6m0s`, `20ms`, `1.5`, or a moment."""
    if _NUMBER.fullmatch(text):
        return min(float(text), _MOST_WAIT_S)
    if _DURATION.fullmatch(text):
        seconds = sum(float(n) * _UNITS[unit] for n, unit in re.findall(r"([\d.]+)(ms|[smhd])", text))
        return min(seconds, _MOST_WAIT_S)
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
