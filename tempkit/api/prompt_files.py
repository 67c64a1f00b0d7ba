"""Which of a run's prompt files a decision is for, and what its use case is called from there."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tempkit.decision import Asked, Decision
from tempkit.errors import DecisionError, UsageError, nearest, one_line
from tempkit.prompts import name_in, use_case_in
from tempkit.types import Plan, Prompt, joined_names

__all__ = ["for_files", "is_kept_in", "label_of", "places_of", "prompt_of", "section_name", "use_case_from"]

_SUFFIX = ".prompty"


def is_kept_in(path: str | None) -> bool:
    """Return whether a prompt's file is one that keeps decisions."""
    return path is not None and Path(path).suffix == _SUFFIX


def label_of(plan: Plan, model: str | None) -> str:
    """Return the model that is meant.

    Raises:
        UsageError: There are several, or none of this name.
    """
    labels = [each.label for each in plan.models]
    if model is None and len(labels) == 1:
        return labels[0]
    listed = one_line(", ".join(labels), 300)
    if model is None:
        raise UsageError(
            f"a file keeps one temperature, and the run has several models ({listed}): choose one with --model LABEL"
        )
    if model not in labels:
        raise UsageError(
            f"the run has no model {one_line(model, 80)!r}{nearest(model, labels)}; it has: {listed}"
        )
    return model


def places_of(plan: Plan, files: Sequence[Path]) -> list[tuple[Path, Prompt]]:
    """Return the files that decisions go into, each with the run's prompt that it holds.

    Raises:
        DecisionError: The run has no such file.
        UsageError: One that is named is no Prompty file, or is named twice.
    """
    if not files:
        found = [(Path(p.path), p) for p in plan.prompts if p.path is not None and is_kept_in(p.path)]
        if found:
            return found
        first = plan.prompts[0]
        what = "was typed" if first.typed else f"is {Path(first.path or first.name).name}"
        raise DecisionError(
            f"prompt {one_line(first.name, 60)} {what}, and a decision is kept in {_SUFFIX} files: put it into one, run that, and decide again"
        )
    for path in files:
        if path.suffix != _SUFFIX:
            raise UsageError(
                f"{one_line(path, 100)}: a decision is kept in {_SUFFIX} files only; name one that the run asked"
            )
    twice = next(
        (path for path in files if sum(path.resolve() == each.resolve() for each in files) > 1), None
    )
    if twice is not None:
        raise UsageError(f"{one_line(twice, 100)} is named twice: name each file once")
    return [(path, prompt_of(plan, path)) for path in files]


def prompt_of(plan: Plan, path: Path) -> Prompt:
    """Return the run's prompt that a file holds.

    Raises:
        PromptError: It cannot be read.
        UsageError: The run has not asked it.
    """
    asked = [prompt for prompt in plan.prompts if not prompt.typed]
    same = [p for p in asked if p.path is not None and Path(p.path).resolve() == path.resolve()]
    if same:
        return same[0]
    name = name_in(path)
    found = next((prompt for prompt in asked if prompt.name == name), None)
    if found is None:
        listed = one_line(", ".join(p.path or p.name for p in plan.prompts), 200)
        raise UsageError(f"{path}: the run has not asked this prompt; it asked {listed}")
    return found


def section_name(group: Sequence[Prompt]) -> str:
    """Return what decisions call prompts that are judged together."""
    return group[0].use_case or joined_names(group)


def for_files(
    found: Sequence[Decision], places: Sequence[tuple[Path, Prompt]], sections: Mapping[str, str]
) -> Iterator[tuple[Decision, list[Path]]]:
    """Yield each decision with the files that it is for.

    Raises:
        UsageError: There is none for a file.
    """
    for path, prompt in places:
        if not any(each.section == sections[prompt.name] for each in found):
            raise UsageError(
                f"{path} is not judged by this use case; leave out --use-case, or name one of its own run's prompts"
            )
    for each in found:
        group = [path for path, prompt in places if sections[prompt.name] == each.section]
        if group:
            yield each, group


def use_case_from(prompt: Prompt, decision: Decision, asked: Asked, path: Path) -> str | None:
    """Return what the use case is called from the prompt's folder; None where a measure alone decided."""
    if asked.use_case is None and asked.measure is not None:
        return None
    if asked.use_case is not None and asked.use_case.endswith(".toml"):
        try:
            return Path(os.path.relpath(asked.use_case, path.parent)).as_posix()
        except ValueError:  # on another drive
            return Path(asked.use_case).absolute().as_posix()
    own = use_case_in(prompt.source)
    return own if asked.use_case is None and own is not None and own.endswith(".toml") else decision.use_case
