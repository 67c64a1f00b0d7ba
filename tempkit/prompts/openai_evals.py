"""OpenAI's registry of evals: a YAML file that names data and how they are graded, as prompts with checks.

`Match` is a beginning, `Includes` a part of an answer, as there; what a model grades or a program does is left out and named, and the questions
are asked all the same.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from tempkit.errors import PromptError, one_line
from tempkit.files import Document
from tempkit.prompts.data_rows import read_rows
from tempkit.prompts.file_references import file_inside
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo_config import Configuration
from tempkit.prompts.question_files import questions_of_rows
from tempkit.types import Check, Item, Prompt

__all__ = ["is_registry", "read_registry"]

_USED = ("samples_jsonl", "ignore_case")
_MOST = 100
"""Evals in one file."""


def is_registry(document: Document) -> bool:
    """Say whether a file is one of the registry's: its values name a class of evals, or what an eval stands for."""
    value = document.value
    return (
        isinstance(value, dict)
        and bool(value)
        and all(
            isinstance(each, dict) and ("class" in each or "metrics" in each or "id" in each)
            for each in value.values()
        )
        and any(isinstance(each.get("class"), str) for each in value.values())
    )


def read_registry(document: Document) -> Configuration:
    """Read the evals of a file.

    Args:
        document: The file, whose `source` is its path and whose `error` is PromptError.

    Raises:
        PromptError: None can be asked, or data cannot be read; the message begins with `file:line`.
    """
    left, prompts = LeftOut(), []
    given: dict[str, Any] = document.mapping(known=None, what="the registry")
    if len(given) > _MOST:
        document.fail(f"more than {_MOST} evals in one file; keep those that are to be asked")
    for name, each in given.items():
        kind = each.get("class")
        if kind is None:
            continue
        args = each.get("args")
        samples = args.get("samples_jsonl") if isinstance(args, dict) else None
        where = f"{document.source}:{document.line(name)}"
        if not isinstance(args, dict) or not isinstance(samples, str):
            left.add(f"an eval without samples_jsonl ({one_line(str(kind), 60)})", where)
            continue
        for key in args:
            if key not in _USED:
                left.add(f"{key} of an eval", where)
        prompts.append(_prompt(name, str(kind), args, samples, document, left))
    if not prompts:
        document.fail("there is no eval whose data are questions: " + "; ".join(left.lines()))
    lines = left.lines()
    kept = tuple(replace(each, description="; ".join([each.description, *lines])) for each in prompts)
    return Configuration(kept, (), {}, None, lines)


def _prompt(
    name: str, kind: str, args: dict[str, Any], samples: str, document: Document, left: LeftOut
) -> Prompt:
    path = _file(document, samples, name, "args", "samples_jsonl")
    called = re.sub(r"[^\w.-]+", "-", name)
    made = questions_of_rows(read_rows(path), called, f"{path}:1")
    grader = kind.rpartition(":")[2]
    if grader not in ("Match", "Includes", "FuzzyMatch"):
        left.add(
            f"how {one_line(kind, 80)} grades; a judge is named with --judge",
            f"{document.source}:{document.line(name, 'class')}",
        )
    items = tuple(_graded(item, grader, bool(args.get("ignore_case"))) for item in made.items)
    return replace(made, path=document.source, items=items)


def _graded(item: Item, grader: str, ignore_case: bool) -> Item:
    """Return an item whose answers are judged as the eval does: by a beginning, a part, or by nothing that tempkit has."""
    if grader not in ("Match", "Includes", "FuzzyMatch"):
        return replace(item, facts=(), checks=())
    wordings = [wording for fact in item.facts for wording in fact] + [
        str(c.value) for c in item.checks if c.type == "similar"
    ]
    if not wordings or grader == "FuzzyMatch":
        return item
    any_of = "|".join(map(re.escape, wordings))
    pattern = (r"\A" if grader == "Match" else "") + f"(?:{any_of})"
    return replace(item, facts=(), checks=(Check("regex", f"(?i){pattern}" if ignore_case else pattern),))


def _file(document: Document, name: str, *place: str) -> Path:
    """Return the file of an eval's data: beside the registry's file, or in the folder `data` beside its folder `evals`."""
    own = Path(document.source)
    data = own.parent.resolve().parent / "data"
    if own.parent.resolve().name == "evals" and not (own.parent / name).is_file() and data.is_dir():
        return file_inside(document, data / own.name, name, "data file", *place)
    try:
        return file_inside(document, own, name, "data file", *place)
    except PromptError as e:
        raise PromptError(
            f"{e}; it is looked for beside this file, or in data/ where this one is in evals/"
        ) from e
