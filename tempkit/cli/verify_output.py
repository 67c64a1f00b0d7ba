"""How `tempkit verify` says what it found: in lines for a terminal, as JSON, as JUnit XML and in Markdown."""

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.text import Text

    from tempkit.api import Verified
    from tempkit.decision import Lead, RailCheck

from tempkit.cli.json_out import run_as_data

__all__ = ["as_data", "lines", "write_junit", "write_summary"]

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for, not even escaped."""
_MARKUP = re.compile(r"([\\`*_\[\]<>|#~])")
_STYLES = {"holds": "green", "open": "yellow", "broken": "red", "error": "red"}


def lines(found: "Verified") -> "Iterator[Text]":
    """Yield what was found, the verdict first."""
    from rich.text import Text

    style = "red" if found.changed is not None else _STYLES[found.outcome]
    yield Text(f"{found.path}: {_verdict(found)}", style=f"bold {style}")
    for sentence in _sentences(found):
        yield Text(sentence)


def _verdict(found: "Verified") -> str:
    from tempkit.decision import at

    t = at(found.kept.temperature)
    shown = found.found is None or found.found.rails_hold
    said = {
        "holds": f"{t} still holds"
        if shown
        else f"{t} is still within the margin, and not seen beyond a guard-rail",
        "open": f"nothing is shown against {t}, but too little for it",
        "broken": f"{t} no longer holds",
        "error": f"{t} could not be tested",
    }[found.outcome]
    return said if found.changed is None else f"the model changed; {said}"


def _sentences(found: "Verified") -> Iterator[str]:
    from tempkit.decision import amount

    if found.error is not None:
        yield f"{found.error}."
    if found.changed is not None:
        yield f"The model behind {found.kept.model} is another one: {found.changed}. Decide again for it with: tempkit run, then tempkit decide."
    elif not found.known:
        yield "The file does not keep which model answered, so a change of the model cannot be seen."
    if (check := found.found) is not None:
        mean = "" if check.mean is None else f" Its average is {amount(check.mean, check.unit)}."
        for lead in check.leads:
            yield _lead(found, lead)
        yield f"Judged by: {check.title}.{mean}"
        for rail in check.rails:
            if rail.verdict != "holds":
                yield _rail(rail)
    if found.outcome != "error":
        yield _effort(found)


def _lead(found: "Verified", lead: "Lead") -> str:
    from tempkit.decision import at, bound, threshold

    assert found.found is not None  # noqa: S101  (it has leads)
    unit, other = found.found.unit, at(lead.temperature)
    margin = threshold(found.kept.margin, unit)
    if lead.low is not None and lead.low > found.kept.margin:
        return f"{other} is better by at least {bound(lead.low, unit, least=True)}; the margin is {margin}."
    if lead.high is None:
        return f"{other} could not be compared with it: too few answers have a value."
    if lead.high <= 0:
        return f"{other} is not better."
    if lead.high <= found.kept.margin:
        return f"{other} is better by at most {bound(lead.high, unit)}, within the margin of {margin}."
    return (
        f"{other} may be better by up to {bound(lead.high, unit)}; the margin is {margin}, so this is open."
    )


def _rail(rail: "RailCheck") -> str:
    from tempkit.decision import amount

    limit = amount(rail.limit, rail.unit)
    if rail.mean is None:
        return f"{rail.title} was not measured, so its limit of {limit} is not tested."
    mean = amount(rail.mean, rail.unit)
    if rail.verdict == "broken":
        return f"{rail.title}: {mean}, shown to be beyond its limit of {limit}."
    return f"{rail.title}: {mean}; too few answers to be sure of its limit of {limit}."


def _effort(found: "Verified") -> str:
    asked = f"{found.asked} of {found.questions} question{'' if found.questions == 1 else 's'}"
    run = "" if found.run is None else f" (run {found.run.name})"
    why = {
        "clear": "were enough" if found.asked != 1 else "was enough",
        "questions": "were asked; more rows of data, or more answers with -n, would tell more",
        "budget": "were asked when the budget was used up",
        "model": "were asked when another model answered, to which the temperature does nothing",
    }[found.stopped]
    return f"{asked} {why}{run}."


def as_data(found: "Verified") -> dict[str, Any]:
    """Return it as plain values that JSON takes."""
    check = found.found
    return {
        "file": str(found.path),
        "outcome": found.outcome,
        "exit_code": found.exit_code,
        "temperature": found.kept.temperature,
        "measure": found.kept.measure,
        "margin": found.kept.margin,
        "scope": found.kept.scope,
        "model_changed": found.changed,
        "model_known": found.known,
        "within_margin": check is not None and check.within,
        "guardrails_hold": check is not None and check.rails_hold,
        "mean": None if check is None else check.mean,
        "neighbours": [
            {
                "temperature": lead.temperature,
                "ahead": lead.mean,
                "ahead_at_least": lead.low,
                "ahead_at_most": lead.high,
            }
            for lead in (() if check is None else check.leads)
        ],
        "guardrails": [
            {"measure": rail.measure, "limit": rail.limit, "mean": rail.mean, "verdict": rail.verdict}
            for rail in (() if check is None else check.rails)
        ],
        "run": None if found.run is None else run_as_data(found.run),
        "questions_asked": found.asked,
        "questions": found.questions,
        "looks": found.looks,
        "stopped": found.stopped,
        "error": found.error,
    }


def write_junit(path: Path, found: "Sequence[Verified]") -> None:
    """Write results as JUnit XML: a test for each file, which fails where the command would.

    Raises:
        DecisionError: It cannot be written.
    """
    failed, broken = (sum(each.exit_code in codes for each in found) for codes in ((6, 7), (1,)))
    counts = {"tests": str(len(found)), "failures": str(failed), "errors": str(broken)}
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": "tempkit verify", **counts})
    for each in found:
        case = ET.SubElement(suite, "testcase", {"classname": "tempkit.verify", "name": _xml(str(each.path))})
        text = _xml("\n".join(_sentences(each)))
        kind = {6: "no longer holds", 7: "model changed", 1: "error"}.get(each.exit_code)
        if kind is None:
            ET.SubElement(case, "system-out").text = f"{_xml(_verdict(each))}\n{text}"
        else:
            tag = "error" if each.exit_code == 1 else "failure"
            ET.SubElement(case, tag, {"type": kind, "message": _xml(_verdict(each))}).text = text
    ET.indent(root)
    _write(path, ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n", add=False)


def _xml(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


def write_summary(path: Path, found: "Sequence[Verified]") -> None:
    """Write results in Markdown; what the CI system named for its page is added to, any other file is replaced.

    Raises:
        DecisionError: It cannot be written.
    """
    marks = {"holds": "✅", "open": "◻️", "broken": "❌", "error": "❌"}
    parts = ["## Temperatures kept in prompts", ""]
    for each in found:
        mark = "⚠️" if each.exit_code == 7 else marks[each.outcome]
        parts += [f"### {mark} {_plain(str(each.path))}: {_plain(_verdict(each))}", ""]
        parts += [*(f"- {_plain(sentence)}" for sentence in _sentences(each)), ""]
    given = os.environ.get("GITHUB_STEP_SUMMARY")
    _write(path, "\n".join(parts).encode(), add=bool(given) and Path(given or "").resolve() == path.resolve())


def _plain(text: str) -> str:
    from tempkit.errors import one_line

    return _MARKUP.sub(r"\\\1", one_line(text, 2000))


def _write(path: Path, data: bytes, *, add: bool) -> None:
    from tempkit.errors import DecisionError
    from tempkit.files import replacing

    try:
        if add:
            with path.open("ab") as file:
                file.write(data)
            return
        with replacing(path) as file:
            file.write(data)
    except OSError as e:
        raise DecisionError(f"{path}: cannot be written: {e.strerror}; name another file") from e
