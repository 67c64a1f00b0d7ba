"""Commands in a decision's words: in any situation they name the run, its database and what it was judged by, for a shell to read."""

import shlex

import pytest
from situations import SITUATIONS

from tempkit.decision.overrides import Asked
from tempkit.decision.prose import Here, words
from tempkit.statistics.policies import Policy

HERE = Here("my run", " --policy best-of:2 --scope these-items", " --db 'my runs.db'")


def test_options_are_those_that_were_given() -> None:
    asked = Asked(
        use_case="chatbot",
        measure="accuracy",
        margin=0.05,
        direction="lower",
        scope="these_items",
        policy=Policy.parse("all-of:3"),
    )
    assert shlex.split(asked.options) == (
        [
            "--use-case",
            "chatbot",
            "--measure",
            "accuracy",
            "--margin",
            "0.05",
            "--direction",
            "lower",
            "--scope",
            "these-items",
            "--policy",
            "all-of:3",
        ]
    )
    assert Asked().options == ""


@pytest.mark.parametrize("name", SITUATIONS)
def test_whoever_copies_a_command_gets_the_same(name: str) -> None:
    plain, placed = words(SITUATIONS[name], "my run"), words(SITUATIONS[name], HERE)
    assert len(plain.commands) == len(placed.commands)
    for short, long in zip(plain.commands, placed.commands, strict=True):
        command = shlex.split(long.line)
        assert command[:3] == shlex.split(short.line)[:3]
        assert command[2] == "my run"
        assert command[-2:] == ["--db", "my runs.db"]
        own = (
            command[1] == "measure" or "--measure" in command
        )  # which judge by something else, or by nothing
        assert ("--policy best-of:2 --scope these-items" in long.line) is not own


def test_some_situations_have_commands() -> None:
    kinds = {
        shlex.split(each.line)[1] for found in SITUATIONS.values() for each in words(found, HERE).commands
    }
    assert {"report", "measure", "topup"} <= kinds
