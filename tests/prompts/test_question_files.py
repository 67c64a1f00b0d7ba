"""What people hold their questions in: a spreadsheet's table, lines in a text file, one word, a pipe."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support import Cli

from tempkit.errors import PromptError
from tempkit.prompts import load_prompt, taken_as
from tempkit.types import Check, Prompt

Load = Callable[..., Prompt]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)

    def call(name: str, content: str | bytes) -> Prompt:
        path = Path(name)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_prompt(path)

    return call


def asked(prompt: Prompt) -> list[str]:
    return [item.messages[-1].content for item in prompt.items]


TABLE = "question,expected\nWhat is the capital of France?,Paris\nHow many bits are in a byte?,8|eight\n"

SPREADSHEETS: dict[str, tuple[str, bytes]] = {
    "commas": ("q.csv", TABLE.encode()),
    "semicolons": ("q.csv", TABLE.replace(",", ";").encode()),
    "tabs in a .csv": ("q.csv", TABLE.replace(",", "\t").encode()),
    "tabs": ("q.tsv", TABLE.replace(",", "\t").encode()),
    "a byte-order mark and CRLF": ("q.csv", b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode()),
    "UTF-16": ("q.csv", TABLE.encode("utf-16")),
    "no line end": ("q.csv", TABLE.rstrip().encode()),
    "other case and blanks": ("q.csv", TABLE.replace("question,expected", " Question ,EXPECTED").encode()),
    "quoted": ("q.csv", TABLE.replace("Paris", '"Paris"').encode()),
    "JSON Lines": (
        "q.jsonl",
        (
            b'{"question": "What is the capital of France?", "expected": "Paris"}\n'
            b'{"question": "How many bits are in a byte?", "expected": "8|eight"}\n'
        ),
    ),
}


@pytest.mark.parametrize("form", SPREADSHEETS)
def test_a_table_is_a_question_a_row(form: str, load: Load) -> None:
    prompt = load(*SPREADSHEETS[form])
    assert asked(prompt) == ["What is the capital of France?", "How many bits are in a byte?"]
    assert [item.facts for item in prompt.items] == [(("Paris",),), (("8", "eight"),)]
    assert [item.key for item in prompt.items] == ["q/1", "q/2"]
    assert (prompt.name, prompt.use_case) == ("q", None)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("prompt,answer", "in column 'prompt'; 'answer' is what a right answer contains"),
        ("Input,Reference Answer", "in column 'Input'; 'Reference Answer' is what a right answer contains"),
        ("query,ideal", "in column 'query'; 'ideal' is what a right answer contains"),
        ("questions,answers", "in column 'questions'; 'answers' is what a right answer contains"),
        ("ask me,expected", "in column 'ask me'; 'expected' is what a right answer contains"),
        ("question,topic", "in column 'question'; not used: 'topic'"),
        ("input,question", "in column 'question'; not used: 'input'"),
    ],
)
def test_columns_are_known_by_their_usual_names_and_it_is_said_how(
    header: str, said: str, load: Load
) -> None:
    prompt = load("q.csv", f"{header}\nWho?,Me\n")
    assert taken_as(prompt) == f"q.csv: 1 question {said}"


def test_one_column_is_the_questions_whatever_it_is_called(load: Load) -> None:
    assert asked(load("q.csv", "things to ask\nWho?\nWhy?\n")) == ["Who?", "Why?"]


def test_texts_that_are_expected_are_compared_by_likeness(load: Load) -> None:
    text = "A name server answers which address belongs to a name, and asks others when it does not know."
    prompt = load("q.csv", f'question,expected\nWhat does DNS do?,"{text}"\nWho?,Me\nWhy?,"{text}"\n')
    assert [item.facts for item in prompt.items] == [(), (), ()]
    assert prompt.items[0].checks == (Check("similar", text),)
    assert "'expected' is what a right answer is like" in (taken_as(prompt) or "")


def test_ids_systems_facts_and_checks_of_ones_own_stay(load: Load) -> None:
    prompt = load(
        "q.csv",
        "id,system,question,facts,__expected\nbits,Be brief.,How many bits?,8|eight; byte,icontains: bits\nb,,Why?,,\n",
    )
    first, second = prompt.items
    assert [(m.role, m.content) for m in first.messages] == [
        ("system", "Be brief."),
        ("user", "How many bits?"),
    ]
    assert (first.key, first.facts) == ("q/bits", (("8", "eight"), ("byte",)))
    assert first.checks == (Check("icontains", "bits"),)
    assert [m.role for m in second.messages] == ["user"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1,2\n", "q.csv:1: no column of questions; call it one of question, prompt, input"),
        (
            "question,expected\n,Paris\n",
            "q.csv:2: no question in column 'question'; fill it in, or delete the row",
        ),
        ("id,question\na,Who?\na,Why?\n", "q.csv:3: id 'a' is used already, at q.csv:2"),
        ("question\n", "q.csv:1: the data file has no rows"),
        (
            "Question,question,Answer\nA?,B?,yes\n",
            "q.csv:2: the columns 'Question' and 'question' are one name here; rename one of them",
        ),
        (
            "question,Answer,answer\nA?,yes,no\n",
            "q.csv:2: the columns 'Answer' and 'answer' are one name here",
        ),
        ("question,ID,id\nA?,1,2\n", "q.csv:2: the columns 'ID' and 'id' are one name here"),
    ],
)
def test_what_is_no_table_of_questions_is_told(content: str, said: str, load: Load) -> None:
    with pytest.raises(PromptError) as error:
        load("q.csv", content)
    assert str(error.value).startswith(said)


def test_columns_that_are_not_used_may_be_called_alike(load: Load) -> None:
    prompt = load("q.csv", "question,Topic,topic\nA?,x,y\n")
    assert prompt.items[0].variables == {"question": "A?", "Topic": "x", "topic": "y"}


def test_a_question_that_is_no_text_is_told(load: Load) -> None:
    with pytest.raises(PromptError, match=r"^q\.jsonl:1: column 'question' must hold a text, not \['a'\]"):
        load("q.jsonl", '{"question": ["a"]}\n')


def test_lines_are_questions_and_one_line_is_a_prompt(load: Load) -> None:
    several = load("q.txt", "What is HTTP?\r\n\r\n  What is DNS?\n")
    assert asked(several) == ["What is HTTP?", "What is DNS?"]
    assert taken_as(several) == (
        "q.txt: 2 questions, one a line; to send the text as one prompt call the file q.md"
    )
    one = load("one.txt", "What is HTTP?\n")
    assert (asked(one), taken_as(one)) == (["What is HTTP?"], None)
    assert asked(load("q.md", "What is HTTP?\nAnd DNS?\n")) == ["What is HTTP?\nAnd DNS?"]


def test_a_run_of_a_table_says_how_it_was_taken_and_decides(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(TABLE)
    done = cli("run", "q.csv", "-m", "scripted:words", "-t", "0,1", "-n", "2")
    assert done.code == 0, done.err
    assert "q.csv: 2 questions in column 'question'; 'expected' is what a right answer contains" in done.err


def test_a_word_is_a_prompt_unless_a_file_is_called_nearly_so(cli: Cli, tmp_path: Path) -> None:
    words = ("-m", "scripted:words", "-t", "0,1", "-n", "1", "--dry-run")
    assert cli("run", "Haiku", *words).code == 0
    (tmp_path / "Haikus.txt").write_text("Write a haiku.")
    near = cli("run", "Haiku", *words)
    assert near.code == 1
    assert near.err == (
        "error: Haiku: no such file (did you mean 'Haikus.txt'?); to send this one word, end it with a full stop or a question mark\n"
    )
    assert cli("run", "Haiku.", *words).code == 0
    bundled = cli("run", "technical-documentation", *words)
    assert bundled.code == 1
    assert "no such file here; the bundled prompt of this name is " in bundled.err


def test_a_prompt_comes_through_a_pipe(tmp_path: Path, cli_env: dict[str, str]) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "tempkit", "run", "-", "-m", "scripted:words", "-t", "0,1", "-n", "1"]

    def run(given: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command, input=given, capture_output=True, cwd=tmp_path, env=cli_env, check=False
        )

    assert run(b"\xef\xbb\xbfREADME.md\r\n").returncode == 0  # a text, whatever it looks like
    for wrong, said in ((b" \n", b"-: nothing comes through the pipe"), (b"\xff\xfe\xfa", b"is not UTF-8")):
        done = run(wrong)
        assert (done.returncode, done.stdout) == (1, b"")
        assert said in done.stderr
        assert done.stderr.count(b"\n") == 1
