"""`tempkit import` of inspect's logs as they really are: tried again, broken off, with several choices, pictures and tools."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import Cli

Write = Callable[..., None]


def sample(name: Any = 1, text: str = "hi", epoch: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "epoch": epoch, "input": "Q1",
        "messages": [{"role": "user", "content": "Q1", "source": "input"}, {"role": "assistant", "content": text, "source": "generate"}],
        "output": {"model": "gpt-4o", "choices": [choice(text)]},
        "scores": {"acc": {"value": "C"}},
        **more,
    }  # fmt: skip


def choice(text: Any, **more: Any) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": text, **more}, "stop_reason": "stop"}


@pytest.fixture
def log(tmp_path: Path) -> Write:
    def write(path: str, *samples: dict[str, Any], task: dict[str, Any] | None = None, **config: Any) -> None:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        whole = {
            "version": 2, "status": "success", "eval": {"task": "t", "model": "openai/gpt-4o", **(task or {})},
            "plan": {"config": {"temperature": 0.7, **config}}, "samples": samples,
        }  # fmt: skip
        (tmp_path / path).write_text(json.dumps(whole))

    return write


def rows_of(cli: Cli, path: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Import a log; return the rows that an export of it has, and what was said to be left out."""
    done = cli("import", path, "--name", "in")
    assert done.code == 0, done.err
    told = cli("export", "in", "-o", "-", "--format", "jsonl", "--messages").out
    said = json.loads(cli("show", "in", "--json").out)["left_out"]
    return [json.loads(line) for line in told.splitlines()], [
        line.split(": not carried over: ")[1] for line in said
    ]


def asked(row: dict[str, Any]) -> list[tuple[str, str]]:
    given = row["gen_ai.input.messages"]
    messages = json.loads(given) if isinstance(given, str) else given
    return [(each["role"], "".join(part["content"] for part in each["parts"])) for each in messages]


def test_a_sample_that_was_carried_over_into_a_second_log_counts_once(cli: Cli, log: Write) -> None:
    broken = sample(2, uuid="b", output={}, error={"message": "out of reach"})
    log("retry/a.json", sample(1, uuid="a"), broken, task={"task_id": "x"})
    log("retry/b.json", sample(1, uuid="a"), sample(2, "two", uuid="c"), task={"task_id": "x"})
    rows, said = rows_of(cli, "retry")
    assert [(row["item"], row["replicate"], row["text"]) for row in rows] == [
        ("t/1", 0, "hi"),
        ("t/2", 0, "two"),
    ]
    assert sorted(said) == [
        "failures of samples that another log has an answer to",
        "samples that were there before, in this log or another",
    ]


def test_a_retry_with_other_limits_of_the_machine_is_the_same_run(cli: Cli, log: Write) -> None:
    broken = sample(2, output={}, error={"message": "out of reach"})
    log("retry/a.json", sample(1), broken, task={"task_id": "x"}, max_connections=20)
    log("retry/b.json", sample(1), sample(2, "two"), task={"task_id": "x"}, max_connections=3, timeout=9)
    log("retry/c.json", sample(1), task={"task_id": "x"}, top_p=0.5)
    rows, _said = rows_of(cli, "retry")
    assert [(row["item"], row["replicate"], row["text"]) for row in rows] == [
        ("t/1", 0, "hi"), ("t/1", 1, "hi"), ("t/2", 0, "two"),
    ]  # fmt: skip


def test_different_questions_with_one_answer_all_count(cli: Cli, log: Write) -> None:
    asked = [{"input": f"Q{n}", "messages": []} for n in range(3_000)]
    log("a.json", *(sample(1, "x", **each) for each in asked))
    done = cli("import", "a.json", "--name", "in")
    assert done.out.startswith("Imported 3,000 completions")


@pytest.mark.parametrize("wrong", [[0.7], {"a": 1}, "hot", True])
def test_a_temperature_that_is_no_number_is_refused_by_sample(cli: Cli, log: Write, wrong: Any) -> None:
    log("a.json", sample(1), sample(2), temperature=wrong)
    done = cli("import", "a.json")
    assert done.code == 1
    assert done.err.startswith("error: a.json: sample 1: ")
    assert "temperature" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(("run", "count"), [("x", 2), (None, 4)])
def test_a_log_that_was_copied_is_known_by_its_run(cli: Cli, log: Write, run: str | None, count: int) -> None:
    task = {} if run is None else {"task_id": run}
    for name in "ab":
        log(f"copies/{name}.json", sample(1, epoch=1), sample(1, epoch=2), task=task)
    assert len(rows_of(cli, "copies")[0]) == count, (
        "without a run's mark they may be two runs with equal answers"
    )


def test_a_sample_twice_in_one_log_counts_once_and_another_answer_is_another(cli: Cli, log: Write) -> None:
    log("a.json", sample(1), sample(1), sample(1, "other"))
    rows, said = rows_of(cli, "a.json")
    assert [row["text"] for row in rows] == ["hi", "other"]
    assert said == ["samples that were there before, in this log or another"]


def test_different_questions_under_one_id_stay_apart(cli: Cli, log: Write) -> None:
    other = {"input": "Q2", "messages": [{"role": "user", "content": "Q2", "source": "input"}]}
    log("diff/a.json", sample(1), sample("1", "by a text"), sample("1 (2)", "no clash"))
    log("diff/b.json", sample(1, "no", **other), sample(1, "again"))
    rows, said = rows_of(cli, "diff")
    found = {(row["item"], row["text"]): asked(row)[-1][1] for row in rows}
    assert found == {
        ("t/1", "hi"): "Q1",
        ("t/1", "again"): "Q1",
        ("t/1 (2)", "by a text"): "Q1",
        ("t/1 (2) (2)", "no clash"): "Q1",
        ("t/1 (3)", "no"): "Q2",
    }
    assert said == ["ids that different questions share: the second is called 'id (2)', and so on (3 times)"]


def test_settings_that_differ_are_named(cli: Cli, log: Write) -> None:
    log("diff/a.json", sample(1), top_p=0.1, max_connections=3)
    log("diff/b.json", sample(1, "no"), top_p=1.0, seed=4)
    assert rows_of(cli, "diff")[1] == [
        "that top_p differs between answers of one model at one temperature: they are put together"
    ]


def test_what_was_asked_in_parts_is_kept_as_far_as_it_is_text(cli: Cli, log: Write) -> None:
    parts = [
        {"type": "text", "text": "What is "},
        {"type": "image", "image": "data:,"},
        {"type": "text", "text": "it?"},
    ]
    messages = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": parts, "source": "input"},
        {"role": "tool", "content": "looked up"},
        {"role": "assistant", "content": "hi", "source": "generate"},
    ]
    log("a.json", sample(messages=messages))
    rows, said = rows_of(cli, "a.json")
    assert asked(rows[0]) == [("system", "Be brief"), ("user", "What is it?")]
    assert sorted(said) == [
        "a message of what is asked, by tool",
        "a part of what is asked that is no text",
    ]


def test_messages_that_differ_under_one_question_are_told(cli: Cli, log: Write) -> None:
    for name, system in (("a", "Be brief"), ("b", "Be wordy")):
        more = [{"role": "system", "content": system}, {"role": "user", "content": "Q1"}]
        log(f"two/{name}.json", sample(1, name, messages=[*more, choice(name)["message"]]))
    done = cli("import", "two")
    assert done.err.splitlines() == [
        "warning: two/b.json: sample 1: other messages than at two/a.json: sample 1, under one item: those there are shown for both"
    ]


def test_without_messages_what_was_asked_is_the_input(cli: Cli, log: Write) -> None:
    shots = [
        {"role": "user", "content": "1+1"},
        {"role": "assistant", "content": "2"},
        {"role": "user", "content": "2+2"},
    ]
    answer = {"role": "assistant", "content": "4"}
    log(
        "a.json",
        sample(1, "4", input=shots, messages=[]),
        sample(2, "4", input=shots, messages=[*shots, answer]),
    )
    for row in rows_of(cli, "a.json")[0]:
        assert asked(row) == [("user", "1+1"), ("assistant", "2"), ("user", "2+2")]


def test_every_choice_is_an_answer(cli: Cli, log: Write) -> None:
    output = {"model": "m", "choices": [choice("a"), choice("b"), choice("c")], "usage": {"output_tokens": 9}}
    log("a.json", sample(output=output), sample(2), num_choices=3)
    rows, said = rows_of(cli, "a.json")
    assert [(row["item"], row["replicate"], row["text"]) for row in rows] == [
        ("t/1", 0, "a"), ("t/1", 1, "b"), ("t/1", 2, "c"), ("t/2", 0, "hi"),
    ]  # fmt: skip
    assert [row.get("score.acc") for row in rows] == [1.0, None, None, 1.0]
    assert sorted(said) == [
        "scores of all choices but the first: inspect scores that one",
        "the numbers of tokens of several choices together",
    ]


@pytest.mark.parametrize(
    ("more", "failed", "message", "said"),
    [
        ({"limit": {"type": "time", "limit": 30}, "output": {}}, "timeout", "the sample ended at a limit: time 30", []),
        (
            {"output": {"choices": [choice("")], "error": "Provider said 500"}},
            "bad_answer", "Provider said 500", [],
        ),
        (
            {"error": {"message": "broke"}}, "bad_answer", "broke",
            ["what was answered in a sample that failed"],
        ),
    ],
)  # fmt: skip
def test_a_sample_without_an_answer_says_why(
    cli: Cli, log: Write, more: dict[str, Any], failed: str, message: str, said: list[str]
) -> None:
    log("a.json", sample(1), sample(2, scores={}, **more))
    rows, told = rows_of(cli, "a.json")
    assert [(row["error.type"], row["error.message"]) for row in rows if row["status"] == "failure"] == [
        (failed, message)
    ]
    assert told == said


def test_an_answer_that_a_limit_ended_is_not_known_to_be_complete(cli: Cli, log: Write) -> None:
    filtered = {**choice("no"), "stop_reason": "content_filter"}
    log(
        "a.json",
        sample(1, limit={"type": "token", "limit": 100}),
        sample(2, output={"choices": [filtered], "error": "filtered"}),
        sample(
            3, output={"choices": [choice("", tool_calls=[{"id": "c", "function": "get", "arguments": {}}])]}
        ),
        sample(4, invalidation={"reason": "wrong file"}),
    )
    rows, said = rows_of(cli, "a.json")
    assert {row["item"]: row["finish_reason"] for row in rows} == {
        "t/1": "unknown", "t/2": "content_filter", "t/3": "stop",
    }  # fmt: skip
    assert sorted(said) == [
        "calls of tools in an answer",
        "samples that were marked as invalid",
        "that a sample ended at a limit of token: its answer is not known to be complete",
    ]


@pytest.mark.parametrize("digits", [310, 400])
def test_scores_beyond_what_a_number_holds_are_refused_by_sample(cli: Cli, log: Write, digits: int) -> None:
    log("a.json", sample(2), sample(1, scores={"acc": {"value": 10**digits}}))
    done = cli("import", "a.json")
    assert done.code == 1
    assert done.err.startswith("error: a.json: sample 2: 'score.acc' is 1000")
    assert len(done.err.splitlines()) == 1


def test_scores_of_one_name_are_told(cli: Cli, log: Write) -> None:
    log("a.json", sample(1, scores={"m.k": {"value": 0}, "m": {"value": {"k": 1}}}))
    rows, said = rows_of(cli, "a.json")
    assert rows[0]["score.m.k"] == 0.0
    assert said == ["scores that are called as others are: m.k"]
