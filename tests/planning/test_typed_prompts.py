"""A file's name is never sent as a prompt, however it is mistyped, and a text is never taken for one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tempkit.errors import PromptError
from tempkit.planning.typed_prompts import prompt_of
from tempkit.prompts.load import unfilled

Write = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def files(write: Write) -> None:
    write("prompts/my question.txt", "What is a quark?")
    write("prompts/deep/ideas.md", "Ideas!")
    write("my prompts/one more.j2", "More.")
    write("notes on cats.md", "Cats.")
    write("question.prompty", "user:\nHi\n")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("prompts/my quesion.txt", "no such file (did you mean 'prompts/my question.txt'?)"),
        ("prompts/my quesion", "no such file (did you mean 'prompts/my question.txt'?)"),
        ("promtps/my question.txt", "no such file (did you mean 'prompts'?)"),
        ("promtps/my question", "no such file (did you mean 'prompts'?)"),
        ("./prompts/my quesion.txt", "no such file (did you mean 'prompts/my question.txt'?)"),
        ("prompts/deep/my ideas.md", "no such file"),
        ("my prompts/one mor.j2", "prompt file not found (did you mean 'my prompts/one more.j2'?)"),
        ("my prompts/one mor", "no such file (did you mean 'my prompts/one more.j2'?)"),
        ("notes on cat.md", "no such file (did you mean 'notes on cats.md'?)"),
        ("elsewhere/two words.md", "no such file"),
        ("prompts\\my quesion.txt", "no such file"),
        ("~/my prompts/x y", "no such file"),
        ("../my prompts/x y", "no such file"),
        ("two words.prompty", "prompt file not found"),
        ("my quesion.txt", "no such file"),
        ("quesion.prompty", "prompt file not found (did you mean 'question.prompty'?)"),
        ("question.txt", "prompt file not found (did you mean 'question.prompty'?)"),
        ("prompts", "a folder; name a prompt file in it, e.g. 'prompts/my question.txt'"),
        (
            "question",
            "no such file (did you mean 'question.prompty'?); to send this one word, end it with a full stop",
        ),
    ],
)
def test_a_mistyped_path_is_no_text(typed: str, said: str) -> None:
    with pytest.raises(PromptError) as caught:
        prompt_of(typed, Path(), 1)
    shown = str(caught.value)
    assert said in shown
    assert shown.startswith(str(Path(typed)))
    assert "\n" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "Name a colour.",
        "Explain README.md",
        "Compare TCP/IP and UDP",
        "Is it his/her or their?",
        "and/or which is better?",
        "/imagine a cat",
        "What does / mean in Python?",
        "See prompts/ for more\nand say what you find",
        "Explain https://example.com/a b",
        "Sum 1/2 and 3/4",
        "x " * 3000,
    ],
)
def test_a_text_is_a_text(text: str) -> None:
    prompt = prompt_of(text, Path(), 3)
    assert (prompt.name, prompt.path, prompt.items[0].messages[0].content) == ("inline-3", None, text)


def test_a_file_is_read_whatever_its_name_looks_like(write: Write) -> None:
    for name in ("prompts/my question.txt", "my prompts/one more.j2", "notes on cats.md"):
        assert prompt_of(name, Path(), 1).path == name


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "One\nSay {{ word }}.", "a.txt:2: {{ word }} is sent as it stands; call the file a.j2 or .prompty"),
        ("a.md", "# T\n{% if x %}y{% endif %}", "a.md:2: {% if x %} is sent as it stands"),
        ("a.txt", "A {single} brace, {{ }", None),
        ("a.j2", "user:\nSay {{ 'x' }}", None),
        ("a.md", "---\ninputs: {word: x}\n---\nSay {{ word }}", None),
    ],
)  # fmt: skip
def test_what_looks_like_a_template_and_is_none_is_said(
    write: Write, name: str, text: str, said: str | None
) -> None:
    found = unfilled(prompt_of(str(write(name, text)), Path(), 1))
    assert found == said if said is None else str(found).startswith(said)


def test_a_typed_template_is_said_too() -> None:
    found = unfilled(prompt_of("Name a {{ colour }} thing.", Path(), 1))
    assert found == (
        "inline-1: {{ colour }} is sent as it stands; put the text into a .j2 or .prompty file to have it filled in"
    )
