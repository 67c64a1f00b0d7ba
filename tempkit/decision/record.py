"""A decision as a record in Markdown, to stand beside the prompt that it was made for: what was decided, from what, and how sure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tempkit.decision.prose import Here, could_cost, named, other_scope, place_word, words
from tempkit.decision.prose.amounts import at, spread, threshold
from tempkit.decision.prose.verdict import usable_pick
from tempkit.decision.result import Decision
from tempkit.errors import one_line
from tempkit.i18n import gettext as _
from tempkit.measures import titled

__all__ = ["Facts", "decision_record"]

_MARKUP = re.compile(r"([\\`*_\[\]<>|#~])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a record says beside the decision itself."""

    date: str
    """When it was kept."""
    files: tuple[str, ...]
    """The prompts that it is for."""
    model: str
    """As a command takes it."""
    snapshot: str | None
    """Which model answered; None where nobody said."""
    run: str
    """The run's name."""
    run_id: str
    verify: str
    """The command that tests it again."""


def decision_record(found: Decision, facts: Facts, here: Here) -> str:
    """Return the record of a decision, in the current language.

    Args:
        found: The decision, with a pick.
        facts: What else it says.
        here: What commands to type need.
    """
    said = words(found, here)
    title = _("%(use_case)s on %(model)s") % {"use_case": named(found), "model": found.model}
    parts = [
        f"# {_plain(title)}",
        f"**{_plain(said.verdict)}** {said.marks} {_plain(said.grade)}",
        _facts(found, facts),
    ]
    parts += _section(_("Why"), (*said.first, *said.because))
    parts += _section(_("How sure, and what it may cost"), (*said.risk, *filter(None, (other_scope(found),))))
    parts += ["\n".join(_table(found))]
    parts += _section(_("What to do next"), said.next)
    if said.commands:
        parts.append(_code(command.line for command in said.commands))
    again = _(
        "This asks the same model a few of the same questions again, at this temperature and at those beside it, and says whether it "
        "still holds."
    )
    parts += [*_section(_("How to test it again"), (again,)), _code([facts.verify])]
    return "\n\n".join(parts) + "\n"


def _facts(found: Decision, facts: Facts) -> str:
    tried = ", ".join(at(row.temperature) for row in found.temperatures)
    rows = [
        (_("Decided on"), facts.date),
        (_("Prompt file"), ", ".join(facts.files)),
        (_("Model"), facts.model if facts.snapshot is None else f"{facts.model}, {facts.snapshot}"),
        (_("Run"), f"{facts.run} ({facts.run_id})"),
        (_("Temperatures tried"), tried),
    ]
    if found.measure is not None:
        measured = _("%(measure)s; differences from %(margin)s on matter") % {
            "measure": titled(found.measure),
            "margin": threshold(found.margin, found.unit),
        }
        rows.append((_("Judged by"), measured))
    return "\n".join(f"- {label}: {_plain(text)}" for label, text in rows)


def _section(title: str, sentences: Sequence[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {_plain(each)}" for each in sentences)] if sentences else []


def _table(found: Decision) -> Iterator[str]:
    yield "| T | " + " | ".join((_("mean"), _("could cost"), _("verdict"))) + " | n |"
    yield "| ---: | --- | --- | --- | ---: |"
    for row in found.temperatures:
        pick = "**" if row.temperature == usable_pick(found) else ""
        cells = (
            spread(row, found.unit),
            could_cost(row, found.unit),
            place_word(row.place, row.inside_limits),
        )
        yield f"| {pick}{at(row.temperature)}{pick} | {' | '.join(map(_plain, cells))} | {row.n} |"


def _code(lines: Iterable[str]) -> str:
    # Each is one line that begins with a command, so none can close the block.
    return "\n".join(("```sh", *(one_line(line, 2000) for line in lines), "```"))


def _plain(text: str) -> str:
    """Return text, which may be anybody's, as Markdown that shows it."""
    return _MARKUP.sub(r"\\\1", one_line(text, 2000))
