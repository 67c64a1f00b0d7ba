"""What a model's server fills in by itself, and what was sent against it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tempkit.report.text.format_values import Pairs, shown_value
from tempkit.report.text.text import enumerated
from tempkit.report.text.text import gettext as _

__all__ = ["RECORDED", "doubts", "neutral_rows"]

RECORDED = frozenset({"sent_neutral", "server_defaults", "not_sent", "other_defaults"})
"""The details of a model that are shown here, and not by their names."""


def neutral_rows(details: Mapping[str, Any]) -> Pairs:
    """Return what was sent and what the server says it would have put in its place, a row each."""
    named = (
        (_("Sent so that the server's own values do not apply"), "sent_neutral"),
        (_("What the server says it fills in where nothing is sent"), "server_defaults"),
    )
    return [(words, _values(details[name])) for words, name in named if name in details]


def doubts(label: str, details: Mapping[str, Any], sent: Collection[str]) -> Iterator[str]:
    """Yield what keeps a model's sampling from being known to be as it was asked for; `sent`: the parameters that requests held."""
    if details.get("other_defaults") == "unknown":
        yield (
            _("%s: what this server fills in by itself, beside the parameters that were sent, is not known.")
            % label
        )
    if names := [str(name) for name in details.get("not_sent", ()) if name not in sent]:
        yield _(
            "%(model)s: its server may put in values of its own for parameters that were not sent: %(names)s."
        ) % {"model": label, "names": enumerated(names)}


def _values(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {shown_value(value)}" for name, value in facts.items())
