"""Whatever others wrote ends in time and within its memory, with one clear line, and what comes after it goes on."""

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support import lacking

from limited.hostile import BLANKS, CHATS, PATTERNS, REPORTS, SCHEMAS, TEMPLATES
from tempkit.backends.gguf.chat import ChatTemplate
from tempkit.errors import ModelError, PromptError, ReportError
from tempkit.measures import Missing
from tempkit.measures.assertions import decided, passes
from tempkit.prompts.expectations import checks
from tempkit.prompts.rendering import Template
from tempkit.report.isolated import Apart
from tempkit.report.theme import own_files
from tempkit.sandbox import MEMORY, SECONDS, Answer, Helper, helper
from tempkit.types import Check, Message

MOST_S = 30.0
"""More than any honest machine needs, however busy, and far less than the bombs among these take where nothing stops them."""


@contextmanager
def promptly(most: float = MOST_S) -> Iterator[None]:
    """Hold what happens inside to its time, with the helper started before and this process no larger after."""
    helper().run("tempkit.sandbox.patterns:searching", "a", ["a"])
    size, began = _resident(), time.monotonic()
    yield
    assert time.monotonic() - began < most
    assert _resident() - size < MEMORY / 4


def _resident() -> int:
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def one_clear_line(said: object) -> str:
    text = str(said)
    assert "\n" not in text
    assert 10 < len(text) < 500
    return text


def goes_on() -> bool:
    """Whether the next thing is done as if nothing had happened."""
    return Template("{{ 1 + 1 }}", "p").render({})[0].content == "2"


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_of_prompts(name: str) -> None:
    with promptly(), pytest.raises(PromptError) as caught:
        Template(f"one\n{TEMPLATES[name]}", "p.prompty", first_line=3).render(
            {}, " (with the row at rows.csv:7)"
        )
    assert re.match(r"p\.prompty:[34]: ", one_clear_line(caught.value))
    assert goes_on()


@pytest.mark.parametrize("name", BLANKS)
def test_lines_of_blanks(name: str) -> None:
    with promptly():
        assert Template(f"one\n{BLANKS[name]}", "p.prompty").render({})[0].content.startswith("one")


def test_the_line_and_the_row_are_named() -> None:
    slow = Template(
        "one\n{% for i in range(n) %}{% for j in range(n) %}{{ x in y }}{% endfor %}\n{% endfor %}", "p.j2"
    )
    rows: list[tuple[dict[str, Any], str]] = [
        ({"n": n, "x": "b", "y": "a" * 10**6}, f" (row {n})") for n in (1, 900)
    ]
    with (
        promptly(),
        pytest.raises(
            PromptError,
            match=r"^p\.j2:[12]: the template takes longer than 1 s; make it simpler \(row 900\)$",
        ),
    ):
        slow.render_all(rows)


@pytest.mark.parametrize("name", CHATS)
def test_chat_templates_of_models(name: str) -> None:
    with promptly(), pytest.raises(ModelError) as caught:
        ChatTemplate(CHATS[name], "<s>", "</s>").prompt([Message("user", "Hi")])
    assert one_clear_line(caught.value).startswith("the model's chat template ")
    assert ChatTemplate("{{ messages[0].content }}", "", "").prompt([Message("user", "Hi")]) == "Hi"


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns(name: str) -> None:
    pattern, text = PATTERNS[name]
    with promptly():
        found, after = decided(Check("regex", pattern), [text, ""])
    for one in (found, after):
        assert isinstance(one, bool) or "pattern" in one_clear_line(str(one.reason))
    assert passes(Check("regex", "b"), "abc") is True


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_are_read_under_limits(name: str) -> None:
    fault = ""
    with promptly():
        try:
            checks([{"type": "regex", "value": PATTERNS[name][0]}], "p.prompty:3")
        except PromptError as e:
            fault = str(e)
    assert not fault or one_clear_line(fault).startswith("p.prompty:3: check 'regex': ")


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas(name: str) -> None:
    schema, text = SCHEMAS[name]
    with promptly():
        found = passes(Check("is-json", schema), text)
    assert isinstance(found, Missing)
    assert re.search("schema|JSON", one_clear_line(str(found.reason)))
    assert passes(Check("is-json", {"type": "integer"}), "1") is True


def test_a_check_that_is_slow_on_every_answer_is_given_up_after_three() -> None:
    pattern, text = PATTERNS["either way"]
    with promptly(3 * MOST_S):
        found = decided(Check("regex", pattern), [text] * 50)
    assert all("longer than 1 s" in str(getattr(one, "reason", "")) for one in found[:3])
    assert all("not tried on this one" in str(getattr(one, "reason", "")) for one in found[3:])


def test_one_slow_answer_leaves_the_others_theirs() -> None:
    pattern, text = PATTERNS["either way"]
    with promptly():
        found = decided(Check("regex", pattern), ["aa", "b", text, "xa", "c"])
    assert [found[i] for i in (0, 1, 3, 4)] == [True, False, True, False]
    assert isinstance(found[2], Missing)


@pytest.mark.parametrize("name", REPORTS)
def test_templates_of_reports(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.html.j2").write_text("secret")
    own = tmp_path / "own"
    own.mkdir()
    (own / "page.html.j2").write_text(f"one\n{REPORTS[name]}")
    with promptly(2 * MOST_S), pytest.raises(ReportError) as caught, Apart(own_files(own)) as apart:
        apart.draw("page.html.j2", {"view": {}, "answers": {}})
    assert one_clear_line(caught.value).startswith(str(own))


def test_the_helper_is_held_to_its_memory_and_has_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    helper().close()
    helper().run("tempkit.sandbox.patterns:searching", "a", ["a"])
    process = helper()._process
    assert process is not None
    proc = Path(f"/proc/{process.pid}")
    if not proc.exists():
        lacking("only Linux tells what a process is held to, in /proc")
    limits = (proc / "limits").read_text()
    assert re.search(rf"Max address space +{MEMORY} +{MEMORY}", limits)
    assert "sk-secret" not in (proc / "environ").read_text()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell what it computed")
def test_a_machine_that_has_too_much_else_to_do_is_no_fault_of_the_template() -> None:
    """The helper gets no processor for longer than it may compute."""
    own = Helper()
    assert own.run("tempkit.sandbox.patterns:searching", "a", ["a"])[0].value is True
    process = own._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    waking = threading.Timer(2.5 * SECONDS, os.kill, (process.pid, signal.SIGCONT))
    waking.start()
    try:
        assert own.run("tempkit.sandbox.patterns:searching", "b", ["b"]) == [Answer(value=True)]
        assert own._process is process
    finally:
        waking.join()
        own.close()
