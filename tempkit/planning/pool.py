"""Further questions for a run that is there: those rows of its files that it has not asked yet, or the rows of another file.

A question that the run has asked must still be what it was: a file that somebody has edited since would otherwise be asked half in
its old words and half in its new ones.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tempkit.errors import NeedsRowsError, PromptError, UsageError, one_line
from tempkit.planning.experiment import expecting
from tempkit.planning.typed_prompts import prompt_of
from tempkit.types import Item, Plan, Prompt

__all__ = ["further_items"]


def further_items(
    plan: Plan, run: str, files: Sequence[str] = (), *, outside: bool = False
) -> dict[str, list[Item]]:
    """Return the items that a run has not asked, by the name of the prompt that they belong to, in their files' order.

    Args:
        plan: The run's.
        run: Its name, for errors.
        files: What to read; none: the files that the run began with, as far as they lie in the current folder.
        outside: Read those that lie elsewhere, too. A database may come from somebody else, and name any file.

    Raises:
        PromptError: A file cannot be read, or a question in it is not what it was when the run asked it.
        UsageError: A file has no place among the run's prompts, or is a text and no file.
    """
    found: dict[str, list[Item]] = {}
    for text in files or _own_files(plan, run, outside=outside):
        try:
            read = _read(text, None if plan.design is None else plan.design.expect)
        except NeedsRowsError as e:
            raise PromptError(
                f"{e.missing}: run {run} keeps no rows of --data; name them in the file (metadata: {{tempkit: {{data: FILE.csv}}}}), "
                "or ask the further ones in a run of their own"
            ) from e
        prompt = next((each for each in plan.prompts if each.name == read.name), None)
        if prompt is None:
            prompt = _only(plan, run, text)
            asked = {item.messages for item in prompt.items}
            read = _under(prompt, read, Path(text).stem)
            # Asked again under another name, a question would count twice.
            read = replace(read, items=tuple(item for item in read.items if item.messages not in asked))
        new = _new(prompt, read, run, text)
        there = {item.key for item in found.get(prompt.name, ())}
        found.setdefault(prompt.name, []).extend(item for item in new if item.key not in there)
    return found


def _read(text: str, expect: str | None) -> Prompt:
    read = prompt_of(text, Path(), 1)
    if read.typed:
        raise UsageError(f"{one_line(text, 60)!r} is not a file; further questions come from files")
    return replace(read, items=tuple(expecting(item, expect) for item in read.items))


def _own_files(plan: Plan, run: str, *, outside: bool) -> list[str]:
    paths = [prompt.path for prompt in plan.prompts if prompt.path is not None]
    here = Path.cwd().resolve()
    for path in paths:
        if not outside and not Path(path).resolve().is_relative_to(here):
            raise UsageError(
                f"run {run} began with {path}, which lies outside of the current folder; name the file if it is meant"
            )
        if not Path(path).is_file():
            raise PromptError(f"{path}: not found; run {run} began with it, so go there or name the file")
    return paths


def _only(plan: Plan, run: str, text: str) -> Prompt:
    if len(plan.prompts) == 1:
        return plan.prompts[0]
    names = ", ".join(prompt.name for prompt in plan.prompts)
    raise UsageError(
        f"{text}: run {run} has several prompts ({names}), and none is named {Path(text).stem!r}; give the file one of their names"
    )


def _under(prompt: Prompt, read: Prompt, stem: str) -> Prompt:
    """Return the questions of another file as further ones of a prompt."""
    keys = (item.key.partition("/")[2] for item in read.items)
    items = (
        replace(
            item, key=f"{prompt.name}/{stem}-{key}" if key else f"{prompt.name}/{stem}", prompt=prompt.name
        )
        for item, key in zip(read.items, keys, strict=True)
    )
    return replace(read, name=prompt.name, items=tuple(items))


def _new(prompt: Prompt, read: Prompt, run: str, text: str) -> list[Item]:
    asked = {item.key: item for item in prompt.items}
    for item in read.items:
        before = asked.get(item.key)
        if before is not None and (before.messages, before.facts, before.checks) != (
            item.messages,
            item.facts,
            item.checks,
        ):
            raise PromptError(
                f"{text}: question {item.key} is not what it was when run {run} asked it; give changed questions another id, "
                "or start a new run"
            )
    return [item for item in read.items if item.key not in asked]
