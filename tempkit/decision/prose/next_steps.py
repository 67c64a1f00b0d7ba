"""What to do next: in words, and where a command does it, the command with the run's name in it."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tempkit.decision.prose.amounts import at, joined, percent
from tempkit.decision.prose.terms import inside, margin
from tempkit.decision.prose.verdict import compared, others_ruled_out
from tempkit.decision.result import Decision, StepCode
from tempkit.i18n import gettext as _
from tempkit.i18n import integer, ngettext
from tempkit.measures import JUDGED, titled

__all__ = ["Command", "Here", "next_steps"]

_HIGHEST = 2.0
"""Few models take more."""

_STEP = 0.3
"""How far beyond a grid of one temperature to go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something to type."""

    line: str
    """With the run's name in it."""
    about: str
    """What it does, as a phrase; may be empty."""


@dataclass(frozen=True, slots=True)
class Here:
    """What a command needs to mean the same as the one that was typed."""

    run: str
    """The run's name."""
    judging: str = ""
    """Options that say what to judge by, as `Asked.options` gives them."""
    db: str = ""
    """The option that names the database, where it is not the default one, with a blank before it."""
    allow: str = ""
    """The options that let the run's models have the keys that they name, with a blank before each."""

    @property
    def name(self) -> str:
        return shlex.quote(self.run)


def next_steps(found: Decision, here: Here) -> tuple[tuple[str, ...], tuple[Command, ...]]:
    """Return what to do next in words, the most useful first, and what of it can be typed."""
    said: list[str] = []
    commands: list[Command] = []
    for each in (found, *([] if found.variety is None else [found.variety])):
        for step in each.next:
            sentence, command = _step(each, here, step.code, step.data)
            if sentence not in said:
                said.append(sentence)
            if command is not None and command not in commands:
                commands.append(command)
        if any(step.code in ("more_items", "more_answers") for step in each.next) and not each.imported:
            for sentence, command in _then_judged(each, here):
                said.append(sentence)
                commands.extend([] if command is None else [command])
    settled = len(compared(found)) > 1 or others_ruled_out(found)
    if not said and found.grade == "shown" and settled:
        said.append(_("Nothing: this is settled."))
    return tuple(said), tuple(commands)


def _step(found: Decision, here: Here, code: StepCode, data: Mapping[str, Any]) -> tuple[str, Command | None]:
    if found.imported is not None and (elsewhere := _elsewhere(found, code, data)):
        return elsewhere, None
    match code:
        case "raise_max_tokens":
            return _raise_max_tokens(data), None
        case "check_expected_answers":
            return _(
                "Read some answers beside what was expected: the expected answers or the prompt may be wrong."
            ), Command(
                line=f"tempkit report {here.name}{here.judging}{here.db}", about=_("shows every answer")
            )
        case "ask_harder_questions":
            return _("Ask harder questions, and run again."), None
        case "add_checks":
            return _(
                "Say what a right answer holds: add facts or checks to the prompt's data, and run again."
            ), None
        case "decide_by":
            measure = data["measures"][0]
            return _(
                "Decide by %(measures)s: say which difference begins to matter to you, in place of X."
            ) % {"measures": joined([inside(titled(each)) for each in data["measures"]])}, Command(
                line=f"tempkit report {here.name} --measure {shlex.quote(measure)} --margin X{here.db}",
                about="",
            )
        case "measure_guard":
            return _measure_guard(here, data)
        case "try_higher":
            return _("Try higher: run again with -t %(temperatures)s.") % {
                "temperatures": _beyond(found, data["temperature"], up=True)
            }, None
        case "try_lower":
            return _("Try lower: run again with -t %(temperatures)s.") % {
                "temperatures": _beyond(found, data["temperature"], up=False)
            }, None
        case "more_items":
            return _more_items(found, data), _further_questions(found, here, data)
        case "more_answers":
            return _more_answers(found, here, data["n"])


def _elsewhere(found: Decision, code: StepCode, data: Mapping[str, Any]) -> str:
    """Return what to do where nothing more can be asked here, only brought in; empty where that makes no difference."""
    match code:
        case "raise_max_tokens":
            return _(
                "%(share)s of the answers were truncated: import a table of answers that were given more tokens."
            ) % {"share": percent(data["share"])}
        case "check_expected_answers" if found.imported == "scores":
            return _("Check how the answers were scored: the expected answers or the prompt may be wrong.")
        case "ask_harder_questions":
            return _("Import a table with harder questions.")
        case "add_checks":
            return _("Import a table that has a column of scores too.")
        case "try_higher":
            return _("Try higher: import a table that has %(temperatures)s too.") % {
                "temperatures": joined([at(t) for t in _further(found, data["temperature"], up=True)])
            }
        case "try_lower":
            return _("Try lower: import a table that has %(temperatures)s too.") % {
                "temperatures": joined([at(t) for t in _further(found, data["temperature"], up=False)])
            }
        case "more_items" if data["at_least"]:
            form = ngettext(
                "Import a table with at least %(n)s more question.",
                "Import a table with at least %(n)s more questions.",
                data["n"],
            )
        case "more_items" if not data["limits"]:
            form = ngettext(
                "About %(n)s more question would settle it to within %(margin)s: import a table that has it too.",
                "About %(n)s more questions would settle it to within %(margin)s: import a table that has them too.",
                data["n"],
            )
        case "more_answers":
            form = ngettext(
                "About %(n)s more answer to each question at each temperature would settle it to within %(margin)s: import a table "
                "that has it too.",
                "About %(n)s more answers to each question at each temperature would settle it to within %(margin)s: import a table "
                "that has them too.",
                data["n"],
            )
        case _:
            return ""
    return form % {"n": integer(data["n"]), "margin": margin(found)}


def _raise_max_tokens(data: Mapping[str, Any]) -> str:
    now = data["now"]
    share = percent(data["share"])
    if not now:
        return _(
            "Raise the limit on tokens first: %(share)s of the answers were truncated. Run again with a larger --max-tokens."
        ) % {"share": share}
    # The next power of two that at least doubles it.
    return _(
        "Raise the limit on tokens first: %(share)s of the answers were truncated at %(now)d. Run again with --max-tokens "
        "%(more)d or more."
    ) % {"share": share, "now": now, "more": 1 << (2 * now - 1).bit_length()}


def _measure_guard(here: Here, data: Mapping[str, Any]) -> tuple[str, Command]:
    what = inside(titled(data["measure"]))
    said = _("Measure %(measure)s: without it the pick stays a guess.") % {"measure": what}
    if data["reference"] is None:
        return said, Command(
            line=f"tempkit measure {here.name}{here.db}", about=_("measures %(measure)s") % {"measure": what}
        )
    return said, Command(
        line=f"tempkit measure {here.name} --reference {shlex.quote(data['reference'])}{here.db}",
        about=_("measures %(measure)s") % {"measure": what},
    )


def _beyond(found: Decision, edge: float, *, up: bool) -> str:
    """Return the edge of the grid and up to two steps beyond it, as `-t` takes them."""
    return ",".join(f"{t:g}" for t in sorted({edge, *_further(found, edge, up=up)}))


def _further(found: Decision, edge: float, *, up: bool) -> list[float]:
    """Return up to two temperatures beyond the edge of the grid, rising: as far apart as the grid's last ones."""
    grid = [row.temperature for row in found.temperatures]
    step = _STEP
    if len(grid) > 1:
        step = grid[-1] - grid[-2] if up else grid[1] - grid[0]
    further = [max(0.0, round(edge + (k if up else -k) * step, 4)) for k in (1, 2)]
    return sorted({t for t in further if t <= max(_HIGHEST, further[0])})


def _more_items(found: Decision, data: Mapping[str, Any]) -> str:
    n = data["n"]
    if data["at_least"] and data["typed"]:
        return ngettext(
            "For an answer about questions like it ask at least %(n)s more question: type it beside the one there is, in quotes of its "
            "own.",
            "For an answer about questions like it ask at least %(n)s more questions: type them beside what there is, each in quotes of "
            "its own.",
            n,
        ) % {"n": integer(n)}
    if data["limits"] and not data["at_least"]:
        return ngettext(
            "About %(n)s more question would show whether it keeps its limits.",
            "About %(n)s more questions would show whether it keeps its limits.",
            n,
        ) % {"n": integer(n)}
    if data["typed"]:
        return ngettext(
            "About %(n)s more question would settle it to within %(margin)s: type it beside those there are, in quotes of its own.",
            "About %(n)s more questions would settle it to within %(margin)s: type them beside those there are, each in quotes of its own.",
            n,
        ) % {"n": integer(n), "margin": margin(found)}
    if data["at_least"]:
        return ngettext(
            "Ask at least %(n)s more question; the prompt's data may need another row.",
            "Ask at least %(n)s more questions; the prompt's data may need more rows.",
            n,
        ) % {"n": integer(n)}
    return ngettext(
        "About %(n)s more question would settle it to within %(margin)s; the prompt's data may need another row.",
        "About %(n)s more questions would settle it to within %(margin)s; the prompt's data may need more rows.",
        n,
    ) % {"n": integer(n), "margin": margin(found)}


def _then_judged(found: Decision, here: Here) -> Iterator[tuple[str, Command | None]]:
    """Return what further answers still need, where somebody has to be asked what they are worth."""
    measure = JUDGED.get(found.measure or "")
    needs = frozenset() if measure is None else measure.needs
    if "people" in needs:
        yield (
            _("Then have people compare the new answers."),
            Command(line=f"tempkit rate {here.name}{here.db}", about=_("makes a page of pairs to compare")),
        )
    elif "judge" in needs:
        yield _("Then let the same judge go on: tempkit judge asks only about what is new."), None


def _further_questions(found: Decision, here: Here, data: Mapping[str, Any]) -> Command | None:
    """Return the command that asks further questions; None where they were typed or imported, and have no file to come from."""
    if data["typed"] or found.imported:
        return None
    about = ngettext("%(n)s more question", "%(n)s more questions", data["n"]) % {"n": integer(data["n"])}
    return Command(
        line=f"tempkit topup {here.name} --items {data['n']}{here.judging}{here.allow}{here.db}", about=about
    )


def _more_answers(found: Decision, here: Here, n: int) -> tuple[str, Command]:
    said = ngettext(
        "About %(n)s more answer to each question at each temperature would settle it to within %(margin)s.",
        "About %(n)s more answers to each question at each temperature would settle it to within %(margin)s.",
        n,
    ) % {"n": integer(n), "margin": margin(found)}
    about = ngettext("%(n)s more answer per question", "%(n)s more answers per question", n) % {
        "n": integer(n)
    }
    return said, Command(
        line=f"tempkit topup {here.name} -n {n}{here.judging}{here.allow}{here.db}", about=about
    )
