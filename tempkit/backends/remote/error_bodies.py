"""What a server's error says, of whatever shape it is, and what that concerns: this sample, its item, its temperature, the model.

Judged by codes and by the parameter that is named, never by a word among others: a message may quote the prompt. What nobody can
tell from one refusal alone, `failure_scope` tells from several.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tempkit.backends.remote.adapter_types import Scope
from tempkit.types import FailureKind

__all__ = ["ErrorBody", "concerns", "heard"]

_REFUSED_KEY = frozenset(
    {
        "invalid_api_key",
        "incorrect_api_key",
        "api_key_invalid",
        "authentication_error",
        "permission_error",
        "permission_denied",
        "unauthenticated",
        "unauthorized",
        "access_terminated",
        "account_deactivated",
        "unsupported_country_region_territory",
    }
)
_EXHAUSTED = frozenset(
    {
        "insufficient_quota",
        "insufficient_balance",
        "insufficient_credits",
        "exceeded_current_quota_error",
        "billing_error",
        "billing_not_active",
        "billing_hard_limit_reached",
        "payment_required",
    }
)
_UNKNOWN_MODEL = frozenset({"model_not_found", "model_not_available", "unknown_model", "deploymentnotfound"})
_FLAGGED = frozenset(
    {
        "content_policy",
        "content_policy_violation",
        "content_filter",
        "content_filtered",
        "data_inspection_failed",
        "datainspectionfailed",
        "flagged",
        "invalid_prompt",
        "moderation",
        "moderation_blocked",
        "prompt_blocked",
        "responsibleaipolicyviolation",
        "safety",
        "sensitive_content",
        "usage_policy_violation",
    }
)
_TOO_LONG = frozenset(
    {
        "context_length_exceeded",
        "context_window_exceeded",
        "exceed_context_size_error",
        "input_too_long",
        "prompt_too_long",
        "request_too_large",
        "string_above_max_length",
        "tokens_limit_reached",
    }
)
_TOO_LONG_WORDS = re.compile(
    r"context[ _](length|window|size)|maximum context|maximum prompt length|exceed_context|(prompt|input) is too long"
    r"|too many tokens|reduce the length|input token count .* exceeds|must have less than \d+ tokens"
)
"""For servers that have no code for it; at worst an item's failure is called by the wrong name."""
_TEMPERATURE = re.compile(
    r"(Unsupported (value|parameter): 'temperature' (does not support|is not supported)"
    r"|`temperature` (is deprecated for this model|must be strictly positive)"
    r"|Input validation error: `temperature`"
    r"|temperature and top_p cannot both be specified for this model"
    r"|Model incompatible request argument supplied: temperature"
    r"|invalid temperature: only [\d.]+ is allowed for this model"
    r"|(<400> )?InternalError\.Algo\.InvalidParameter: Temperature should be in )"
)
"""How the errors of services begin that name no parameter; see `says` in capabilities.toml."""
_BROKE = re.compile(r"Your credit balance is too low")
"""Anthropic's, which comes as a wrong request without a code."""


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What an error's body says."""

    codes: tuple[str, ...] = ()
    """Its codes, types and statuses, in lower case, those that are mere numbers left out."""
    param: str = ""
    """The parameter that it is about, by its last name: `temperature` of `generationConfig.temperature`."""
    message: str = ""
    flagged: bool = False
    """It says what was found in the prompt."""


def heard(body: object) -> ErrorBody:
    """Read what an error's body says, of whatever shape it is."""
    while isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        text = body if isinstance(body, str) and not body.lstrip().startswith("<") else ""
        return ErrorBody(message=text)
    parts = list(_parts(body))
    codes = dict.fromkeys(
        str(part[name]).lower()
        for part in parts
        for name in ("code", "type", "status", "error_type")
        if isinstance(part.get(name), str)
    )
    return ErrorBody(
        codes=tuple(codes),
        param=next((p for part in parts if (p := _param(part))), ""),
        message="; ".join(dict.fromkeys(text for part in parts if (text := _text(part)))),
        flagged=any(part.get(name) for part in parts for name in ("reasons", "flagged_input", "flagged")),
    )


def concerns(status: int, said: ErrorBody) -> tuple[FailureKind, Scope]:
    """Return what kind of failure an answer is whose status is no success, and what it concerns.

    Where one refusal alone does not tell what it concerns, that is its sample.
    """
    codes = frozenset(said.codes)
    if status == 413 or codes & _TOO_LONG:
        return "context_length", "item"
    if status == 401 or status == 402 or (status in (400, 403) and codes & _REFUSED_KEY):
        return "auth", "model"
    if status == 403:
        return ("rejected", "item") if _is_flagged(said) else ("auth", "sample")
    if status == 429:
        return "rate_limit", "model" if codes & _EXHAUSTED else "sample"
    if status in (408, 409, 425) or status >= 500:
        return "server", "sample"
    if codes & _EXHAUSTED or _BROKE.match(said.message):
        return "auth", "model"
    if status in (404, 405, 410) or codes & _UNKNOWN_MODEL:
        return "rejected", "model"
    if _is_flagged(said):
        return "rejected", "item"
    if _TOO_LONG_WORDS.search(said.message.lower()):
        return "context_length", "item"
    if said.param == "temperature" or _TEMPERATURE.match(said.message):
        return "rejected", "temperature"
    return "rejected", "sample"


def _is_flagged(said: ErrorBody) -> bool:
    return said.flagged or not _FLAGGED.isdisjoint(said.codes)


def _parts(body: dict[object, object]) -> Iterator[dict[object, object]]:
    """Yield the tables of an error that say something of it, the innermost words first."""
    error = body.get("error", body.get("errors", body))
    while isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, str) and error:
        yield {"message": error}
    if isinstance(error, dict):
        yield error
        for name in ("innererror", "inner_error", "error", "metadata"):
            inner = error.get(name)
            if isinstance(inner, dict):
                yield inner
        metadata = error.get("metadata")
        raw = metadata.get("raw") if isinstance(metadata, dict) else None
        if isinstance(raw, str):  # of the provider behind a router
            yield from _behind(raw)
        details = error.get("details")
        for detail in details if isinstance(details, list) else ():
            if isinstance(detail, dict):
                violations = detail.get("fieldViolations")
                found = violations[0] if isinstance(violations, list) and violations else None
                if isinstance(found, dict):
                    yield {"param": found.get("field")}
    if error is not body:
        yield body


def _behind(raw: str) -> Iterator[dict[object, object]]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        yield {"message": raw}
        return
    if isinstance(body, dict):
        error = body.get("error")
        yield error if isinstance(error, dict) else body


def _param(part: dict[object, object]) -> str:
    """Return the last name of the parameter that is named, as by OpenAI (`param`) or by FastAPI (`loc`)."""
    param, detail = part.get("param"), part.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], dict):
        where = detail[0].get("loc")
        param = where[-1] if isinstance(where, list) and where else param
    return re.split(r"[./\[]", param)[-1].strip("]'\"") if isinstance(param, str) else ""


def _text(part: dict[object, object]) -> str:
    for name in ("message", "detail", "msg", "error_description"):
        said = part.get(name)
        if isinstance(said, list) and said and isinstance(said[0], dict):
            said = said[0].get("msg") or said
        if said:
            try:
                return said if isinstance(said, str) else json.dumps(said)
            except (ValueError, RecursionError):
                return ""
    return ""
