"""Names from the data that a reader meets as words: statuses, roles, units, kinds. A name that is not known is shown as it is.

The tables are made anew for each word, since the language may be another one; that costs nothing beside drawing a page.
"""

from tempkit.report.text.text import gettext as _
from tempkit.report.text.text import pgettext

__all__ = [
    "ending_word",
    "failure_word",
    "kind_word",
    "role_word",
    "run_status",
    "unit_word",
]


def run_status(status: str) -> str:
    """Return what has become of a run."""
    known = {
        "running": pgettext("run", "running"),
        "interrupted": pgettext("run", "interrupted"),
        "finished": pgettext("run", "finished"),
    }
    return known.get(status, status)


def role_word(role: str) -> str:
    """Return who speaks in a message of a prompt."""
    known = {
        "system": pgettext("role", "system"),
        "user": pgettext("role", "user"),
        "assistant": pgettext("role", "assistant"),
    }
    return known.get(role, role)


def failure_word(kind: str) -> str:
    """Return why a sample has no answer."""
    known = {
        "connection": pgettext("failure", "connection"),
        "timeout": pgettext("failure", "timeout"),
        "rate_limit": pgettext("failure", "rate limit"),
        "auth": pgettext("failure", "key refused"),
        "rejected": pgettext("failure", "rejected"),
        "server": pgettext("failure", "server error"),
        "bad_answer": pgettext("failure", "no valid answer"),
        "context_length": pgettext("failure", "prompt too long"),
        "decode": pgettext("failure", "engine error"),
        "batch_expired": pgettext("failure", "batch expired"),
        "batch_cancelled": pgettext("failure", "batch cancelled"),
        "batch_failed": pgettext("failure", "batch failed"),
    }
    return known.get(kind, kind)


def ending_word(finish: str) -> str:
    """Return how an answer ended; empty where it ended as answers do."""
    known = {
        "stop": "",
        "length": _("truncated"),
        "content_filter": _("cut by content filter"),
        "refusal": _("refusal"),
        "tool_calls": _("called a tool"),
        "unstated": _("ending not reported"),
        "unknown": _("may be incomplete"),
    }
    return known.get(finish, finish)


def kind_word(kind: str) -> str:
    """Return a logprob kind in a word."""
    known = {
        "raw": pgettext("log-probabilities", "raw"),
        "tempered": pgettext("log-probabilities", "tempered"),
        "unknown": pgettext("log-probabilities", "unknown"),
        "none": pgettext("log-probabilities", "none"),
    }
    return known.get(kind, kind)


def unit_word(unit: str) -> str:
    """Return a unit in words; a measure from elsewhere has a value and no unit."""
    known = {
        "share": pgettext("unit", "share"),
        "nats": pgettext("unit", "nats"),
        "count": pgettext("unit", "count"),
        "similarity": pgettext("unit", "similarity"),
        "distance": pgettext("unit", "distance"),
        "ratio": pgettext("unit", "ratio"),
        "temperature": pgettext("unit", "temperature"),
        "words": pgettext("unit", "words"),
        "ideas": pgettext("unit", "ideas"),
        "": _("value"),
    }
    return known.get(unit, unit)
