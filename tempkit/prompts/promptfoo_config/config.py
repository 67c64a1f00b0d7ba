"""Read a configuration of promptfoo's: every prompt with every test as a prompt with items.

What promptfoo does and tempkit does not is left out and named, each kind once; the run keeps that list in the description of its prompts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tempkit.errors import UsageError, one_line
from tempkit.files import Document
from tempkit.prompts.left_out import NOT_CARRIED_OVER, LeftOut
from tempkit.prompts.promptfoo_config.assertions import checks_of
from tempkit.prompts.promptfoo_config.chats import Entry, with_defaults
from tempkit.prompts.promptfoo_config.folder import Folder, at
from tempkit.prompts.promptfoo_config.items import items_of, name_strangers
from tempkit.prompts.promptfoo_config.prompt_entries import entries
from tempkit.prompts.promptfoo_config.providers import Provider, providers
from tempkit.prompts.promptfoo_config.templates import names_in
from tempkit.prompts.promptfoo_config.tests_of import tests
from tempkit.prompts.sampling_options import whole_number
from tempkit.types import Prompt

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
    found = [with_defaults(entry, left) for entry in entries(document, folder, left)]
    if not found:
        document.fail(
            f"there is no prompt that can be carried over: {_why(left, 'a prompt ') or 'prompts is empty'}",
            "prompts",
        )
    models = providers(document, folder, left)
    cases = tests(document, folder, left)
    if len(found) * len(cases) > _MOST_ITEMS:
        document.fail(
            f"{len(found):,} prompts with {len(cases):,} tests are too many; {_MOST_ITEMS:,} may be asked",
            "tests",
        )
    name_strangers(found, cases, left)
    repeat = _repeat(document, left)
    if document.at("redteam") is not None and not document.at("tests") and not document.at("scenarios"):
        wanted = {used for entry in found for text in entry.templates for used in names_in(text)}
        if wanted - set(cases[0].values):
            document.fail(
                "promptfoo's red teaming makes the questions of this file, and tempkit does not; name the file that "
                "promptfoo redteam generate writes",
                "redteam",
            )
    if models.transformed and len(models.transformed) == len(models.models):
        left.add("assertions on what a provider's transform makes of its answers", models.transformed[0])
        cases = [replace(case, assertions=()) for case in cases]
    elif models.transformed:
        left.add(
            "a transform of some providers: their answers are checked as they are", models.transformed[0]
        )
    checks = [checks_of(case.assertions, case.values, left) for case in cases]
    names = _names(found, path.stem)
    made = [
        (name, entry, items)
        for name, entry in zip(names, found, strict=True)
        if (items := items_of(name, entry, cases, checks, left))
    ]
    if not made:
        document.fail(f"there is no prompt that is asked: {_why(left, 'a prompt ', 'a test ')}", "prompts")
    lines = left.lines()
    about = document.at("description")
    about = one_line(about, 300) if isinstance(about, str) else ""
    said = "; ".join(filter(None, [about, f"from {path.name}", *lines]))
    prompts = tuple(
        Prompt(name=name, description=said, path=str(path), source=_source(entry), items=items)
        for name, entry, items in made
    )
    return Configuration(prompts, tuple(models.models), models.sampling, repeat, lines)


def _why(left: LeftOut, *begins: str) -> str:
    """Return the first line on something that is left out whose kind begins so; empty where there is none."""
    return next((line for line in left.lines() if line.partition(NOT_CARRIED_OVER)[2].startswith(begins)), "")


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
