"""`tempkit choose` on the scripted model: its rounds, what it may spend, and that its run is one like any other."""

import json
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from choosing_runs import gist, query, questions, said, stored, write_rows
from support import Cli

from tempkit.analysis import load_tables
from tempkit.store import Store

M = ("-m", "scripted:words")


def choose(cli: Cli, *args: str, codes: tuple[int, ...] = (0,), report: bool = False) -> dict[str, Any]:
    return said(cli("choose", *args, "--json", *(() if report else ("--no-report",))), *codes)


def looks(folder: Path) -> list[tuple[Any, ...]]:
    return query(folder, "select digest, round from look order by id")


def test_recommend_says_afterwards_what_choose_said_and_is_no_further_look(cli: Cli, tmp_path: Path) -> None:
    found = choose(cli, questions(tmp_path), *M, "-t", "0,0.8,1.6", codes=(0, 4))
    (chosen,) = found["decisions"]
    assert found["rounds"]["technical-documentation"] > 1
    seen = looks(tmp_path)
    assert [number for _digest, number in seen] == list(range(1, len(seen) + 1))
    for _ in range(2):
        (read,) = json.loads(cli("recommend", "latest", "--json").out)["decisions"]
        assert read == chosen
    assert choose(cli, "--continue", "latest", codes=(0, 4))["decisions"] == [chosen]
    assert looks(tmp_path) == seen


def test_a_look_in_the_middle_of_a_round_leaves_that_rounds_share_of_alpha_alone(
    cli: Cli, tmp_path: Path
) -> None:
    found = choose(cli, questions(tmp_path), *M, "-t", "0,0.8,1.6", codes=(0, 4))
    ended = found["decisions"][0]["looks"]
    assert ended == found["rounds"]["technical-documentation"] > 2
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection, connection:
        for table in ("token", "alternatives"):
            connection.execute(f"delete from {table} where completion_id = (select max(id) from completion)")
        connection.execute("delete from look where round = ?", (ended,))
        connection.execute("delete from completion where id = (select max(id) from completion)")
    with Store.open(str(tmp_path / "tempkit.db")) as store:
        run = store.find_run("latest")
        (section,) = load_tables(store, run)
        assert store.load_plan(run.id).round_of(["p"]) == ended
    assert (section.looks, len(section.rounds)) == (9, ended - 1)
    (read,) = json.loads(cli("recommend", "latest", "--json").out)["decisions"]
    assert read["looks"] == 9
    assert read["level"] > found["decisions"][0]["level"]
    assert cli("run", "--resume", "latest").code == 0
    # The round's own look is still to come: whoever ends it by another command reads it once more than was announced.
    again = choose(cli, "--continue", "latest", codes=(0, 4))
    assert [each["pick"] for each in again["decisions"]] == [found["decisions"][0]["pick"]]


def test_a_measure_that_compares_with_others_keeps_three_temperatures_in_the_race(
    cli: Cli, tmp_path: Path
) -> None:
    typed = [f"Say the {number}th word." for number in range(20)]
    found = choose(cli, *typed, *M, "--measure", "consensus", "--margin", "0.02", codes=(0, 4))
    asked = query(tmp_path, "select count(distinct temperature_requested) from completion group by item_id")
    assert len(asked) == 20
    assert min(count for (count,) in asked) >= 3
    assert found["decisions"][0]["items"] == 20


@pytest.mark.slow
def test_each_temperature_that_drops_out_is_said_once(cli: Cli, tmp_path: Path) -> None:
    done = cli("choose", questions(tmp_path), *M, "--no-report", "--budget-tokens", "8000")
    assert done.code in (0, 4), done.err
    rounds = [line for line in done.err.splitlines() if line.startswith("round ")]
    tried = {t for (t,) in query(tmp_path, "select distinct temperature_requested from completion")}
    counts = dict(query(tmp_path, "select temperature_requested, count(*) from completion group by 1"))
    behind = {t for t in tried if counts[t] < max(counts.values())}
    assert behind - {0.0, 0.4, 0.8, 1.2, 1.6}, "a temperature between those of the grid was tried and dropped"
    said_of = {
        t: [
            line
            for line in rounds
            if re.search(rf"(?<![\d.]){t:g}[\d., and]* (is|are) asked no further", line)
        ]
        for t in behind
    }
    assert all(said_of.values()), rounds


def test_a_run_of_choose_is_one_like_any_other(cli: Cli, tmp_path: Path) -> None:
    found = choose(cli, questions(tmp_path), *M, "-t", "0,1.6", "--name", "mine", report=True)
    assert found["run"]["name"] == "mine"
    page = tmp_path / found["report"]
    assert page == tmp_path / "reports/mine.html"
    assert "Facts found" in page.read_text()
    (run,) = json.loads(cli("runs", "--json").out)["runs"]
    assert (run["status"], run["completions"], run["planned"]) == (
        "finished", found["run"]["completions"], found["run"]["completions"],
    )  # fmt: skip
    exported = cli("export", "mine", "-o", "out.jsonl")
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == found["run"]["completions"], exported.err
    resumed = json.loads(cli("run", "--resume", "mine", "--json").out)
    assert (resumed["stored_now"], resumed["run"]["completions"]) == (0, found["run"]["completions"])
    topped = cli("topup", "mine", "-n", "1")
    assert topped.code == 0, topped.err
    more = choose(cli, "--continue", "mine", codes=(0, 4))
    assert more["run"]["completions"] >= found["run"]["completions"]


def test_the_same_questions_and_seed_give_the_same_run(cli: Cli, tmp_path: Path) -> None:
    prompt = questions(tmp_path)
    args = (prompt, *M, "-t", "0,1.6")
    first, second = choose(cli, *args), choose(cli, *args)
    assert first["run"]["name"] != second["run"]["name"]
    assert [gist(d) for d in first["decisions"]] == [gist(d) for d in second["decisions"]]
    rows = stored(tmp_path)
    assert rows[::2] == rows[1::2]
    assert choose(cli, *args, "--seed", "5")["decisions"] != first["decisions"]


@pytest.mark.parametrize(
    ("require", "fact", "code"),
    [
        ("guess", "never|eight", {0}),
        ("likely", "the", {0}),
        ("shown", "the", {4}),
        ("guess", "nobody says this", {5}),
    ],
)
def test_the_exit_code_says_how_well_it_is_shown(
    cli: Cli, tmp_path: Path, require: str, fact: str, code: set[int]
) -> None:
    done = cli(
        "choose", questions(tmp_path, rows=6, fact=fact), *M, "-t", "0,1.6", "--no-report", "--require", require, "--json"
    )  # fmt: skip
    assert {done.code} == code, done.err
    found = json.loads(done.out)
    assert (found["grade"] == "none") == (code == {5})
    if code == {5}:
        assert found["stopped"] == {"technical-documentation": "nothing"}


def tokens(folder: Path) -> int:
    ((total,),) = query(
        folder, "select sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) from completion"
    )
    return int(total)


@pytest.mark.parametrize("budget", [300, 1200])
def test_a_budget_of_tokens_is_kept_and_a_larger_one_goes_on(cli: Cli, tmp_path: Path, budget: int) -> None:
    prompt = questions(tmp_path, rows=40)
    found = choose(cli, prompt, *M, "--budget-tokens", str(budget), codes=(0, 4, 5))
    assert found["stopped"] == {"technical-documentation": "budget"}
    # The last sample may be over it, and begins before it is known to be.
    assert tokens(tmp_path) <= budget + 24 + 20
    before = stored(tmp_path)
    more = choose(cli, "--continue", "latest", "--budget-tokens", str(budget + 1500), codes=(0, 4, 5))
    assert budget * 0.5 < tokens(tmp_path) <= budget + 1500 + 24 + 20
    assert more["run"]["completions"] > found["run"]["completions"]
    assert set(before) < set(stored(tmp_path))


def test_a_time_limit_ends_it_and_it_goes_on(cli: Cli, tmp_path: Path) -> None:
    prompt = questions(tmp_path)
    # The first round alone, one answer after another, takes longer than the limit on any machine.
    slow = "scripted:words,delay_ms=100"
    found = choose(cli, prompt, "-m", slow, "-t", "0,1.6", "--time-limit", "1s", codes=(0, 4, 5))
    assert found["stopped"] == {"technical-documentation": "time"}
    more = choose(cli, "--continue", "latest", codes=(0, 4))
    assert more["run"]["completions"] > found["run"]["completions"]
    assert more["stopped"]["technical-documentation"] not in ("time", "budget")


def test_it_goes_on_with_rows_that_came_in_and_with_another_file(cli: Cli, tmp_path: Path) -> None:
    prompt = questions(tmp_path, rows=8)
    first = choose(cli, prompt, *M, "-t", "0,0.8", codes=(0, 4))
    assert [each["items"] for each in first["decisions"]] == [8]
    write_rows(tmp_path / "p-rows.yaml", 12)
    grown = choose(cli, "--continue", "latest", codes=(0, 4))
    assert query(tmp_path, "select count(distinct item_id) from completion") == [(12,)]
    (tmp_path / "more.csv").write_text(
        "question,id,facts\n" + "".join(f"More {n}?,m{n},eight\n" for n in range(6))
    )
    further = choose(cli, "--continue", "latest", "more.csv", codes=(0, 4))
    keys = {key for (key,) in query(tmp_path, "select key from item")}
    assert {f"p/more-m{n}" for n in range(6)} <= keys
    assert further["run"]["completions"] > grown["run"]["completions"] > first["run"]["completions"]
    (read,) = json.loads(cli("recommend", "latest", "--json").out)["decisions"]
    assert read == further["decisions"][0]


def test_several_models_run_in_one_race_with_a_card_each(cli: Cli, tmp_path: Path) -> None:
    questions(tmp_path)
    (tmp_path / "x.yaml").write_text(
        "prompts: [p.prompty]\nmodels: ['scripted:words', {model: 'scripted:words', label: second}]\ntemperatures: [0, 1.6]\n"
    )
    done = cli("choose", "x.yaml", "--no-report")
    assert done.code in (0, 4), done.err
    assert "scripted:words at 0 leads" in done.err or "second at 0 leads" in done.err
    assert "at 1.6" in done.err
    decisions = json.loads(cli("recommend", "latest", "--json").out)["decisions"]
    assert {(each["model"], each["pick"]) for each in decisions} == {("scripted:words", 0.0), ("second", 0.0)}
    rows = query(tmp_path, "select round, count(*) from look group by 1 order by 1")
    assert {count for _round, count in rows} == {2}


def test_a_model_that_fails_altogether_leaves_the_race_to_the_others(cli: Cli, tmp_path: Path) -> None:
    prompt = questions(tmp_path)
    done = cli("choose", prompt, "-m", "scripted:words,fail_every=1,label=broken", *M, "-t", "0,1.6", "--no-report", "--json")  # fmt: skip
    found = said(done, 0, 4)
    by_model = {each["model"]: each for each in found["decisions"]}
    assert (by_model["broken"]["pick"], by_model["broken"]["grade"]) == (None, "none")
    assert by_model["scripted:words"]["pick"] == 0.0
    assert found["run"]["failed"] > 0
    assert found["grade"] == by_model["scripted:words"]["grade"] == "likely"


def test_one_measure_decides_a_race_though_a_model_has_no_value_of_it(cli: Cli, tmp_path: Path) -> None:
    typed = [f"Say the {number}th word." for number in range(10)]
    models = ("-m", "scripted:words,fail_every=1,label=broken", *M)
    found = choose(cli, *typed, *models, "-t", "0,0.8,1.6", "--for", "technical-documentation", codes=(0, 4))
    by_model = {each["model"]: each for each in found["decisions"]}
    assert by_model["broken"]["measure"] is None
    # Facts come first in the use case, and nobody has any here.
    assert by_model["scripted:words"]["measure"] == "consensus"
    alone = choose(cli, *typed, *M, "-t", "0,0.8,1.6", "--for", "technical-documentation", codes=(0, 4))
    assert alone["decisions"][0]["pick"] == by_model["scripted:words"]["pick"]
    assert alone["grade"] == found["grade"]


def test_two_use_cases_in_one_run_each_have_rounds_of_their_own(cli: Cli, tmp_path: Path) -> None:
    first, second = questions(tmp_path, "a"), questions(tmp_path, "b", use_case="extraction", rows=12)
    found = choose(cli, first, second, *M, "-t", "0,0.8,1.6", codes=(0, 4))
    assert set(found["rounds"]) == set(found["stopped"]) == {"technical-documentation", "extraction"}
    assert [each["section"] for each in found["decisions"]] == ["technical-documentation", "extraction"]
    for each, read in zip(
        found["decisions"], json.loads(cli("recommend", "latest", "--json").out)["decisions"], strict=True
    ):
        assert read == each


def test_one_prompt_alone_gets_more_answers(cli: Cli, tmp_path: Path) -> None:
    found = choose(cli, "Say the eight.", *M, "--expect", "eight", "-t", "0,1.6", codes=(0, 4))
    (decision,) = found["decisions"]
    assert (decision["scope"], decision["items"]) == ("these_items", 1)
    assert found["run"]["completions"] > 2 * 16
    ((most,),) = query(tmp_path, "select max(replicate) from completion")
    assert most >= 16


def test_measures_of_all_answers_together_ask_four_of_each(cli: Cli, tmp_path: Path) -> None:
    prompt = questions(tmp_path, rows=10, use_case="brainstorming")
    found = choose(cli, prompt, *M, "-t", "0,0.8,1.6", codes=(0, 4))
    counts = query(tmp_path, "select count(*) from completion group by item_id, temperature_requested")
    assert {count for (count,) in counts} == {4}
    assert found["decisions"][0]["measure"] is not None


def test_replicates_are_as_many_as_asked_for_or_as_a_policy_needs(cli: Cli, tmp_path: Path) -> None:
    prompt = questions(tmp_path, rows=6)
    for args, least in ((("-n", "3"), 3), (("--policy", "best-of:5"), 5)):
        found = choose(cli, prompt, *M, "-t", "0,1.6", *args, codes=(0, 4))
        assert query(tmp_path, f"select repeat from run where id = '{found['run']['id']}'") == [(least,)]
    assert found["decisions"][0]["policy"] == "best-of:5"
    (read,) = json.loads(cli("recommend", "latest", "--json").out)["decisions"]
    assert read == found["decisions"][0]


def test_a_pipe_prints_a_line_for_each_round(cli: Cli, tmp_path: Path) -> None:
    done = cli("choose", questions(tmp_path), *M, "-t", "0,0.8,1.6", "--no-report")
    assert done.code in (0, 4), done.err
    rounds = [line for line in done.err.splitlines() if line.startswith("round ")]
    assert [line.split(",")[0] for line in rounds] == [f"round {n}" for n in range(1, len(rounds) + 1)]
    assert len(rounds) > 1
    assert "1.6 is asked no further: shown not to be the best." in done.err
    assert not {"\x1b", "\r"} & set(done.out + done.err)
    last = done.out.splitlines()[-1]
    assert last == "Go on, with more questions or another budget: tempkit choose --continue p"
    again = cli(*shlex.split(last.partition(": tempkit ")[2]), "--no-report")
    assert again.out == done.out
