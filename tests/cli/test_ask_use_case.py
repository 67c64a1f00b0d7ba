"""What decides where no use case is given: what the prompts say, or what somebody at a terminal answers; never a silent guess."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import PATIENCE_S
from terminals import typed_on_a_terminal

from tempkit.cli.ask_use_case import Answer, use_case_for
from tempkit.decision import shipped, use_case
from tempkit.errors import UsageError
from tempkit.prompts import inline_prompt, load_prompt
from tempkit.types import Prompt

Write = Callable[[str, str], Path]

PROGRAM = """
import sys
from tempkit.cli import streams
from tempkit.cli.ask_use_case import use_case_for
from tempkit.prompts import inline_prompt
streams.guard()
print(use_case_for([inline_prompt("Name a use for paper.", 1)], None))
streams.flush()
"""


def answer_to(typed: str, folder: Path, env: dict[str, str]) -> tuple[int, str, str]:
    """Return the exit code, what the terminal shows, and what stands on stdout, which goes into a file."""
    out = folder / "out.txt"
    with out.open("wb") as file:
        code, shown = typed_on_a_terminal(
            (), typed, folder, env, program=("-c", PROGRAM), stdout=file.fileno()
        )
    return code, shown.replace("\r\n", "\n"), out.read_text("utf-8")


@pytest.fixture
def plain() -> list[Prompt]:
    return [inline_prompt("Name a use for paper.", 1), inline_prompt("Name a colour.", 2)]


def test_what_is_given_goes_before_all(plain: list[Prompt], capsys: pytest.CaptureFixture[str]) -> None:
    assert use_case_for(plain, "code") == Answer("code")
    assert capsys.readouterr().err == ""


def test_what_a_prompt_names_is_left_to_it(write: Write, plain: list[Prompt]) -> None:
    named = load_prompt(write("a.md", "---\nmetadata: {tempkit: {use_case: code}}\n---\nWrite f."))
    assert use_case_for([*plain, named], None) == Answer()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("question,expected\nA?,one\nB?,two\n", "2 of 2 questions say what a right answer holds"),
        ("question,facts\nA?,one\nB?,\n", "1 of 2 questions says what a right answer holds"),
        ("question,__expected\nA?,icontains: one\n", "1 of 1 question says what a right answer holds"),
    ],
)
def test_expected_answers_decide_and_it_is_said(
    write: Write, capsys: pytest.CaptureFixture[str], table: str, said: str
) -> None:
    prompt = load_prompt(write("q.csv", table))
    assert use_case_for([prompt], None) == Answer("technical-documentation")
    assert capsys.readouterr().err == (
        f"note: {said}, so that decides, as for technical-documentation; another use case with --for\n"
    )


def test_the_use_case_for_expected_answers_goes_by_them_and_general_does_not() -> None:
    assert [each.measure for each in use_case("technical-documentation").primary][:2] == [
        "fact_recall",
        "check_pass",
    ]
    assert not {"fact_recall", "check_pass"} & set(shipped()["general"].measures)


@pytest.mark.parametrize("table", ["question\nA?\n", "question,__expected\nA?,llm-rubric: It is kind.\n"])
def test_on_a_pipe_one_line_says_all_five_ways(write: Write, table: str) -> None:
    prompt = load_prompt(write("q.csv", table))  # a rubric decides nothing without a judge
    with pytest.raises(UsageError) as raised:
        use_case_for([prompt], None)
    assert str(raised.value) == (
        "nothing says what a good answer is here; add "
        '--expect "bamboo|biodegradable" (it contains certain facts), '
        "--for brainstorming (many different good ideas), "
        "--for creative-writing (new, but still coherent), "
        "--judge gguf:/models/judge.gguf (a model should judge), "
        "or --for general (I only want to look)"
    )


def test_a_terminal_that_only_shows_is_not_waited_for(tmp_path: Path, cli_env: dict[str, str]) -> None:
    ours, its = os.openpty()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env=cli_env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=its,
        timeout=PATIENCE_S,
        check=False,
    )
    os.close(its)
    os.close(ours)
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("1\nbamboo|biodegradable\n", Answer("technical-documentation", expect="bamboo|biodegradable")),
        ("2\n", Answer("brainstorming")),
        ("3\n", Answer("creative-writing")),
        ("4\ngguf:/models/judge.gguf\n", Answer("general", judge="gguf:/models/judge.gguf")),
        ("5\n", Answer("general")),
        (
            "a model should judge\nopenai:m,base_url=http://localhost:1/v1\n",
            Answer("general", judge="openai:m,base_url=http://localhost:1/v1"),
        ),
    ],
)
def test_at_a_terminal_it_is_asked(
    tmp_path: Path, cli_env: dict[str, str], typed: str, answer: Answer
) -> None:
    code, shown, out = answer_to(typed, tmp_path, cli_env)
    assert (code, out) == (0, f"{answer}\n"), shown
    assert (
        "What is a good answer here?\n"
        '  1  it contains certain facts  --expect "bamboo|biodegradable"\n'
        "  2  many different good ideas  --for brainstorming\n"
        "  3  new, but still coherent    --for creative-writing\n"
        "  4  a model should judge       --judge gguf:/models/judge.gguf\n"
        "  5  I only want to look        --for general\n"
    ) in shown
    assert "Number: " in shown


@pytest.mark.parametrize(
    ("typed", "said", "answer"),
    [
        ("6\n\n٣\n3\n", "Error: type a number from 1 to 5\n", Answer("creative-writing")),
        (
            "1\n |;x\nbamboo\n",
            "Error: type words that a good answer contains; | between wordings, ; between facts\n",
            Answer("technical-documentation", expect="bamboo"),
        ),
        (
            "4\nsmollm2\ngguf:smollm2\n",
            "Error: model 'smollm2' must be backend:name, e.g. gguf:smollm2",
            Answer("general", judge="gguf:smollm2"),
        ),
    ],
)
def test_what_is_no_answer_is_asked_for_again(
    tmp_path: Path, cli_env: dict[str, str], typed: str, said: str, answer: Answer
) -> None:
    code, shown, out = answer_to(typed, tmp_path, cli_env)
    assert (code, out) == (0, f"{answer}\n"), shown
    assert said in shown


@pytest.mark.parametrize("typed", ["\x04", "1\n\x04"])
def test_who_leaves_gets_no_answer_made_up(tmp_path: Path, cli_env: dict[str, str], typed: str) -> None:
    code, shown, out = answer_to(typed, tmp_path, cli_env)
    assert (code, out) == (1, "")
    assert "click.exceptions.Abort" in shown
