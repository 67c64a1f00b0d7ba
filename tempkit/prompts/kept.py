"""The decision that a Prompty file keeps: its temperature, and beside it where that is from.

The temperature, and sampling parameters that were chosen with it, stand among the model's parameters, where every reader of the file finds them; the rest stands under
`metadata.tempkit.decision`. A file is edited as text, so that whoever looks at the difference sees the lines that were meant and
no others.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn, TypeGuard

from tempkit.errors import PromptError, UsageError
from tempkit.files import Document, decoded, kind, parse_yaml, with_value
from tempkit.prompts.data_rows import read_text
from tempkit.prompts.prompty import named, options, spelled
from tempkit.prompts.sampling_options import sampling_params

__all__ = ["KeptDecision", "kept_decision", "name_in", "same_prompt", "use_case_in", "with_decision"]

DECISION = ("metadata", "tempkit", "decision")
_FRONT = re.compile(
    r"\A(?P<before>\s*)(?:---|\+\+\+)[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\+\+\+)[ \t]*(?:\r?\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
"""As `load` has it, with line ends of either kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDecision:
    """What a file keeps of a decision; enough to test it again where the run's database is not at hand."""

    temperature: float
    run: str
    """The run's id."""
    date: str
    """When it was kept, `2026-11-27`."""
    model: str
    """As `-m` takes it."""
    grade: str
    """`shown`, `likely` or `guess`."""
    measure: str
    """The one that decided."""
    margin: float
    direction: str
    """`higher` or `lower`: which way is better."""
    scope: str
    """`items_like_these` or `these_items`."""
    policy: str
    use_case: str | None = None
    """Its name, or the path of its file as seen from the prompt's folder; None: a measure alone decided."""
    at_worst: float | None = None
    """At most so far behind the best of those tried, in the measure's unit; None where nothing bounds it."""
    snapshot: str | None = None
    """Which model answered: the digest of its file, or what the server called it; None: nobody said."""
    fingerprint: str | None = None
    """Of the server's set-up, where it gave one and only one."""
    tried: tuple[float, ...] = ()
    """The run's temperatures; empty where they are not known."""
    answers: int | None = None
    """Per question and temperature."""
    sampling: Mapping[str, Any] = field(default_factory=dict)
    """What the run's sampling options were where they were not the file's own."""
    beside: Mapping[str, Any] = field(default_factory=dict)
    """Sampling parameters that were chosen together with the temperature, and stand in the file's options like it."""

    def entries(self) -> dict[str, Any]:
        """Return it as it is written; what is empty is left out."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: dict(value)
            if isinstance(value, Mapping)
            else list(value)
            if isinstance(value, tuple)
            else value
            for name, value in found.items()
            if value is not None and value != () and value != {}
        }


_WORDS: Mapping[str, tuple[str, ...]] = {
    "grade": ("shown", "likely", "guess"),
    "direction": ("higher", "lower"),
    "scope": ("items_like_these", "these_items"),
}
_TEXTS = ("run", "date", "model", "measure", "policy")
_MAY_LACK = ("use_case", "snapshot", "fingerprint")


def kept_decision(path: Path) -> KeptDecision | None:
    """Return the decision that a Prompty file keeps; None where it keeps none.

    Raises:
        PromptError: Naming file and line: it cannot be read, or what it keeps has been changed by hand so that it says nothing any more.
    """
    document = _front(read_text(path, "prompt file"), str(path))
    if document is None or document.at(*DECISION) is None:
        return None
    found = _read(document)
    others, now = options(document)
    for name, value in found.beside.items():
        if others.get(name) != value:
            says = f"the file says {name}={others[name]}" if name in others else f"the file has no {name}"
            document.fail(
                f"{says}, but the decision kept in it is {value} with the temperature; decide again, or restore it",
                *DECISION,
                "beside",
            )
    if now != found.temperature:
        says = "no temperature" if now is None else f"the temperature {now:g}"
        document.fail(
            f"the file says {says}, but the decision kept in it is {found.temperature:g}; decide again, or restore the temperature",
            *DECISION,
            "temperature",
        )
    return found


def name_in(path: Path) -> str:
    """Return the name of the prompt that a Prompty file holds, whatever else is wrong with it.

    Raises:
        PromptError: The file or its front matter cannot be read.
    """
    document = _front(read_text(path, "prompt file"), str(path))
    return path.stem if document is None else named(document, path.stem)


def use_case_in(source: str) -> str | None:
    """Return the use case that a Prompty file's text names, as it stands there; None where it names none."""
    document = _front(source, "the prompt")
    found = None if document is None else document.at("metadata", "tempkit", "use_case")
    return found if isinstance(found, str) else None


def same_prompt(path: Path, source: str) -> bool:
    """Say whether a Prompty file says the same as an earlier text of it, but for the decision that it keeps.

    Raises:
        PromptError: The file cannot be read.
    """
    texts = (read_text(path, "prompt file"), source)
    chosen = [name for text in texts for name in _beside(text)]
    now, before = (_without_decision(text, chosen) for text in texts)
    return bool(now == before)


def _beside(text: str) -> list[str]:
    """Return which sampling options of a file were decided for."""
    document = _front(text, "the prompt")
    found = None if document is None else document.at(*DECISION, "beside")
    return list(found) if isinstance(found, dict) else []


def _without_decision(text: str, chosen: Sequence[str]) -> Any:
    document, front = _front(text, "the prompt"), _FRONT.match(text)
    if document is None or front is None or not isinstance(document.value, dict):
        return ({}, {}, {}, {}), text
    said = {key: value for key, value in document.value.items() if key not in ("model", "metadata")}
    own = dict(document.mapping("metadata", "tempkit", known=None, what="metadata.tempkit"))
    own.pop("decision", None)
    more = {k: v for k, v in (document.at("metadata") or {}).items() if k != "tempkit"}
    left = {name: value for name, value in options(document)[0].items() if name not in chosen}
    return (said, own, more, left), text[front.end() :]


def _front(text: str, source: str) -> Document | None:
    front = _FRONT.match(text)
    if front is None:
        return None
    first_line = text[: front.start("yaml")].count("\n") + 1
    return parse_yaml(front["yaml"], source, PromptError, first_line=first_line)


def _read(document: Document) -> KeptDecision:
    given = document.mapping(*DECISION, known=None, what="the kept decision")

    def number(name: str, *, least: float = 0.0, may_lack: bool = False) -> float | None:
        value = given.get(name)
        if value is None and may_lack:
            return None
        if not _is_number(value) or value < least:
            _refuse(document, name, "a number from 0")
        return float(value)

    for name in (*_TEXTS, *_MAY_LACK):
        value = given.get(name)
        if not isinstance(value, str) and not (value is None and name in _MAY_LACK):
            _refuse(document, name, "text")
    for name, words in _WORDS.items():
        if given.get(name) not in words:
            _refuse(document, name, f"one of {', '.join(words)}")
    tried, answers = given.get("tried") or [], given.get("answers")
    sampling, beside = given.get("sampling") or {}, given.get("beside") or {}
    if not isinstance(tried, list) or not all(_is_number(t) and t >= 0 for t in tried):
        _refuse(document, "tried", "a list of temperatures")
    if answers is not None and (isinstance(answers, bool) or not isinstance(answers, int) or answers < 1):
        _refuse(document, "answers", "a whole number from 1")
    for name, values in (("sampling", sampling), ("beside", beside)):
        if not isinstance(values, dict):
            _refuse(document, name, "a mapping")
        try:
            sampling_params(values)
        except UsageError as e:
            document.fail(f"the kept decision's {name}: {e}", *DECISION, name)
    margin = number("margin")
    if not margin:
        _refuse(document, "margin", "a number above 0")
    texts: dict[str, Any] = {name: given.get(name) for name in (*_TEXTS, *_MAY_LACK, *_WORDS)}
    return KeptDecision(
        temperature=number("temperature") or 0.0,
        margin=margin or 0.0,
        at_worst=number("at_worst", may_lack=True),
        tried=tuple(sorted({float(t) for t in tried})),
        answers=answers,
        sampling=sampling,
        beside=beside,
        **texts,
    )


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refuse(document: Document, name: str, wanted: str) -> NoReturn:
    value = document.at(*DECISION, name)
    given = "it is missing" if value is None else f"not {value if isinstance(value, str) else kind(value)!s}"
    document.fail(
        f"{name} of the kept decision must be {wanted}; {given}: keep the decision again with tempkit decide",
        *DECISION,
        name,
    )


def with_decision(data: bytes, source: str, kept: KeptDecision) -> bytes:
    """Return a Prompty file with a decision in it, every other byte as it was.

    Args:
        data: The file, in UTF-8.
        source: What messages call it.
        kept: The decision; one that the file keeps already is replaced.

    Raises:
        PromptError: The file is in another encoding, or written so that it cannot be edited without touching the rest.
    """
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    try:
        text = data[len(mark) :].decode("utf-8")
    except UnicodeDecodeError as e:
        decoded(data, source, "prompt file")  # says so of what is no text at all
        raise PromptError(f"{source}: a decision is kept in UTF-8 files only; save it as UTF-8") from e
    if "\r" in text.replace("\r\n", ""):
        raise PromptError(f"{source}: its line ends are not those of text files; save it with LF or CRLF")
    front = _FRONT.match(text)
    if front is None:
        end = "\r\n" if "\r\n" in text else "\n"
        made = _edited("", source, kept).replace("\n", end)
        return mark + f"---{end}{made}---{end}{text}".encode()
    made = _edited(front["yaml"], source, kept)
    return mark + f"{text[: front.start('yaml')]}{made}{text[front.end('yaml') :]}".encode()


def _edited(front: str, source: str, kept: KeptDecision) -> str:
    document = parse_yaml(front, source, PromptError)
    place, value = _temperature(document, kept.temperature)
    section = place[:-1] if len(place) > 1 else ("model", "parameters")
    try:
        front = with_value(front, place, value)
        for name, chosen in kept.beside.items():
            front = with_value(front, spelled(document, section, name), chosen)
        return with_value(front, DECISION, kept.entries())
    except ValueError as e:
        raise PromptError(
            f"{source}: {e}; write {'.'.join(place)}: {kept.temperature:g} into its front matter yourself, or write its keys out"
        ) from e


def _temperature(document: Document, temperature: float) -> tuple[tuple[str, ...], Any]:
    """Return which key is to be set, and to what: the temperature, where the file has its model's parameters."""
    model = document.at("model")
    if isinstance(model, str):  # a bare name leaves no place beside it
        return ("model",), {"id": model, "parameters": {"temperature": temperature}}
    sections = [key for key in ("options", "parameters") if isinstance(model, dict) and key in model]
    for key in sections:
        for place in (("model", key), ("model", key, "additionalProperties")):
            found = document.at(*place)
            if isinstance(found, dict) and "temperature" in found:
                return (*place, "temperature"), temperature
    return ("model", sections[0] if sections else "parameters", "temperature"), temperature
