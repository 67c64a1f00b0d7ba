"""What a judge's server may send in the place of an answer: a rating that is right, or one that is missing with a reason, never another."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from judging_samples import TEMPERATURES, a_plan, a_run, answer
from servers.deciding import Asked, Deciding, Given
from servers.judging import is_upwards, parts
from support import Cli

from tempkit.store import Store
from tempkit.types.reasons import Reason

ITEMS = 2
GRADES = 2 * ITEMS * len(TEMPERATURES)
ODD = answer(0.45, 0, 0)
"""The text of which both questions are answered oddly."""
NO_GRADE = "the judge gave no grade from 1 to 5"
NO_CHOICE = "the judge named neither A, B nor TIE"
TRUNCATED = "the judge's answer was truncated"
DECLINED = "the judge declined to answer"
UNKNOWN = "how it ended is not known, so it may be incomplete"


def body(message: Any, finish: Any = "stop", **more: Any) -> dict[str, Any]:
    said = {"content": message} if isinstance(message, str | list) else message
    return {"choices": [{"index": 0, "message": said, "finish_reason": finish}], "model": "j", **more}


THINK = "Is it a 4?\n4\nOr rather, it is a 1.\n1"

READ: dict[str, Any] = {
    "thoughts in the text": body(f"<think>\n{THINK}\n</think>\n\n3"),
    "thoughts in the text, without their beginning": body(f"{THINK}\n</think>\n\n3"),
    "thoughts of other makers": body(f"[THINK]{THINK}[/THINK]3"),
    "thoughts in channels": body(
        f"<|channel|>analysis<|message|>{THINK}<|end|><|start|>assistant<|channel|>final<|message|>3<|return|>"
    ),
    "thoughts in a field": body({"content": "3", "reasoning_content": THINK}),
    "thoughts in a list of parts": body(
        [{"type": "thinking", "thinking": [{"type": "text", "text": THINK}]}, {"type": "text", "text": "3"}]
    ),
    "a list of parts": body([{"type": "text", "text": "It is short.\n"}, {"type": "text", "text": "3"}]),
    "a list of texts": body(["It is short.", "\n", "3"]),
    "fences": body("```\n3\n```"),
    "fences of a kind": body("My verdict:\n```text\n3\n```\n"),
    "fences in thoughts": body("<think>\n```\n1\n```\n</think>\n```\n3\n```"),
    "second thoughts with an end": body("4\n<think>\nNot so.\n</think>\n3"),
    "an empty error": body("3", error=None),
    "numbers out of all bounds beside it": body(
        "3", usage={"prompt_tokens": 10**400, "completion_tokens": -(10**30)}, created=10**4000
    ),
    "no end that is said": body("3", None),
    "characters that cannot be stored": body("\ud83d\x00\n3"),
}
"""Each is a 3."""

MISSING: dict[str, tuple[Any, str]] = {
    "nothing but thoughts": (body("<think>\nIt is good.\n4\n</think>"), NO_GRADE),
    "thoughts that have no end": (body("<think>\nIt is good.\n4"), NO_GRADE),
    "thoughts that have no end, behind the answer": (body("5\n<think>\nOr is it?\n3"), NO_GRADE),
    "thoughts that have no end, in brackets": (body("5\n\n[THINK]Or is it?\n3"), NO_GRADE),
    "thoughts in a field, and no answer": (body({"content": None, "reasoning_content": "4"}), NO_GRADE),
    "thoughts as the only part": (body([{"type": "thinking", "thinking": "4"}]), NO_GRADE),
    "a refusal": (body({"content": None, "refusal": "I cannot grade this."}), DECLINED),
    "a refusal with a number at its end": (
        body({"content": None, "refusal": "See rule number\n4"}),
        DECLINED,
    ),
    "a refusal beside a text": (body({"content": "\n4", "refusal": "No."}), DECLINED),
    "a refusal among the parts": (body([{"type": "refusal", "refusal": "4"}]), DECLINED),
    "a refusal by its end": (body("4", "refusal"), DECLINED),
    "no message, filtered": ({"choices": [{"message": None, "finish_reason": "content_filter"}]}, TRUNCATED),
    "cut off": (body("It is a 4, but\n4", "length"), TRUNCATED),
    "cut off, by another name": (body("It is a 4, but\n4", "max_new_tokens"), TRUNCATED),
    "cut off, by a name that nobody knows": (body("It is a 4, but\n4", "ran_dry"), UNKNOWN),
    "an object in fences": (body('```json\n{"grade": 4, "why": "short"}\n```'), NO_GRADE),
    "several objects": (body('{"grade": 4}\n{"grade": 2}'), NO_GRADE),
    "several grades": (body("Grade: 4, grade: 2"), NO_GRADE),
    "an object that holds thousands of others": (body('{"a":' * 5000 + "4" + "}" * 5000), NO_GRADE),
    "a number beyond a float": (body("4e400"), NO_GRADE),
    "a number of ten thousand digits": (body("4" * 10_000), NO_GRADE),
    "less than a grade": (body("<4"), NO_GRADE),
    "no number": (body("NaN"), NO_GRADE),
    "digits of another script": (body("\u0664"), NO_GRADE),
    "a text that is empty": (body(""), NO_GRADE),
}

FAILS: dict[str, tuple[Given, str]] = {
    "an error in a 200": (
        Given({"choices": [], "error": {"code": 502, "message": "Upstream has gone\n4"}}),
        "server: ",
    ),
    "an error in the choice": (
        Given(
            {
                "choices": [
                    {"message": {"content": "4"}, "finish_reason": "stop", "error": {"message": "gone"}}
                ]
            }
        ),
        "server: ",
    ),
    "an end that is an error": (Given(body("4", "error")), "server: "),
    "no message": (Given({"choices": [{"message": None, "finish_reason": "stop"}]}), "bad_answer: "),
    "no choices": (Given({"choices": []}), "bad_answer: "),
    "a text that is a number": (Given(body({"content": 4})), "bad_answer: "),
    "a text that is true": (Given(body({"content": True})), "bad_answer: "),
    "a text nested without end": (
        Given(f'{{"choices":[{{"message":{{"content":{"[" * 100_000}'),
        "bad_answer: ",
    ),
    "brackets without end": (Given("[" * 200_000), "bad_answer: "),
    "several objects": (Given(json.dumps(body("4")) + json.dumps(body("2"))), "bad_answer: "),
    "a number alone": (Given("4"), "bad_answer: "),
    "a page": (Given("<html>4</html>"), "bad_answer: "),
    "nothing": (Given(""), "bad_answer: "),
}


def is_odd(question: str) -> bool:
    return ODD in question


def grade(question: str) -> str:
    return "2" if is_upwards(question) else "4"


def prefer_the_longer(question: str) -> str:
    shown = parts(question)
    return "A" if len(shown["answer A"]) > len(shown["answer B"]) else "B"


def judged(
    cli: Cli, folder: Path, given: Given, *options: str, code: int = 4
) -> tuple[dict[str, Any], list[tuple[str, float, str]]]:
    """Judge a run, one text oddly; return what the command says, and the ratings stored of it and of the others."""
    with Store.open(folder / "tempkit.db") as store:
        a_run(store, a_plan(items=ITEMS, repeat=1))
    rule = prefer_the_longer if "--pairs" in options else grade

    def decide(asked: Asked) -> Given:
        if asked.lists:
            return Given({"data": []})
        question = asked.body["messages"][0]["content"]
        return given if is_odd(question) else Given(body(rule(question)))

    with Deciding(decide) as server:
        model = f"openai:judge,base_url={server.url}/v1,attempts=1"
        done = cli("judge", "-m", model, "--json", *options)
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    with closing(sqlite3.connect(folder / "tempkit.db")) as db:
        query = "select measure, value, comment, completion.text from rating join completion on completion.id = completion_id"
        found = [(m, v, c) for m, v, c, text in db.execute(query) if text == ODD]
        others = [v for m, v, c, text in db.execute(query) if text != ODD]
    if not options:
        assert others == [2.0] * (GRADES - 2)
    return json.loads(done.out), found


@pytest.mark.parametrize("name", READ)
def test_a_grade_that_can_be_read_is_the_right_one(name: str, cli: Cli, tmp_path: Path) -> None:
    told, found = judged(cli, tmp_path, Given(READ[name]))
    assert [(measure, value) for measure, value, _ in found] == [("rubric", 3.0)] * 2
    assert (told["unreadable"], told["failed"]) == ({}, {})


@pytest.mark.parametrize("name", MISSING)
def test_what_is_no_grade_is_missing_with_its_reason(name: str, cli: Cli, tmp_path: Path) -> None:
    given, reason = MISSING[name]
    told, found = judged(cli, tmp_path, Given(given))
    assert [measure for measure, *_ in found] == ["rubric unreadable"] * 2
    assert {str(Reason.decoded(json.loads(comment)["reason"])) for *_, comment in found} == {reason}
    assert told["unreadable"] == {reason: 2}
    again = cli("show", "r", "--json")
    assert again.code in (0, 1, 4)  # and no later command stumbles over it
    assert "Traceback" not in again.err


@pytest.mark.parametrize("name", FAILS)
def test_what_is_no_answer_is_a_failure_of_that_question_alone(name: str, cli: Cli, tmp_path: Path) -> None:
    given, reason = FAILS[name]
    told, found = judged(cli, tmp_path, given, code=3)
    assert found == []
    assert sum(told["failed"].values()) == 2
    assert all(why.startswith(reason) and "\n" not in why for why in told["failed"])
    assert told["unreadable"] == {}


CHOICES: dict[str, tuple[str, str | None]] = {
    "a choice in thoughts": ("<think>\nA\n</think>\nTIE", None),
    "a choice in thoughts alone": ("<think>\nA\n</think>", NO_CHOICE),
    "a choice in thoughts without end": ("B\n<think>\nA", NO_CHOICE),
    "a choice in fences": ("```\nTIE\n```", None),
    "choices in several objects": ('{"winner": "A"}\n{"winner": "B"}', NO_CHOICE),
    "letters that look alike": ("T\u0130E", NO_CHOICE),
    "letters that fold alike": ("t\u0131e", NO_CHOICE),
    "a wide letter": ("\uff21", NO_CHOICE),
}


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_is_read_likewise(name: str, cli: Cli, tmp_path: Path) -> None:
    text, reason = CHOICES[name]
    told, _ = judged(cli, tmp_path, Given(body(text)), "--pairs", "9")
    assert list(told["unreadable"]) == ([reason] if reason else [])
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as db:
        odd = {
            v
            for (v,) in db.execute(
                "select value from rating where measure = 'preference' and value not in (0, 1)"
            )
        }
    assert odd == (set() if reason else {0.5})
