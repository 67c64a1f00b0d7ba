"""Difficult answers on their way through whole runs: what is stored, what is asked again, and what only their own samples lose."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from servers.http_script import Answer, ScriptedServer, chat
from support import Cli

from tempkit.backends.remote import Policy, model_session

GRID = ("-t", "0,1", "-n", "2", "--name", "r", "-j", "1")
"""Four samples, one after the other."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_session, "Policy", lambda **given: Policy(**{**given, "first_delay_s": 0.01}))
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "tempkit.db")) as connection:
        return connection.execute(query).fetchall()


def run(cli: Cli, server: ScriptedServer, *more: str) -> Any:
    return cli("run", "Name a colour.", "-m", f"openai:m,base_url={server.base_url}", *GRID, *more, "--json")


def said(content: Any, finish: Any = "stop", **more: Any) -> Answer:
    return Answer({"choices": [{"message": {"content": content}, "finish_reason": finish, **more}]})


@pytest.mark.parametrize(
    "bad",
    [
        said("", "error", error={"code": 502, "message": "Upstream disconnected"}),
        Answer({**chat().body, "error": {"code": 503, "message": "no capacity"}}),
        Answer({"error": {"code": 429, "message": "slow down"}}),
        Answer({"error": "out of luck"}),
        said("half of", "abort"),
    ],
)
def test_an_error_inside_a_success_is_tried_again(
    cli: Cli, tmp_path: Path, http_script: ScriptedServer, bad: Answer
) -> None:
    http_script.answers.extendleft([bad, bad])
    done = run(cli, http_script)
    assert done.code == 0, done.err
    assert len(http_script.requests) == 6
    assert rows(tmp_path, "select count(*), sum(attempts) from completion where text = 'hello'") == [(4, 6)]


@pytest.mark.parametrize(
    "bad",
    [
        Answer("[" * 200_000),
        Answer('{"choices":' + "[" * 200_000),
        Answer('{"x":' * 40_000),
        said(42),
        said([{"type": "text", "words": 1}]),
        Answer({"choices": [{"message": None, "finish_reason": "stop"}]}),
    ],
)
def test_what_cannot_be_read_is_a_failure_and_tried_once_more(
    cli: Cli, tmp_path: Path, http_script: ScriptedServer, bad: Answer
) -> None:
    http_script.answers.appendleft(bad)  # once: by chance
    done = run(cli, http_script)
    assert done.code == 0, done.err
    assert len(http_script.requests) == 5
    http_script.answers[0] = bad
    done = cli(
        *("run", "Name a colour.", "-m", f"openai:m,base_url={http_script.base_url}", "-t", "0"), "-n", "3"
    )
    assert done.code == 3, done.err
    assert "Traceback" not in done.err
    assert rows(tmp_path, "select kind, attempts, count(*) from failure group by 1, 2") == [
        ("bad_answer", 2, 3)
    ]


def test_side_fields_and_shapes_never_cost_an_answer(
    cli: Cli, tmp_path: Path, http_script: ScriptedServer
) -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "Blue."},
    ]
    http_script.answers.clear()
    http_script.answers.extend(
        [
            said(parts),
            Answer({"choices": [{"message": None, "finish_reason": "content_filter"}]}),
            Answer(
                {"choices": [{"message": {"content": None, "refusal": "I won't."}, "finish_reason": "stop"}]}
            ),
            Answer({**said("Red").body, "usage": [7], "model": 3, "system_fingerprint": {}}),
        ]
    )
    done = run(cli, http_script)
    assert done.code == 0, done.err
    assert sorted(rows(tmp_path, "select text, finish_reason, thinking from completion")) == sorted(
        [
            ("Blue.", "stop", "hm"),
            ("", "content_filter", None),
            ("I won't.", "refusal", None),
            ("Red", "stop", None),
        ]
    )


def test_every_drawn_token_is_stored_and_no_other(
    cli: Cli, tmp_path: Path, http_script: ScriptedServer
) -> None:
    """Parts of a character, ranks by value, thoughts before the answer, and values that are none."""
    odd = [
        {"token": "", "logprob": -1.5},
        {"token": "", "logprob": -2.5},
        {"token": "🧎", "logprob": -0.125},
        {"token": "", "logprob": -0.5, "bytes": []},
    ]
    top = [
        {"token": " odd", "logprob": -4},
        {"token": "Blue", "logprob": -0.125},
        {"token": "Red", "logprob": -2.75},
    ]
    thought = [{"token": t, "logprob": -7.0} for t in ("<think>", "Blue.", "</think>")]
    http_script.answers.clear()
    http_script.answers.extend(
        [
            said("🧎", logprobs={"content": odd}),
            said(" odd", logprobs={"content": [{"token": " odd", "logprob": -4.0, "top_logprobs": top}]}),
            said(
                "Blue.",
                logprobs={
                    "content": [
                        *thought,
                        {"token": "Blue", "logprob": -0.25},
                        {"token": ".", "logprob": 1e308},
                    ]
                },
            ),
            said("Blue.", logprobs={"content": [{"token": "Red", "logprob": -0.25}]}),
        ]
    )
    done = run(cli, http_script)
    assert done.code == 0, done.err
    found = rows(
        tmp_path,
        "select c.text, t.text, t.logprob, t.rank from completion c join token t on t.completion_id = c.id order by c.id, position",
    )
    assert found == [
        ("🧎", "", -1.5, None),
        ("🧎", "", -2.5, None),
        ("🧎", "🧎", -0.125, None),
        (" odd", " odd", -4.0, 2),
        ("Blue.", "Blue", -0.25, None),
        ("Blue.", ".", None, None),
    ]
    kinds = rows(tmp_path, "select logprob_kind, thinking, thinking_tokens from completion order by id")
    assert kinds[2:] == [("unknown", "Blue.", 3), ("none", None, None)]
    report = cli("report", "r", "-o", "r.html")
    assert report.code == 0, report.err


@pytest.mark.parametrize(
    "usage", [None, {"prompt_tokens": -1, "completion_tokens": -1}, {"prompt_tokens": 0}]
)
def test_a_budget_holds_where_nothing_is_counted(
    cli: Cli, tmp_path: Path, http_script: ScriptedServer, usage: Any
) -> None:
    """14 characters of prompt and 100 of answer: 46 tokens by estimate; the third goes beyond 100, and so would a fourth."""
    http_script.answers[0] = Answer({**said("x" * 100).body, "usage": usage})
    done = run(cli, http_script, "--budget-tokens", "100")
    assert done.code == 1
    assert (
        "the budget of 100 tokens is reached: 138 spent (138 of them estimated: they came without a count)"
        in done.err
    )
    assert "-" not in done.err.split("tokens/s")[0].splitlines()[-1].split("in ")[-1]
    assert rows(tmp_path, "select count(*), max(output_tokens), max(cost_usd) from completion") == [
        (3, None, None)
    ]
    again = cli("run", "--resume", "r")
    assert again.code == 1
    assert "138 spent (138 of them estimated" in again.err
    assert len(http_script.requests) == 3


def test_ends_by_other_names(cli: Cli, tmp_path: Path, http_script: ScriptedServer) -> None:
    http_script.answers.clear()
    http_script.answers.extend(
        [said("a", "max_tokens"), said("b", "COMPLETE"), said("c", "surprise"), said("d", None)]
    )
    assert run(cli, http_script).code == 0
    found = dict(rows(tmp_path, "select text, finish_reason from completion"))
    assert found == {"a": "length", "b": "stop", "c": "unknown", "d": "unstated"}


@pytest.mark.parametrize("longest", [4, 64])
def test_a_prompt_that_fills_ollamas_context_fails_and_says_so(
    cli: Cli, tmp_path: Path, http_script: ScriptedServer, longest: int
) -> None:
    http_script.models = Answer({"models": [{"name": "l:latest"}]})
    told = {"message": {"content": "a"}, "done": True, "done_reason": "stop", "prompt_eval_count": 4}
    http_script.answers[0] = Answer(told)
    model = f"ollama:l,base_url={http_script.url},num_ctx={longest}"
    done = cli("run", "Name a colour.", "-m", model, "-t", "0", "-n", "2")
    assert {(r["truncate"], r["shift"]) for r in http_script.requests} == {(False, False)}
    assert done.code == (3 if longest == 4 else 0), done.err
    kinds = rows(tmp_path, "select kind, message from failure")
    assert {kind for kind, _ in kinds} == ({"context_length"} if longest == 4 else set())
    assert all("raise num_ctx" in message for _, message in kinds)


def test_a_context_that_ollama_refuses_is_a_failure_of_that_kind(
    cli: Cli, tmp_path: Path, http_script: ScriptedServer
) -> None:
    http_script.models = Answer({"models": [{"name": "l:latest"}]})
    http_script.answers[0] = Answer({"error": "the input length exceeds the context length"}, status=400)
    done = cli("run", "Name a colour.", "-m", f"ollama:l,base_url={http_script.url}", "-t", "0", "-n", "2")
    assert done.code == 3, done.err
    assert rows(tmp_path, "select distinct kind from failure") == [("context_length",)]
