"""The catalogues against the sources: nothing is missing, in doubt or at odds with its message, and nothing escapes them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message

import tempkit
from tempkit.i18n.languages import language_codes
from tempkit.i18n.locale.extraction import KEYWORDS, read, template, untranslated

PACKAGE = Path(tempkit.__file__).parent
OTHERS = language_codes()[1:]
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdg]|%%|<[^>]+>")
CODE = re.compile(r"--[\w-]+|\barXiv [\d.]+|\btempkit [a-z]+ RUN\b|`[^`]+`|https?://\S+|\b\w+_\w+\b")


def forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (tuple, list)) else [message.string]


def ids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, (tuple, list)) else [message.id]


def messages(code: str) -> Iterator[Message]:
    return (message for message in read(code) if message.id)


def test_there_are_english_and_spanish() -> None:
    assert language_codes() == ["en", "es"]


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_of_the_sources_is_translated_and_no_other(code: str) -> None:
    """Where this fails: `make messages`, translate what it names (docs/translating.md)."""
    found = read(code)
    wanted = {(message.context, ids(message)[0]) for message in template() if message.id}
    assert {(message.context, ids(message)[0]) for message in messages(code)} == wanted
    assert untranslated(found) == []
    assert len(wanted) > 500


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_holds_what_its_message_holds(code: str) -> None:
    """The same places to fill in, the same names of options and measures, and no markup of its own."""
    plurals = read(code).num_plurals
    for message in messages(code):
        first = ids(message)[0]
        assert len(forms(message)) == (plurals if len(ids(message)) > 1 else 1), first
        for form in forms(message):
            wanted = [PLACEHOLDER.findall(each) for each in ids(message)]  # "one" need not say its number
            assert sorted(PLACEHOLDER.findall(form)) in [sorted(each) for each in wanted], form
            # Those without a name are filled in order, so none may change places.
            assert re.findall(r"%[sdg]", form) == re.findall(r"%[sdg]", first), form
            assert set(CODE.findall(first)) <= set(CODE.findall(form)), form
            assert form == form.strip() or form == "; ", form
            assert (form[-1] == ".") == (first[-1] == "."), form
            assert first[0].isupper() == form[0].isupper() or not (
                first[0].isalpha() and form[0].isalpha()
            ), form


@pytest.mark.parametrize("code", OTHERS)
def test_decimals_are_written_as_the_language_does(code: str) -> None:
    for message in messages(code):
        for form in forms(message):
            text = re.sub(r"arXiv [\d.]+|doi \S+", "", form)
            assert not re.search(r"(?<![\w.])\d*\.\d", text), form


def test_messages_are_written_out_where_they_are_used() -> None:
    """A message that is put together, or that comes in a variable, is found by no extraction."""
    for path in PACKAGE.rglob("*.py"):
        if (
            path.name in ("language.py", "messages.py", "reasons.py", "profile.py")
            or path.parent.name == "locale"
        ):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            if node.func.id in KEYWORDS:
                taken = {"ngettext": 2, "pgettext": 2}.get(node.func.id, 1)
                for argument in node.args[:taken]:
                    assert isinstance(argument, ast.Constant), f"{where}: not a plain string"
            if node.func.id == "Missing":
                plain = isinstance(node.args[0], (ast.Constant, ast.JoinedStr))
                assert not plain, f"{where}: not a Reason, so no catalogue has it"


def test_templates_translate_plain_strings_only() -> None:
    for path in (PACKAGE / "report" / "templates").glob("*.j2"):
        for call in re.findall(r"""\b(?:_|ngettext|pgettext)\(\s*([^"'\s])""", path.read_text("utf-8")):
            pytest.fail(f"{path.name}: {call}")
