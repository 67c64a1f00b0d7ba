"""`tempkit choose` with a judge: tried on the first answers, refused with its kappa, paid from the budget."""

import json
import random
import re
from pathlib import Path

import pytest
from choosing_runs import query, questions, said
from servers.judging import JudgeServer, Rule, parts
from support import Cli

M = ("-m", "scripted:words", "-t", "0,1.6")
ALL = 8 * 2 * 2
"""Answers of the first round: questions, temperatures, answers each."""
FIRST = 3 * 2 * 2
"""Those that the judge is tried on."""


@pytest.fixture(autouse=True)
def _key(cli_env: dict[str, str]) -> None:
    cli_env["OPENAI_API_KEY"] = "sk-test"


def by_the_texts(question: str) -> str:
    shown = parts(question)
    return "A" if shown["answer A"] < shown["answer B"] else "B"


def flickering(share: float) -> Rule:
    """A judge that goes by the texts and says the other thing in a share of its answers.

    Which ones hangs on the question's own text: calls arrive in any order, so a sequence drawn once would
    give another judge each time.
    """

    def rule(question: str) -> str:
        slips = random.Random(f"7 {question}").random() < share
        found = by_the_texts(question)
        return {"A": "B", "B": "A"}[found] if slips else found

    return rule


def answers(folder: Path) -> int:
    return int(query(folder, "select count(*) from completion")[0][0])


def tokens(folder: Path) -> tuple[int, int]:
    """What was spent on answers, and on judging."""
    (own,) = query(folder, "select sum(input_tokens + output_tokens) from completion")[0]
    (judges,) = query(folder, "select sum(json_extract(comment, '$.tokens')) from rating")[0]
    return own, judges or 0


def test_a_judge_of_places_is_refused_with_its_kappa_before_most_answers_are_paid_for(
    cli: Cli, tmp_path: Path
) -> None:
    with JudgeServer(lambda _: "A") as server:
        done = cli("choose", questions(tmp_path, rows=8), *M, "--judge", server.model, "--no-report")
        assert done.code == 1
        assert "it agrees with itself too little (kappa -1.00, at least -1.00 and at most" in done.err
        assert "pairs asked in both orders; 0.4 is asked for)" in done.err
        assert done.err.strip().splitlines()[-1].startswith("error: openai:judge at http://127.0.0.1")
        assert answers(tmp_path) == FIRST
        asked = len(server.bodies)
        # The same again asks the judge nothing, and comes to the same.
        again = cli("choose", "--continue", "latest", "--no-report")
        assert (again.code, len(server.bodies)) == (1, asked)
    assert "error: openai:judge at" in again.err


def test_a_judge_that_flickers_is_refused_once_that_is_shown(cli: Cli, tmp_path: Path) -> None:
    with JudgeServer(flickering(0.45)) as server:
        done = cli(
            "choose", questions(tmp_path), "-m", "scripted:words", "-t", "0,0.8,1.6",
            "--judge", server.model, "--no-report",
        )  # fmt: skip
    assert done.code == 1
    assert "it agrees with itself too little (kappa" in done.err
    assert 3 * 3 * 2 <= answers(tmp_path) <= 8 * 3 * 2


def test_a_judge_that_goes_by_the_texts_decides(cli: Cli, tmp_path: Path) -> None:
    with JudgeServer(by_the_texts) as server:
        done = cli(
            "choose", questions(tmp_path, rows=8), *M, "--judge", server.model, "--no-report", "--json"
        )
    found = said(done, 0, 4)
    assert found["grade"] != "none"
    assert answers(tmp_path) >= ALL
    assert "judge openai:judge at http://127.0.0.1" in done.err
    assert "at temperature 0: kappa 1.00, at least" in done.err
    assert f"{tokens(tmp_path)[1]:,} tokens so far" in done.err


def test_the_judge_is_paid_from_the_budget(cli: Cli, tmp_path: Path) -> None:
    with JudgeServer(by_the_texts) as server:
        typed = (questions(tmp_path, rows=8), *M, "--judge", server.model, "--no-report", "--json")
        done = cli("choose", *typed, "--budget-tokens", "30000", "-j", "1")
    assert done.code in (0, 4), done.err
    own, judges = tokens(tmp_path)
    assert judges > 0
    assert own + judges <= 30_000 + 60  # what was under way as it was reached


def test_a_budget_that_the_judge_uses_up_ends_it(cli: Cli, tmp_path: Path) -> None:
    with JudgeServer(by_the_texts) as server:
        server.prompt_tokens = 2_000  # far more than was reckoned with
        typed = (questions(tmp_path, rows=8), *M, "--judge", server.model, "--no-report", "--json")
        done = cli("choose", *typed, "--budget-tokens", "30000", "-j", "1")
        own, judges = tokens(tmp_path)
        assert done.code in (4, 5), done.err
        assert 30_000 <= own + judges <= 30_000 + 2_100
        asked = len(server.bodies)
        more = cli("choose", "--continue", "latest", "--no-report", "--json", "--budget-tokens", "400000")
        assert len(server.bodies) > asked
    assert more.code in (0, 4), more.err


def test_a_judge_of_which_too_little_is_known_is_given_more_questions(cli: Cli, tmp_path: Path) -> None:
    with JudgeServer(by_the_texts) as server:
        typed = (questions(tmp_path, rows=12), *M, "--judge", server.model, "--no-report", "--json")
        done = cli("choose", *typed, "-n", "1", "--budget-tokens", "2500", "-j", "1")
    assert "too few pairs to know whether it agrees with itself" in done.err
    first = re.search(r"1 answers to (\d+) of 12 questions", done.err)
    assert first is not None
    assert query(tmp_path, "select count(*) from item")[0][0] > int(first[1])
    assert done.code in (0, 4), done.err


def test_a_judge_without_a_price_is_refused_before_anything_is_asked_where_the_budget_is_in_usd(
    cli: Cli, tmp_path: Path
) -> None:
    with JudgeServer(by_the_texts) as server:
        done = cli(
            "choose",
            questions(tmp_path, rows=8),
            *M,
            "--judge",
            server.model,
            "--no-report",
            "--budget-usd",
            "1",
        )
        assert server.bodies == []
    assert done.code == 1
    assert "the price of openai:judge" in done.err
    assert not (tmp_path / "tempkit.db").exists() or not query(tmp_path, "select id from run")


def test_a_judge_that_fails_is_said_to_fail_and_not_to_be_unsteady(cli: Cli, tmp_path: Path) -> None:
    with JudgeServer(by_the_texts) as server:
        server.fail_from = 1
        done = cli("choose", questions(tmp_path, rows=8), *M, "--judge", server.model, "--no-report")
    assert done.code == 1
    assert "answered none of the questions (rejected: " in done.err
    assert answers(tmp_path) == FIRST


def test_what_the_judge_took_is_kept_with_what_it_said(cli: Cli, tmp_path: Path) -> None:
    with JudgeServer(by_the_texts) as server:
        assert cli(
            "choose", questions(tmp_path, rows=8), *M, "--judge", server.model, "--no-report"
        ).code in (0, 4)
    kept = [json.loads(comment) for (comment,) in query(tmp_path, "select comment from rating")]
    assert {(each["tokens"], each["usd"]) for each in kept} == {(6, 0)}
