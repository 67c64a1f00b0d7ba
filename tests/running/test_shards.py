"""Shards: parts of one plan that are run apart and make up the whole, in one database or by turns."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import PATIENCE_S, Cli

from tempkit.errors import UsageError
from tempkit.running import Shard
from tempkit.store import Store
from tempkit.types import Item, Message, ModelSpec, Plan, Prompt, SamplingParams

MODEL = "scripted:words"


def plan_of(items: int, prompts: int = 1) -> Plan:
    made = [
        Item(key=f"q{i}", prompt=f"p{i % prompts}", messages=(Message("user", "Say."),)) for i in range(items)
    ]
    return Plan(
        name="plan",
        prompts=tuple(
            Prompt(name=f"p{n}", items=tuple(item for item in made if item.prompt == f"p{n}"))
            for n in range(prompts)
        ),
        models=(ModelSpec(backend="scripted", name="words", label="words"),),
        temperatures=(0.0, 1.0),
        repeat=2,
        seed=0,
        sampling={f"p{n}": SamplingParams() for n in range(prompts)},
    )


@given(st.integers(1, 40), st.integers(1, 3), st.data())
def test_shards_share_out_all_questions_and_none_twice(items: int, prompts: int, data: st.DataObject) -> None:
    plan = plan_of(items, prompts)
    of = data.draw(st.integers(1, items))
    parts = [Shard(number, of).items(plan) for number in range(1, of + 1)]
    assert sum(map(len, parts)) == items
    assert frozenset().union(*parts) == {item.key for item in plan.items}
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    for number, part in enumerate(parts, 1):
        assert {item.key for item in Shard(number, of).of_plan(plan).items} == part


@pytest.mark.parametrize(
    "text", ["", "0/3", "4/3", "1", "1/0", "a/b", "-1/3", "1/3/5", "1.5/3", "1/9999999", "٣/٤"]
)
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--shard takes K/N"):
        Shard.parse(text)


def test_more_shards_than_questions_are_too_many() -> None:
    with pytest.raises(
        UsageError, match="shard 4/5 has nothing to do: the run has 3 questions; take at most 3 shards"
    ):
        Shard(4, 5).items(plan_of(3))


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.csv"
    path.write_text("question\n" + "".join(f"What is {n} + {n}?\n" for n in range(7)), encoding="utf-8")
    return path


def command(*more: str) -> tuple[str, ...]:
    return ("run", "questions.csv", "-m", MODEL, "-t", "0,0.7,1.4", "-n", "3", "--name", "shared", *more)


def samples(db: Path) -> list[tuple[Any, ...]]:
    with Store.open(db, must_exist=True) as store:
        run = store.find_run("shared")
        return sorted(
            (c.key.item, c.key.temperature, c.key.replicate, c.seed, c.text)
            for c in store.completions(run.id)
        )


def test_shards_by_turns_make_up_the_run_in_one_piece(cli: Cli, questions: Path, tmp_path: Path) -> None:
    assert cli(*command("--db", "whole.db")).code == 0
    for number in (2, 1, 3):
        done = cli(*command("--db", "parts.db", "--shard", f"{number}/3", "--json"))
        assert done.code == 0, done.err
        told = json.loads(done.out)
        assert told["stored_now"] == (3 if number == 1 else 2) * 9
        assert told["run"]["status"] == ("finished" if number == 3 else "interrupted")
    assert samples(tmp_path / "parts.db") == samples(tmp_path / "whole.db")
    again = cli(*command("--db", "parts.db", "--shard", "2/3", "--json"))
    assert (again.code, json.loads(again.out)["stored_now"]) == (0, 0)


def test_shards_at_once_in_one_database(
    cli: Cli, cli_env: dict[str, str], questions: Path, tmp_path: Path
) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tempkit", *command("--db", "at-once.db", "--shard", f"{number}/3")],
            cwd=tmp_path, env=cli_env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in (1, 2, 3)
    ]  # fmt: skip
    for each in started:
        _, err = each.communicate(timeout=PATIENCE_S)
        assert each.returncode == 0, err
    assert cli(*command("--db", "whole.db")).code == 0
    assert samples(tmp_path / "at-once.db") == samples(tmp_path / "whole.db")
    with Store.open(tmp_path / "at-once.db") as store:
        (run,) = store.runs()
        assert run.status == "finished"


@pytest.mark.parametrize(
    ("more", "what"),
    [(("--seed", "5"), "seed"), (("-t", "0,1"), "temperatures"), (("--max-tokens", "9"), "sampling")],
)
def test_a_shard_of_another_plan_is_refused(
    cli: Cli, questions: Path, tmp_path: Path, more: tuple[str, ...], what: str
) -> None:
    assert cli(*command("--shard", "1/2")).code == 0
    before = samples(tmp_path / "tempkit.db")
    done = cli(*command("--shard", "2/2", *more))
    assert done.code == 1
    assert "run shared is there with another plan: its " in done.err
    assert what in done.err
    assert samples(tmp_path / "tempkit.db") == before


def test_shards_may_ask_for_a_number_of_logprobs(cli: Cli, questions: Path) -> None:
    for number in (1, 2):
        done = cli(*command("--shard", f"{number}/2", "--logprobs", "4", "--json"))
        assert done.code == 0, done.err


def test_a_run_in_parts_goes_on_in_parts_or_at_once(cli: Cli, questions: Path, tmp_path: Path) -> None:
    assert cli(*command("--shard", "1/3")).code == 0
    done = cli("run", "--resume", "shared", "--shard", "2/3", "--json")
    assert (done.code, json.loads(done.out)["stored_now"]) == (0, 18)
    done = cli("run", "--resume", "shared", "--json")
    assert (done.code, json.loads(done.out)["stored_now"], json.loads(done.out)["run"]["status"]) == (
        0,
        18,
        "finished",
    )


def test_a_dry_run_counts_the_part(cli: Cli, questions: Path) -> None:
    done = cli(*command("--shard", "1/3", "--dry-run", "--json"))
    assert done.code == 0, done.err
    assert json.loads(done.out)["plan"]["samples"] == 27


def test_shards_in_databases_of_their_own_are_merged_into_the_run_in_one_piece(
    cli: Cli, questions: Path, tmp_path: Path
) -> None:
    assert cli(*command("--db", "whole.db")).code == 0
    for number in (1, 2, 3):
        assert cli(*command("--db", f"part-{number}.db", "--shard", f"{number}/3")).code == 0
    done = cli("db", "merge", "part-3.db", "part-1.db", "part-2.db", "--db", "all.db", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)["copied"]
    assert [(each["name"], each["state"]) for each in told] == [
        ("shared", "added"),
        ("shared", "joined"),
        ("shared", "joined"),
    ]
    assert (told[-1]["completions_there"], told[-1]["completions"]) == (18, 63)
    assert samples(tmp_path / "all.db") == samples(tmp_path / "whole.db")
    with Store.open(tmp_path / "all.db") as store, Store.open(tmp_path / "whole.db") as other:
        (run,) = store.runs()
        assert (run.status, run.completions, run.planned) == ("finished", 63, 63)
        mine, theirs = (
            sorted(
                (c.key.item, c.key.temperature, c.key.replicate, c.tokens)
                for c in each.completions(each.runs()[0].id)
            )
            for each in (store, other)
        )
        assert mine == theirs
    again = cli("db", "merge", "part-1.db", "--db", "all.db", "--json")
    assert [each["state"] for each in json.loads(again.out)["copied"]] == ["here_already"]
    assert samples(tmp_path / "all.db") == samples(tmp_path / "whole.db")


def test_a_merged_shard_of_another_plan_and_a_second_whole_run_stay_runs_of_their_own(
    cli: Cli, questions: Path, tmp_path: Path
) -> None:
    assert cli(*command("--db", "one.db", "--shard", "1/2")).code == 0
    assert cli(*command("--db", "two.db", "--shard", "2/2", "--seed", "7")).code == 0
    assert cli(*command("--db", "three.db")).code == 0
    done = cli("db", "merge", "two.db", "three.db", "--db", "one.db", "--json")
    assert done.code == 0, done.err
    assert [(each["name"], each["state"]) for each in json.loads(done.out)["copied"]] == [
        ("shared-2", "added"),
        ("shared-3", "added"),
    ]
