"""A program that uses every public name, checked by mypy as a user's would be (`make lint`), and run by a test.

What each call returns is asserted to be of exactly the type that the package promises.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

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
from tempkit.report import load_study
from tempkit.running import Limits, RunResult, make_progress
from tempkit.types import ModelSpec, Prompt

PROMPT = "---\nname: ask\n---\nuser:\nHow many bits are in one byte?\n"
FILE = "prompts: [ask.prompty]\nmodels: ['scripted:words']\ntemperatures: [0, 1]\nrepeat: 2\n"


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
