"""Who answered, in words: another model than was asked, or one that changed during the run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tempkit.decision.answerers import about_answerers, part_of
from tempkit.decision.prose.amounts import at, joined
from tempkit.i18n import gettext as _
from tempkit.i18n import integer, ngettext
from tempkit.running import Answerers

__all__ = [
    "another_model",
    "answers_of",
    "changed_in_run",
    "changed_with_temperature",
    "of_answerers",
    "shutdown",
]


def of_answerers(seen: Answerers) -> Iterator[str]:
    """Yield what must be known of who answered a model's samples.

    Raises:
        UsageError: The user's own table of models cannot be used.
    """
    said = {
        "another_model": another_model,
        "changed_with_temperature": changed_with_temperature,
        "changed_in_run": changed_in_run,
    }
    for note in about_answerers(seen):
        yield said[note.code](note.data)


def answers_of(name: str, by: Mapping[float, int]) -> str:
    """Return how many answers were made under a name, and at which temperatures."""
    return _part(part_of(name, by))


def another_model(data: Mapping[str, Any]) -> str:
    """Return whose the answers are that are not those of the model that was asked."""
    parts = {
        "n": integer(data["n"]),
        "whole": integer(data["whole"]),
        "asked": data["asked"],
        "names": _named(data["names"], data["more"]),
    }
    if data["n"] == data["whole"]:
        said = _("All answers are by %(names)s, where %(asked)s was asked.") % parts
    else:
        said = (
            ngettext(
                "%(n)s of %(whole)s answers is by %(names)s, where %(asked)s was asked: two models are mixed here.",
                "%(n)s of %(whole)s answers are by %(names)s, where %(asked)s was asked: several models are mixed here.",
                data["n"],
            )
            % parts
        )
    if data["ignoring"]:
        more = _("%(names)s is known not to go by the temperature.") % {"names": joined(data["ignoring"])}
        return f"{said} {more}"
    return said


def changed_with_temperature(data: Mapping[str, Any]) -> str:
    """Return that the model changed where the temperature did."""
    return _(
        "The model changed with the temperature, so what looks like the one may be the other: %(parts)s. Only a run on one model can "
        "tell them apart."
    ) % {"parts": _parts(data)}


def changed_in_run(data: Mapping[str, Any]) -> str:
    """Return that the model changed during the run."""
    if data["by_address"] and data["by"] == "name":
        return _("The model's addresses answer as different models: %(parts)s.") % {"parts": _parts(data)}
    if data["by_address"]:
        return _("The model's addresses answer with different fingerprints: %(parts)s.") % {
            "parts": _parts(data)
        }
    if data["by"] == "name":
        return _("The model changed during the run: %(parts)s.") % {"parts": _parts(data)}
    return _("The model's fingerprint changed during the run: %(parts)s.") % {"parts": _parts(data)}


def shutdown(date: str) -> str:
    """Return when a model ends."""
    return _("Its provider switches this model off on %(date)s; the decision holds no longer than that.") % {
        "date": date
    }


def _named(names: Sequence[str], more: int) -> str:
    """Return some names, and how many are left out."""
    return joined([*names, *_others(more)])


def _others(more: int) -> list[str]:
    return [ngettext("%(n)s other", "%(n)s others", more) % {"n": integer(more)}] if more else []


def _parts(data: Mapping[str, Any]) -> str:
    return joined([*map(_part, data["parts"]), *_others(data["more"])])


def _part(part: Mapping[str, Any]) -> str:
    """Return how many answers one made at which temperatures: `gpt-4.1 (20 answers, 10 at 0 and 10 at 1)`."""
    where = joined(
        [
            _("%(n)s at %(t)s") % {"n": integer(each["n"]), "t": at(each["temperature"])}
            for each in part["temperatures"]
        ]
    )
    return ngettext(
        "%(name)s (%(n)s answer, %(where)s)", "%(name)s (%(n)s answers, %(where)s)", part["n"]
    ) % {
        "name": part["name"],
        "n": integer(part["n"]),
        "where": where,
    }
