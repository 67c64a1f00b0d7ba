"""Read a configuration of promptfoo's: every prompt with every test as a prompt with items.

What promptfoo does and tempkit does not is left out and named, each kind once; the run keeps that list in the description of its prompts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError, UsageError, one_line
from tempkit.files import Document
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo_config.assertions import checks_of
from tempkit.prompts.promptfoo_config.folder import Folder, at
from tempkit.prompts.promptfoo_config.prompt_entries import Entry, chat_of, entries
from tempkit.prompts.promptfoo_config.providers import Provider, providers
from tempkit.prompts.promptfoo_config.templates import filled, left_in, names_in
from tempkit.prompts.promptfoo_config.tests_of import Test, tests
from tempkit.prompts.sampling_options import whole_number
from tempkit.types import Item, Message, Prompt

__all__ = ["Configuration", "is_promptfoo", "read_promptfoo"]

_USED = (
    "prompts",
    "providers",
    "targets",
    "tests",
    "defaultTest",
    "scenarios",
    "assertionTemplates",
    "$schema",
    "description",
)
_THEIRS = (
    "providers",
    "targets",
    "tests",
    "defaultTest",
    "scenarios",
    "redteam",
    "evaluateOptions",
    "assertionTemplates",
)
_NAMED = re.compile(r"promptfoo\S*\.(ya?ml|json)", re.IGNORECASE)
_MOST_ITEMS = 100_000


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration holds, as far as tempkit has it."""

    prompts: tuple[Prompt, ...]
    models: tuple[Provider, ...]
    sampling: Mapping[str, Any]
    """`SamplingParams` fields that all providers have."""
    repeat: int | None
    left_out: tuple[str, ...]
    """What is not carried over, a line for each kind."""


def is_promptfoo(document: Document) -> bool:
    """Say whether a file is a configuration of promptfoo's: by its name, or by keys that an experiment has not."""
    value = document.value
    if not isinstance(value, dict):
        return False
    return bool(_NAMED.fullmatch(Path(document.source).name)) or any(key in value for key in _THEIRS)


def read_promptfoo(document: Document) -> Configuration:
    """Read a configuration.

    Args:
        document: The file, whose `source` is its path and whose `error` is PromptError.

    Raises:
        PromptError: It cannot be used; the message begins with `file:line`.
    """
    path = Path(document.source)
    given = document.mapping(known=None, what="the configuration")
    folder, left = Folder(path), LeftOut()
    for key in given:
        if key not in (*_USED, "evaluateOptions", "commandLineOptions") and given[key] is not None:
            left.add(f"{key} of the configuration", at(document, key))
    found = entries(document, folder, left)
    if not found:
        document.fail(
            "there is no prompt that can be carried over: " + (left.lines() or ("prompts is empty",))[0],
            "prompts",
        )
    models = providers(document, folder, left)
    cases = tests(document, folder, left)
    if len(found) * len(cases) > _MOST_ITEMS:
        document.fail(
            f"{len(found):,} prompts with {len(cases):,} tests are too many; {_MOST_ITEMS:,} may be asked",
            "tests",
        )
    repeat = _repeat(document, left)
    if document.at("redteam") is not None and document.at("tests") is None and not document.at("scenarios"):
        wanted = {used for entry in found for part in entry.parts for used in names_in(part.body)}
        if wanted - set(cases[0].values):
            document.fail(
                "promptfoo's red teaming makes the questions of this file, and tempkit does not; name the file that "
                "promptfoo redteam generate writes",
                "redteam",
            )
    checks = [checks_of(case.assertions, case.values, left) for case in cases]
    names = _names(found, path.stem)
    made = [
        (name, _items(name, entry, cases, checks, left)) for name, entry in zip(names, found, strict=True)
    ]
    lines = left.lines()
    about = document.at("description")
    about = one_line(about, 300) if isinstance(about, str) else ""
    said = "; ".join(filter(None, [about, f"from {path.name}", *lines]))
    prompts = tuple(
        Prompt(name=name, description=said, path=str(path), source=_source(entry), items=items)
        for (name, items), entry in zip(made, found, strict=True)
    )
    return Configuration(prompts, tuple(models.models), models.sampling, repeat, lines)


def _items(
    name: str, entry: Entry, cases: Sequence[Test], checks: Sequence[tuple[Any, ...]], left: LeftOut
) -> tuple[Item, ...]:
    rows = [(case.values, f" (with the test at {case.where})") for case in cases]
    wanted = {used for part in entry.parts for used in names_in(part.body)}
    for hidden in ("env", "_conversation"):
        if hidden in wanted:
            raise PromptError(
                f"{entry.where}: the prompt uses {hidden}, which tempkit does not fill in; write the text out"
            )
    for case in cases:
        for missing in sorted(wanted - set(case.values)):
            left.add(
                f"nothing for the variable {missing}, which a test does not give: it stays empty, as in promptfoo",
                case.where,
            )
        for holding in sorted(wanted & set(left_in(case.values))):
            left.add(f"a template in the variable {holding}: it is sent as it is written", case.where)
    columns = [filled(part.body, part.source, part.line, rows) for part in entry.parts]
    items = []
    for n, (case, own) in enumerate(zip(cases, checks, strict=True)):
        texts = (
            chat_of(columns[0][n], entry.where, left)
            if entry.as_json
            else [(part.role, column[n]) for part, column in zip(entry.parts, columns, strict=True)]
        )
        messages = tuple(Message(role, text) for role, text in texts if text.strip())
        if not any(message.role != "system" for message in messages):
            raise PromptError(
                f"{entry.where}: the prompt has no text to send (with the test at {case.where})"
            )
        items.append(
            Item(
                key=f"{name}/{case.key}" if len(cases) > 1 else name,
                prompt=name,
                messages=messages,
                variables=dict(case.values),
                checks=own,
            )
        )
    return tuple(items)


def _names(found: Sequence[Entry], stem: str) -> list[str]:
    """Return what the prompts are called: by their labels where these are names, numbered where two are alike."""
    plain = [
        re.sub(r"[^\w.-]+", "-", entry.label).strip("-.")[:40] or re.sub(r"[^\w.-]+", "-", stem)
        for entry in found
    ]
    names: list[str] = []
    for name in plain:
        number = 1
        called = name
        while called in names or (number == 1 and plain.count(name) > 1):
            called, number = f"{name}-{number}", number + 1
        names.append(called)
    return names


def _source(entry: Entry) -> str:
    return (
        "\n".join(f"{part.role}:\n{part.body}" for part in entry.parts)
        if len(entry.parts) > 1
        else entry.parts[0].body
    )


def _repeat(document: Document, left: LeftOut) -> int | None:
    found = None
    for key in ("commandLineOptions", "evaluateOptions"):
        for name, value in document.mapping(key, known=None, what=key).items():
            if name == "repeat":
                try:
                    found = whole_number(value, "repeat", least=1)
                except UsageError as e:
                    document.fail(str(e), key, name)
            else:
                left.add(f"{key}.{name}", at(document, key, name))
    return found
