"""Use cases from files that anybody may have written."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.decision.profile import UseCase, parse_profile, read_profile, read_source
from tempkit.errors import UsageError

SHIPPED = Path(__file__).parents[2] / "tempkit/decision/shipped"
CHATBOT = (SHIPPED / "chatbot.toml").read_text("utf-8")


def refusal(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse_profile(text, "x.toml")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "missing required field `name`"),
        ("a = " + "[" * 20_000, "values are nested too deeply"),
        ("a = " + "{b = " * 5_000, "values are nested too deeply"),
        ("a." * 8_000 + "b = 1", "unknown field `a`"),
        ("a = " + "9" * 5_000, "Exceeds the limit"),
        (CHATBOT.replace("limit = ", "limit = nan #", 1), "must be a number"),
        (CHATBOT.replace("limit = ", "limit = -inf #", 1), "must be a number"),
        (CHATBOT.replace("margin = ", f"margin = 1{'0' * 400} #", 1), "out of range"),
        (CHATBOT.replace('name = "chatbot"', 'name = ""'), "name must be one line of at most 60 characters"),
        (CHATBOT.replace('name = "chatbot"', f'name = "{"x" * 61}"'), "name must be one line"),
        (CHATBOT.replace('name = "chatbot"', r'name = "a\nb"'), "name must be one line"),
        (CHATBOT.replace('name = "chatbot"', r'name = "\u0000"'), "name must be one line"),
        (CHATBOT.replace('name = "chatbot"', r'name = "\u001b[31mred"'), "name must be one line"),
    ],
)
def test_a_hostile_text_is_refused_in_one_line(text: str, said: str) -> None:
    message = refusal(text)
    assert message.startswith("x.toml: ")
    assert said in message
    assert message.endswith("; copy one of those shipped and edit it")


@given(st.text(max_size=200))
def test_any_text_is_a_use_case_or_one_line(text: str) -> None:
    refusal(text)


values = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)


@settings(max_examples=200)
@given(
    st.sampled_from(["name", "title", "tie", "policies", "primary", "guard", "prior", "tradeoff", "x"]),
    values,
)
def test_any_value_in_any_place_is_read_or_refused_in_one_line(key: str, value: object) -> None:
    text = f"{key} = {toml(value)}\n" + "\n".join(
        line for line in CHATBOT.splitlines() if not line.startswith((f"{key} ", f"[[{key}", f"[{key}"))
    )
    try:
        assert isinstance(parse_profile(text, "x.toml"), UseCase)
    except UsageError as e:
        assert str(e).isprintable()  # noqa: PT017  (either may happen)


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08x}" for c in value if not "\ud800" <= c <= "\udfff") + '"'
    return repr(value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x" * (16 * 2**10 + 1), "the use case is larger than 16 KiB"),
        (b"name = \xff", "the use case cannot be read: 'utf-8' codec"),
    ],
)
def test_a_file_that_is_too_large_or_no_text_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        read_profile(path)


def test_the_largest_file_is_many_times_one_shipped() -> None:
    assert max(path.stat().st_size for path in SHIPPED.glob("*.toml")) * 4 < 16 * 2**10


def test_a_pipe_or_a_folder_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    for name in ("pipe.toml", "folder.toml"):
        with pytest.raises(UsageError, match=f"{name}: the use case cannot be read: not a file"):
            read_source(tmp_path / name)


def test_a_name_that_no_file_can_have_is_refused_in_one_line() -> None:
    for name in ("nul\0.toml", "x" * 5000 + ".toml"):
        with pytest.raises(UsageError, match="the use case cannot be read") as caught:
            read_source(Path(name))
        assert str(caught.value).isprintable()


def test_line_ends_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + CHATBOT.replace("\n", "\r\n").encode())
    assert read_source(path) == CHATBOT
    assert read_profile(path).name == "chatbot"
