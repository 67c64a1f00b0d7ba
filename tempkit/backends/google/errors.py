"""Sort the SDK's errors into tempkit's kinds.

Google says more in an error's details than in its words: a wrong key is a wrong request (400), and a limit per minute is told
in the same words as an exhausted account.
"""

import re
from typing import TYPE_CHECKING

import msgspec

from tempkit.backends.remote import RequestError, status_error
from tempkit.backends.remote.http_errors import body_text

if TYPE_CHECKING:
    from google.genai.errors import APIError

__all__ = ["request_error"]


class _Violation(msgspec.Struct, rename="camel", gc=False):
    quota_id: str = ""


class _Detail(msgspec.Struct, rename="camel"):
    reason: str = ""
    retry_delay: str = ""
    violations: list[_Violation] = []


class _Error(msgspec.Struct):
    details: list[_Detail] = []


class _Body(msgspec.Struct):
    error: _Error = msgspec.field(default_factory=_Error)


def request_error(error: "APIError", url: str = "") -> RequestError:
    """Sort an SDK error of a request to an address; the server's words are kept."""
    body = error.details
    if isinstance(body, dict) and body.keys() <= {"message", "status"}:
        body = body.get("message")  # where the SDK puts an answer that is no JSON
    headers = getattr(error.response, "headers", None) or {}
    said = body_text(body.encode()) if isinstance(body, str) else ""
    found = status_error(error.code, headers, body, said, url)
    details = _details(error.details)
    if any(d.reason == "API_KEY_INVALID" for d in details):
        found.kind, found.scope, found.status = "auth", "model", 401  # as everybody else says it
    elif error.code == 429:
        _limit(found, details)
    elif found.kind == "rejected" and "logprobs" in found.message.lower():
        found.message += "; use --logprobs 0"
    elif error.code == 404:
        found.message += "; check the model's name, and that base_url is without a version"
    return found


def _limit(found: RequestError, details: list[_Detail]) -> None:
    """Tell a limit that soon passes from one that does not, where the details say which it is."""
    quotas = [v.quota_id for d in details for v in d.violations]
    delays = [float(d.retry_delay[:-1]) for d in details if re.fullmatch(r"\d{1,9}(\.\d+)?s", d.retry_delay)]
    if quotas or delays:
        found.scope = "model" if any("PerDay" in quota for quota in quotas) else "sample"
        found.overload = not found.gives_up
        found.retry_after_s = max([found.retry_after_s or 0.0, *delays])


def _details(body: object) -> list[_Detail]:
    try:
        return msgspec.convert(body, _Body).error.details
    except msgspec.ValidationError:  # of another shape, as a proxy's may be
        return []
