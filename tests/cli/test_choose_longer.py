"""`tempkit choose` where first answers are truncated: once, and in a run of its own, they are asked with a higher limit."""

import json
from pathlib import Path
from typing import Any

import pytest
from choosing_runs import query, questions, said
from support import Cli

M = ("-m", "scripted:words", "-t", "0,1.6", "--no-report")


def limited(folder: Path, limit: int) -> str:
    """Write questions whose file limits answers to so many tokens."""
    prompt = questions(folder, rows=10)
    path = folder / prompt
    path.write_text(path.read_text().replace("maxOutputTokens: 24", f"maxOutputTokens: {limit}"))
    return prompt


def runs(folder: Path) -> list[tuple[str, int, str | None]]:
    """Return each run's name, its limit, and the run that it took the place of."""
    found = []
    for name, sampling, design in query(folder, "select name, sampling, design from run order by rowid"):
        (limits,) = json.loads(sampling).values()
        found.append((name, limits["max_tokens"], json.loads(design)["in_place_of"]))
    return found


def note(done: Any) -> list[str]:
    return [line for line in done.err.splitlines() if "reached the limit" in line]


@pytest.mark.parametrize(
    ("limit", "temperatures", "times"), [(2, "0,1.6", 4), (6, "0,1.6", 4), (7, "0.8,1.2", 2)]
)
def test_the_limit_is_raised_once_in_a_run_that_takes_the_place_of_the_first(
    cli: Cli, tmp_path: Path, limit: int, temperatures: str, times: int
) -> None:
    done = cli(
        "choose",
        limited(tmp_path, limit),
        "-m",
        "scripted:words",
        "-t",
        temperatures,
        "--no-report",
        "--json",
    )
    found = said(done, 0, 4, 5)
    (first, second) = runs(tmp_path)
    ((identity,),) = query(tmp_path, "select id from run order by rowid limit 1")
    assert (first[1], first[2]) == (limit, None)
    assert (second[1], second[2]) == (limit * times, identity)
    assert found["run"]["name"] == second[0] == "p-2"
    (said_so,) = note(done)
    assert f"reached the limit of {limit} tokens: the limit is {limit * times} now" in said_so
    assert said_so.endswith("(the first answers stay in p)")
    ((looked,),) = query(tmp_path, f"select max(round) from look where run_id = '{found['run']['id']}'")
    assert looked == found["rounds"]["technical-documentation"]
    # Whoever goes on with the first run goes on with the one that took its place, and it is not raised again.
    again = cli("choose", "--continue", "p", "--no-report", "--json")
    assert said(again, 0, 4, 5)["run"]["name"] == "p-2"
    assert note(again) == []
    assert len(runs(tmp_path)) == 2


def test_a_limit_that_was_asked_for_is_never_raised(cli: Cli, tmp_path: Path) -> None:
    done = cli("choose", limited(tmp_path, 24), *M, "--max-tokens", "2", "--json")
    found = said(done, 0, 4, 5)
    assert [each[:2] for each in runs(tmp_path)] == [("p", 2)]
    assert note(done) == []
    again = cli("choose", "--continue", found["run"]["name"], "--no-report")
    assert note(again) == []
    assert len(runs(tmp_path)) == 1


def test_few_truncated_answers_raise_nothing(cli: Cli, tmp_path: Path) -> None:
    done = cli("choose", limited(tmp_path, 24), *M, "--json")
    said(done, 0, 4)
    truncated, total = query(tmp_path, "select sum(finish_reason = 'length'), count(*) from completion")[0]
    assert truncated / total <= 0.1
    assert len(runs(tmp_path)) == 1


def test_what_the_first_answers_cost_is_no_longer_there_to_spend(cli: Cli, tmp_path: Path) -> None:
    done = cli("choose", limited(tmp_path, 2), *M, "--budget-tokens", "900", "--json")
    said(done, 0, 4, 5)
    total, first = (
        query(tmp_path, f"select sum(coalesce(input_tokens, 0) + output_tokens) from completion {where}")[0][
            0
        ]
        for where in ("", "where run_id = (select id from run order by rowid limit 1)")
    )
    assert first < total <= 900 + 24 + 20
    ((budget,),) = query(tmp_path, "select budget from run order by rowid desc limit 1")
    assert json.loads(budget)["tokens"] == 900 - first
