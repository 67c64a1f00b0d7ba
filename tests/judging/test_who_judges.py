"""A judge behind a name that is led to another model in between: said at once, said again at the end, and kept with its answers."""

import json
from pathlib import Path

import pytest
from judging_samples import a_plan, a_run, by_length
from servers.judging import JudgeServer
from support import Cli

from tempkit.store import Store


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "tempkit.db"
    with Store.open(path) as store:
        a_run(store, a_plan(items=2, repeat=1))
    return path


def test_a_judge_that_stays_the_same_is_not_spoken_of(cli: Cli, db: Path) -> None:
    with JudgeServer(by_length) as server:
        server.answers_as = lambda n: ("judge", "fp-1")
        done = cli("judge", "-m", server.model, "--json")
    assert done.code == 4, done.err
    told = json.loads(done.out)
    assert told["answered_by"] == {"judge": told["questions"]}
    assert "warning" not in done.err


def test_a_judge_that_changes_is_named(cli: Cli, db: Path) -> None:
    with JudgeServer(by_length) as server:
        server.answers_as = lambda n: ("judge" if n < 5 else "stand-in", None)
        done = cli("judge", "-m", server.model, "-j", "1", "--json")
    assert done.code == 4, done.err
    told = json.loads(done.out)
    assert told["answered_by"] == {"judge": 4, "stand-in": told["questions"] - 4}
    assert "openai:judge changed: it answers as stand-in now, and answered as judge before" in done.err
    assert "in this run" in done.err
    assert "stand-in (" in done.err


def test_one_that_changes_between_two_calls_is_named_too(cli: Cli, db: Path) -> None:
    with JudgeServer(by_length) as server:
        server.answers_as = lambda n: ("judge", "fp-1")
        server.fail_from = 5
        first = cli("judge", "-m", server.model, "-j", "1", "--json")
        assert first.code == 3, first.err
        assert "warning" not in first.err
        server.fail_from = None
        server.answers_as = lambda n: ("judge", "fp-2")
        second = cli("judge", "-m", server.model, "-j", "1", "--json")
    assert second.code == 4, second.err
    assert "its fingerprint is fp-2 now, and was fp-1 before" in second.err
    told = json.loads(second.out)
    assert told["answered_by"] == {"judge": told["questions"]}
    assert told["answered_before"] == 4


def test_answers_of_before_it_was_kept_who_gave_them_are_used_as_they_are(cli: Cli, db: Path) -> None:
    with JudgeServer(by_length) as server:
        server.answers_as = lambda n: (None, None)
        cli("judge", "-m", server.model, "--json")
        done = cli("judge", "-m", server.model, "--json")
    told = json.loads(done.out)
    assert (told["answered_now"], told["answered_by"]) == (0, {})
    assert "warning" not in done.err
