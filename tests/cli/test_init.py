"""`tempkit init`: files to start from that load, are scored by what their use case is about, and never take another's place."""

import csv
import json
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support import Cli
from terminals import typed_on_a_terminal

from tempkit.decision import read_profile, shipped
from tempkit.files import write_new
from tempkit.measures.assertions import passes
from tempkit.measures.wording import contains, normalize
from tempkit.prompts import load_prompt, starter, starters
from tempkit.types import Prompt

SCORED_BY = {
    "brainstorming": "cosine_distance",  # the scripted model writes no lists
    "chatbot": "fact_recall",
    "code": "check_pass",
    "creative-writing": "novelty",
    "extraction": "check_pass",
    "general": "cosine_distance",  # of two temperatures
    "summarization": "fact_recall",
    "technical-documentation": "fact_recall",
    "translation": "check_pass",
}


def made(cli: Cli, tmp_path: Path, use_case: str, *options: str) -> Prompt:
    done = cli("init", use_case, *options)
    assert done.code == 0, done.err
    return load_prompt(tmp_path / use_case / f"{use_case}.prompty")


def test_every_use_case_has_a_starter() -> None:
    assert set(starters()) == set(shipped()) == set(SCORED_BY)


@pytest.mark.parametrize("use_case", SCORED_BY)
def test_a_starter_runs_and_is_scored_by_what_its_use_case_is_about(
    cli: Cli, tmp_path: Path, use_case: str
) -> None:
    done = cli("init", use_case)
    assert (done.code, done.err) == (0, "")
    last = done.out.splitlines()[-1]
    assert last == f"Next: tempkit choose {use_case}/{use_case}.prompty -m gguf:smollm2"
    prompt = shlex.split(last)[3]
    planned = cli("run", prompt, "-m", "scripted:words", "--dry-run", "--json")
    assert planned.code == 0, planned.err
    plan = json.loads(planned.out)["plan"]
    assert (plan["prompts"], plan["use_cases"]) == ({use_case: 12}, {use_case: use_case})
    assert planned.err == ""  # nothing in it looks like a mistake
    ran = cli("run", prompt, "-m", "scripted:words", "-t", "0,1", "-n", "3", "--max-tokens", "80", "--json")
    assert ran.code == 0, ran.err
    (decision,) = json.loads(ran.out)["decisions"]
    assert (decision["use_case"], decision["measure"]) == (use_case, SCORED_BY[use_case])
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection:
        (scored,) = connection.execute(
            "select count(distinct item_id) from score where measure = ? and value is not null",
            (SCORED_BY[use_case],),
        ).fetchone()
    assert scored == 12


@pytest.mark.slow
def test_the_bundled_model_answers_every_starter(cli: Cli, bundled_gguf: Path, tmp_path: Path) -> None:
    assert bundled_gguf.is_file()
    prompts = []
    for use_case in SCORED_BY:
        assert cli("init", use_case).code == 0
        prompts.append(f"{use_case}/{use_case}.prompty")
    size = ("--items", "1", "-t", "0,1", "-n", "2", "--max-tokens", "32")
    done = cli("run", *prompts, "-m", "gguf:smollm2", *size, "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["run"]["completions"], told["run"]["failed"]) == (9 * 1 * 2 * 2, 0)
    assert {each["use_case"] for each in told["decisions"]} == set(SCORED_BY)
    with closing(sqlite3.connect(tmp_path / "tempkit.db")) as connection:
        (blank,) = connection.execute("select count(*) from completion where trim(text) = ''").fetchone()
    assert blank <= 4


@pytest.mark.parametrize("use_case", SCORED_BY)
def test_its_rows_are_good_examples(cli: Cli, tmp_path: Path, use_case: str) -> None:
    prompt = made(cli, tmp_path, use_case)
    assert prompt.use_case == use_case
    assert len({item.messages[-1].content for item in prompt.items}) == 12
    expected = [bool(item.facts or item.checks) for item in prompt.items]
    assert all(expected) if use_case not in ("creative-writing", "general") else not any(expected)
    for item in prompt.items:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", item.key.partition("/")[2]), item.key
        if use_case in ("technical-documentation", "chatbot"):  # who repeats the question has said nothing
            asked = normalize(item.messages[-1].content)
            assert not [w for fact in item.facts for w in fact if contains(asked, w)], item.key
        if use_case in ("chatbot", "summarization"):  # but the answer can be had from what the model is shown
            shown = normalize("\n".join(message.content for message in item.messages))
            found = [any(contains(shown, w) for w in fact) for fact in item.facts]
            assert all(found) or item.key == "chatbot/two-days"  # 15 euros, twice


def test_a_right_record_passes_the_checks_of_its_row(cli: Cli, tmp_path: Path) -> None:
    prompt = made(cli, tmp_path, "extraction")
    with (tmp_path / "extraction" / "questions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for item, row in zip(prompt.items, rows, strict=True):
        name, date, people = (part.strip() for part in row["__expected"].partition(":")[2].split(","))
        right = json.dumps({"name": name, "date": date, "people": int(people)})
        assert all(passes(check, right) for check in item.checks), item.key
        wrong = (
            json.dumps({"name": name, "date": date, "people": people}),
            json.dumps({"name": name, "people": int(people)}),
            json.dumps({"name": "Somebody", "date": date, "people": int(people)}),
            f"The record is {right}",
        )
        for text in wrong:
            assert not all(passes(check, text) for check in item.checks), (item.key, text)


RIGHT_CODE = {
    "is-even": "def is_even(n):\n    return n % 2 == 0",
    "reverse": "def reverse(text):\n    return text[::-1]",
    "square": "def square(x):\n    return x * x",
    "largest": "def largest(numbers):\n    return max(numbers)",
    "mean": "def mean(numbers):\n    return sum(numbers) / len(numbers)",
    "initials": "def initials(name):\n    return ''.join(word[0] for word in name.split())",
    "to-celsius": "def to_celsius(f):\n    return (f - 32) * 5 / 9",
    "last": "def last(items):\n    return items[-1]",
    "unique": "def unique(items):\n    return list(dict.fromkeys(items))",
    "factorial": "def factorial(n):\n    return 1 if n < 2 else n * factorial(n - 1)",
    "vowels": "def count_vowels(text):\n    return sum(c in 'aeiou' for c in text.lower())",
    "swap": "def swap(pair):\n    return pair[1], pair[0]",
}


def test_right_code_passes_the_checks_of_its_row_and_no_other(cli: Cli, tmp_path: Path) -> None:
    prompt = made(cli, tmp_path, "code")
    for item in prompt.items:
        passing = [
            name for name, code in RIGHT_CODE.items() if all(passes(check, code) for check in item.checks)
        ]
        assert passing == [item.key.partition("/")[2]]


def test_its_own_use_case_judges_as_the_shipped_one_under_another_name(cli: Cli, tmp_path: Path) -> None:
    for name, each in shipped().items():
        prompt = made(cli, tmp_path, name, "--own")
        assert prompt.use_case == f"my-{name}.toml"
        done = cli("run", f"{name}/{name}.prompty", "-m", "scripted:words", "--dry-run", "--json")
        assert done.code == 0, done.err
        assert json.loads(done.out)["plan"]["use_cases"] == {name: f"my-{name}"}
        own = read_profile(tmp_path / name / f"my-{name}.toml")
        assert own.title == f"My {each.title[0].lower()}{each.title[1:]}"
        assert (own.wants, own.primary, own.guard, own.variety, own.tie, own.prior, own.policies) == (
            *(each.wants, each.primary, each.guard, each.variety, each.tie, each.prior, each.policies),
        )


def test_without_own_nothing_but_the_prompt_and_its_questions_is_written(cli: Cli, tmp_path: Path) -> None:
    assert cli("init", "code", "--folder", "some where").out.splitlines()[-1] == (
        "Next: tempkit choose 'some where/code.prompty' -m gguf:smollm2"
    )
    assert sorted(path.name for path in (tmp_path / "some where").iterdir()) == [
        "code.prompty",
        "questions.csv",
    ]
    assert (tmp_path / "some where/code.prompty").read_text("utf-8") == starter("code")["code.prompty"]


@pytest.mark.parametrize("taken", ["code.prompty", "questions.csv", "my-code.toml"])
def test_a_file_that_is_there_is_left_and_nothing_is_written_beside_it(
    cli: Cli, tmp_path: Path, taken: str
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / taken).write_text("mine", "utf-8")
    done = cli("init", "code", "--own")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"error: code/{taken} is there already, so nothing was written; choose another folder with --folder\n"
    )
    assert [(path.name, path.read_text("utf-8")) for path in (tmp_path / "code").iterdir()] == [
        (taken, "mine")
    ]


def test_where_nothing_can_be_written_it_is_said_in_a_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    done = cli("init", "code", "--folder", "file/in-it")
    assert (done.code, done.err) == (1, "error: file/in-it: the files cannot be written: Not a directory\n")
    done = cli("init", "code", "--folder", "file")
    assert (done.code, done.err.partition(" is there")[0]) == (2, "error: file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_unknown_use_case_is_answered_with_the_nearest_and_all(cli: Cli, tmp_path: Path) -> None:
    done = cli("init", "translations")
    assert (done.code, done.err) == (
        2,
        f"error: no starter for use case 'translations' (did you mean 'translation'?); there are: {', '.join(starters())}\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_on_a_pipe_the_use_case_must_be_named(cli_process: Cli, tmp_path: Path) -> None:
    done = cli_process("init")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: no use case; name one, as in: tempkit init brainstorming; there are: ")
    assert done.err.count("\n") == 1
    assert all(name in done.err for name in shipped())
    assert list(tmp_path.iterdir()) == []


def test_on_a_terminal_it_asks_which_one(tmp_path: Path, cli_env: dict[str, str]) -> None:
    code, shown = typed_on_a_terminal(("init",), "nothing\n3\n", tmp_path, cli_env)
    assert code == 0, shown
    for number, name in enumerate(sorted(shipped(), key=lambda name: name == "general"), 1):
        assert re.search(rf"^  {number}  {name} +{re.escape(shipped()[name].wants)}\r$", shown, re.MULTILINE)
    assert shown.count("type a number from 1 to 9") == 1
    assert "Next: tempkit choose code/code.prompty -m gguf:smollm2" in shown
    assert sorted(path.name for path in (tmp_path / "code").iterdir()) == ["code.prompty", "questions.csv"]


def test_who_does_not_answer_gets_nothing_written(tmp_path: Path, cli_env: dict[str, str]) -> None:
    code, _ = typed_on_a_terminal(("init",), "\x04", tmp_path, cli_env)
    assert code == 130
    assert list(tmp_path.iterdir()) == []


def test_where_one_file_fails_none_is_left_and_no_folder_that_was_made(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_new(tmp_path / "made" / "for-it", {"first": "good", "second": "no character: \udcff"})
    assert list(tmp_path.iterdir()) == []
