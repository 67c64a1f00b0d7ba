"""What statuses, headers and error bodies mean, in the shapes that providers use."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tempkit.backends.remote.adapter_types import Quota
from tempkit.backends.remote.http_errors import quota_of, retry_after, status_error

OPENAI = {"error": {"message": "no", "type": "invalid_request_error", "param": None, "code": None}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "gives_up", "overload"),
    [
        (400, OPENAI, "rejected", False, False),
        (400, {"error": {"message": "x", "code": "context_length_exceeded"}}, "context_length", False, False),
        (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 tokens"}}, "context_length", False, False),
        (400, {"error": {"message": "Unsupported value: 'temperature' does not support 0 with this model.", "param": "temperature"}}, "rejected", False, False),
        (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "`temperature` is deprecated for this model."}}, "rejected", False, False),
        (422, {"error": "Input validation error: `temperature` must be strictly positive", "error_type": "validation"}, "rejected", False, False),
        (401, OPENAI, "auth", True, False),
        (402, {"error": {"message": "Insufficient Balance"}}, "auth", True, False),
        (403, OPENAI, "auth", False, False),
        (403, {"error": {"message": "no", "code": "permission_denied"}}, "auth", True, False),
        (404, {"error": {"message": "The model `x` does not exist"}}, "rejected", True, False),
        (408, None, "server", False, False),
        (413, None, "context_length", False, False),
        (429, OPENAI, "rate_limit", False, True),
        (429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}, "rate_limit", True, False),
        (500, "<html>oops</html>", "server", False, False),
        (503, [{"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}], "server", False, True),
        (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "server", False, True),
    ],
)  # fmt: skip
def test_statuses(status: int, body: Any, kind: str, gives_up: bool, overload: bool) -> None:
    error = status_error(status, {}, body)
    assert (error.kind, error.gives_up, error.overload) == (kind, gives_up, overload)
    assert error.message.startswith(f"HTTP {status}: ")
    assert "\n" not in error.message


@pytest.mark.parametrize(
    "body", [None, 3, [], {}, {"error": None}, {"error": {"message": {"a": 1}}}, {"error": []}]
)
def test_any_body_will_do(body: Any) -> None:
    assert status_error(418, {}, body, "teapot").kind == "rejected"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "5", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "9999999999"}, 1e9),
        ({"retry-after": "9" * 400}, 1e9),
        ({"retry-after-ms": "9" * 40}, 1e9),
        ({"retry-after": "1_0"}, None),
        ({"retry-after": "\u0661"}, None),
        ({"retry-after": "Mon, 01 Jan 99999999999 00:00:00 GMT"}, None),
        ({"retry-after": "Mon, 99 Jan 2026 99:99:99 GMT"}, None),
        ({"retry-after": "9999-12-31T23:59:59-23:59"}, 1e9),
        ({"retry-after": "0001-01-01T00:00:00+23:59"}, 0.0),
        ({"retry-after": "Mon, 01 Jan 2026 00:00:00 +9999999"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_a_date() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=30)
    assert retry_after({"retry-after": format_datetime(moment, usegmt=True)}) == pytest.approx(30, abs=2)


def test_what_is_left_by_openais_headers() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m6.5s",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "20ms",
    }
    assert quota_of(headers) == Quota(0, 66.5, 149984, 0.02)


def test_what_is_left_by_anthropics_headers() -> None:
    moment = (datetime.now(UTC) + timedelta(seconds=30)).isoformat().replace("+00:00", "Z")
    quota = quota_of(
        {"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": moment}
    )
    assert quota.requests == 0
    assert quota.requests_reset_s == pytest.approx(30, abs=2)


def test_nothing_is_made_of_nonsense() -> None:
    headers = {"x-ratelimit-remaining-requests": "many", "x-ratelimit-reset-requests": "later"}
    assert quota_of(headers) == Quota()
