"""A program that uses every public name, checked by mypy as a user's would be (`make lint`), and run by a test.

What each call returns is asserted to be of exactly the type that the package promises.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, assert_type

import tempkit
from tempkit import (
    Comparison,
    Completion,
    Experiment,
    Failure,
    Item,
    Passage,
    Plan,
    Scored,
    Store,
    TempkitError,
    TokenLogprob,
)
from tempkit.backends.scripted import ScriptedBackend
from tempkit.report import load_study
from tempkit.running import Limits, RunResult, make_progress
from tempkit.types import ModelSpec, Prompt

PROMPT = "---\nname: ask\n---\nuser:\nHow many bits are in one byte?\n"
FILE = "prompts: [ask.prompty]\nmodels: ['scripted:words']\ntemperatures: [0, 1]\nrepeat: 2\n"


USE_CASE = """
name = "mine"
title = "Mine"
wants = "Few characters."
why = "Small screens."
tie = "lowest"
tie_why = "it repeats itself"
[[primary]]
measure = "answer_characters"
margin = 3
why = "less is not seen"
"""


class JsonLines:
    def __init__(self, out: BinaryIO, _columns: object) -> None:
        self.out = out

    def write(self, row: Mapping[str, object]) -> None:
        self.out.write(repr(row).encode())

    def close(self) -> None: ...

    def abandon(self) -> None: ...


def planned(folder: Path) -> Plan:
    (folder / "ask.prompty").write_text(PROMPT)
    (folder / "experiment.yaml").write_text(FILE)
    prompt = assert_type(tempkit.load_prompt(folder / "ask.prompty"), Prompt)
    items = assert_type(prompt.items, tuple[Item, ...])
    assert [item.prompt for item in items] == ["ask"]
    assert_type(tempkit.parse_model("scripted:words"), ModelSpec)
    experiment = assert_type(tempkit.read_experiment(folder / "experiment.yaml"), Experiment)
    return assert_type(tempkit.build_plan(experiment), Plan)


def read(store: Store, name: str) -> Comparison:
    run = store.find_run(name)
    completions = assert_type(store.completions(run.id, tokens=True), Iterator[Completion])
    tokens = [token for completion in completions for token in completion.tokens]
    assert_type(tokens, list[TokenLogprob])
    assert tokens
    assert_type(store.failures(run.id), Iterator[Failure])
    return assert_type(tempkit.load_comparison(store, run), Comparison)


def scored(model: str) -> list[Scored]:
    return assert_type(tempkit.score(model, [Passage(text="Eight."), "Nine."]), list[Scored])


def extended() -> None:
    @tempkit.add_measure(title="Characters", unit="characters")
    def answer_characters(answer: Completion) -> float:
        return len(answer.text)

    tempkit.add_backend("mine")(ScriptedBackend)
    tempkit.add_exporter("mine", suffixes=[".mine"])(JsonLines)
    tempkit.add_use_case(USE_CASE)


async def swept(folder: Path) -> tempkit.Choice:
    run = assert_type(
        tempkit.sweep("Say a word.", "scripted:words", temperatures="0,1", db=folder / "s.db"), tempkit.Run
    )
    assert (
        assert_type(await tempkit.sweep_async("Say one.", "scripted:words", db=folder / "s.db"), tempkit.Run)
        != run
    )
    assert assert_type(tempkit.runs(db=folder / "s.db"), list[tempkit.Run])[-1] == run
    assert_type(run.decide(), tempkit.Decisions)
    await tempkit.awaited(run.report)(folder / "s.html")
    rows = [{"question": "Say a word.", "expected": "the"}]
    prompt = assert_type(tempkit.questions(rows), Prompt)
    assert assert_type(tempkit.open_run(db=folder / "s.db"), tempkit.Run).record().completions
    assert await tempkit.choose_async(
        prompt, "scripted:words", db=folder / "s.db", expect="the", budget_tokens=900
    )
    return assert_type(
        tempkit.choose(prompt, "scripted:words", db=folder / "s.db", expect="the", budget_tokens=900),
        tempkit.Choice,
    )


def main(folder: Path) -> None:
    """Sweep, read, compare, export and report in a folder."""
    plan = planned(folder)
    with Store.open(folder / "runs.db") as store:
        result = assert_type(tempkit.start(plan, store, make_progress(), Limits()), RunResult)
        again = tempkit.resume(store, result.run, make_progress(), Limits(), retry_errors=True)
        assert_type(again, RunResult)
        assert read(store, result.run.name).run.version == assert_type(tempkit.__version__, str)
        rows = assert_type(tempkit.export(store, [result.run], folder / "answers.csv"), int)
        assert rows == plan.sample_count
        page = assert_type(tempkit.render([load_study(store, result.run)]), str)
        assert page.startswith("<!doctype html>")
        assert assert_type(tempkit.api.report(result.run, output=folder / "r.html", db=store), Path).exists()
    try:
        scored("scripted:words")
    except TempkitError as e:  # a model of twelve words scores nothing
        code = assert_type(e.exit_code, int)
    else:
        code = 0
    assert code == 2
