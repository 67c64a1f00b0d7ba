"""A decision kept in a prompt file: nothing but the meant lines changes, and what is written is read back."""

import difflib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.errors import PromptError
from tempkit.prompts import KeptDecision, kept_decision, load_prompt, with_decision

KEPT = KeptDecision(
    temperature=0.4, run="12345678", date="2026-11-27", model="gguf:smollm2,label=a: b", grade="likely",
    measure="fact_recall", margin=0.05, direction="higher", scope="items_like_these", policy="single",
    use_case="technical-documentation", at_worst=0.031, snapshot='sha256:0f"\\x', tried=(0.0, 0.4, 0.8), answers=4,
    sampling={"max_tokens": 64, "stop": ["\n", "off"]},
)  # fmt: skip

MODELS = (
    "",
    "model: gpt-4o  # by name\n",
    "model:\n",
    "model:  # to be named\n",
    "model: {}\n",
    "model: ~\n",
    "model:\n  id: x\n",
    "model:\n    options:  # ours\n        maxOutputTokens: 24\n        # and so on\n",
    "model:\n  options:\n    maxOutputTokens: 24\n    temperature: 1.0  # for now\n    topP: 0.9\n",
    "model:\n  parameters:\n    temperature: 0.70\n    max_tokens: 9\n",
    "model: {options: {maxOutputTokens: 24}}\n",
    "model: {parameters: {temperature: 1, max_tokens: 9}}\n",
    "model:\n  parameters:\n    max_tokens: 9\n    stop:\n    - 'a'\n    - \"b\" # c\n",
    "model:\n  options:\n    additionalProperties:\n      temperature: 0.2\n",
    "model:\n  options:\n  id: x\n",
)
METADATA = (
    "",
    "metadata: {tempkit: {use_case: chatbot, language: en}}\n",
    "metadata:\n  tempkit:\n    use_case: chatbot   # what for\n    # checks: none\n",
    "metadata:\n  authors: [a, 'b']\n",
    "metadata:\n  tempkit:\n    decision: {run: old}\n    language: en\n",
    "metadata:\n  tempkit:\n    decision:\n      run: old\n      tried: [0,\n        1]\n    # after\n    language: en\n",
    "metadata:\n  tempkit:\n",
    "metadata:\n  note: |\n    # a text,\n\n    as it stands\n",
    "metadata:\n  note: |+\n    kept\n\n",
)
BODIES = (
    "system:\nBe brief.\nuser:\nHi # no comment\n",
    "user:\nHi",
    "user:\n\n  Hi  \n\n\n",
    "user:\n---\nHi: {a: b}",
)
COMMENTS = ("", "# on top\n", "# a: b\n\n")


@st.composite
def files(draw: st.DrawFn) -> bytes:
    parts = [
        draw(st.sampled_from(MODELS)),
        draw(st.sampled_from(METADATA)),
        draw(st.sampled_from(["", "name: p\n", "description: 'a: b'\n", "tags: [x,  y]\n"])),
    ]
    front = draw(st.sampled_from(COMMENTS)) + draw(st.sampled_from(COMMENTS)).join(
        draw(st.permutations(parts))
    )
    text = f"---\n{front}---\n{draw(st.sampled_from(BODIES))}"
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode()


def changed(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the lines that went, and those that came."""
    lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    codes = difflib.SequenceMatcher(None, *lines, autojunk=False).get_opcodes()
    went = [line for tag, a, b, _c, _d in codes if tag != "equal" for line in lines[0][a:b]]
    came = [line for tag, _a, _b, c, d in codes if tag != "equal" for line in lines[1][c:d]]
    return went, came


@given(files(), st.sampled_from([0.0, 0.05, 0.7, 1.0, 1e-05, 1.3]))
def test_only_the_meant_lines_change_and_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, temperature: float
) -> None:
    path = tmp_path_factory.mktemp("kept") / "p.prompty"
    path.write_bytes(data)
    before = load_prompt(path)
    kept = replace(KEPT, temperature=temperature)
    written = with_decision(data, "p.prompty", kept)
    path.write_bytes(written)
    after = load_prompt(path)
    assert kept_decision(path) == kept
    assert after.suggested_temperature == temperature
    same = ("name", "description", "use_case", "language", "options", "items")
    assert [getattr(after, each) for each in same] == [getattr(before, each) for each in same]
    went, _came = changed(data, written)
    # What stood in one line or in the earlier decision may go; a comment, the body or any other key may not.
    meant = (b"model:", b"metadata:", b"temperature:", b"decision:", b"run: old", b"tried: [0,", b"1]")
    assert [line for line in went if not line.strip().startswith(meant)] == []
    assert [c for line in went if b"#" in line for c in [line.partition(b"#")[2]] if c not in written] == []
    ends = {line[-2:] == b"\r\n" for line in written.splitlines(keepends=True) if line.endswith(b"\n")}
    assert ends == {b"\r\n" in data}
    assert written.partition(b"user:")[2] == data.partition(b"user:")[2]
    assert with_decision(written, "p.prompty", kept) == written


@given(files(), st.sampled_from([0.2, 1.1]))
def test_another_decision_takes_the_place_of_the_first(data: bytes, temperature: float) -> None:
    once = with_decision(data, "p", KEPT)
    other = replace(KEPT, temperature=temperature, run="87654321", sampling={}, at_worst=None)
    assert with_decision(once, "p", other).count(b"12345678") == 0
    assert with_decision(with_decision(once, "p", other), "p", KEPT) == once


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_without_front_matter_gets_one(tmp_path: Path, end: str) -> None:
    path = tmp_path / "p.prompty"
    path.write_bytes(f"user:{end}Hi".encode())
    before = load_prompt(path)
    path.write_bytes(with_decision(path.read_bytes(), "p", KEPT))
    assert path.read_bytes().endswith(f"---{end}user:{end}Hi".encode())
    assert kept_decision(path) == KEPT
    assert load_prompt(path).items == before.items


def test_the_difference_is_a_few_lines(tmp_path: Path) -> None:
    path = tmp_path / "p.prompty"
    text = "---\nmodel:\n  options:\n    temperature: 1.0  # for now\nmetadata:\n  tempkit:\n    use_case: chatbot\n---\nuser:\nHi\n"
    path.write_text(text)
    went, came = changed(text.encode(), with_decision(text.encode(), "p", KEPT))
    assert went == [b"    temperature: 1.0  # for now\n"]
    assert came[:3] == [b"    temperature: 0.4  # for now\n", b"    decision:\n", b"      temperature: 0.4\n"]
    assert len(came) <= 20


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("---\nmodel: é\n---\nuser:\nHi\n".encode("latin-1"), "UTF-8"),
        (b"---\nmodel: x\r---\nuser:\nHi\n", "line ends"),
        (b"---\nname: p\nsample: &a {x: 1}\nmodel: *a\n---\nuser:\nHi\n", "yourself"),
    ],
)
def test_what_cannot_be_edited_is_said_in_a_line(data: bytes, said: str) -> None:
    with pytest.raises(PromptError, match=said) as e:
        with_decision(data, "p.prompty", KEPT)
    assert str(e.value).startswith("p.prompty")
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("      margin: 0.05", "      margin: 0", "margin"),
        ("      grade: likely", "      grade: sure", "grade"),
        ("      answers: 4", "      answers: four", "answers"),
        ("      tried: [0, 0.4, 0.8]", "      tried: [low]", "tried"),
        ('      run: "12345678"', "      run: 12345678", "run"),
        ("    temperature: 0.4\nmeta", "    temperature: 0.9\nmeta", "restore the temperature"),
        ("max_tokens: 64", "max_token: 64", "max_token"),
    ],
)
def test_a_decision_changed_by_hand_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "p.prompty"
    written = with_decision(b"---\nname: p\n---\nuser:\nHi\n", "p", KEPT).decode()
    assert old in written
    path.write_text(written.replace(old, new))
    with pytest.raises(PromptError, match=said) as e:
        kept_decision(path)
    assert str(e.value).startswith(f"{path}:")
    assert "\n" not in str(e.value)


def test_a_file_without_a_decision_keeps_none(tmp_path: Path) -> None:
    path = tmp_path / "p.prompty"
    path.write_text("---\nname: p\n---\nuser:\nHi\n")
    assert kept_decision(path) is None
    path.write_text("user:\nHi\n")
    assert kept_decision(path) is None
