"""The shipped table is well-formed and of today, and nobody is advised to take a model that is about to end or has no temperature."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from support import ROOT

from tempkit.backends import own_key
from tempkit.backends.capabilities import KnownModel, find_row, read_rows, today
from tempkit.backends.openai.presets import _presets
from tempkit.planning import parse_model

SHIPPED = read_rows(ROOT / "tempkit/backends/capabilities.toml")
NAMED = re.compile(r"such as (\S+?)(?=[,;]|$)|find out what (\S+) does")
"""How advice names a model: as one that honours the temperature, or as one of which it is not known."""
READ = [
    *(path for path in (ROOT / "docs").glob("*.md") if path.name != "capability-table.md"),
    ROOT / "README.md",
    *(ROOT / "prompts").rglob("*.*"),
    *(path for path in (ROOT / "tempkit").rglob("*") if path.suffix in (".py", ".j2", ".yaml", ".md")),
]
HOSTED = sorted({row.provider for row in SHIPPED if own_key(row.provider)} | {"anthropic", "google"})
MODEL = re.compile(rf"\b({'|'.join(HOSTED)}):([A-Za-z][\w./:-]*\d[\w./:-]*[\w])((?:,\w+=[\w./:-]+)*)")


@pytest.mark.parametrize("row", SHIPPED, ids=lambda row: f"{row.provider}:{row.names[0]}")
def test_a_row_says_where_it_is_from_and_when_that_was_read(row: KnownModel) -> None:
    assert len(row.source) > 8
    assert row.date <= today() + timedelta(days=1)
    assert row.names
    assert all(name == name.strip() and name for name in row.names)
    assert row.recommended_by if row.recommended else not row.recommended_by
    if row.temperature == "rejected":
        assert row.says
        assert row.instead
    if row.temperature == "ignored":
        assert row.instead
    if row.unsent or row.accepts:
        assert row.temperature in ("rejected", "needs_effort_none")
        assert row.accepts
    if row.successor:
        found = find_row(row.provider, row.successor, {})
        assert found is not None
        assert found.ends is None


@pytest.mark.parametrize(
    "row", [row for row in SHIPPED if row.instead], ids=lambda row: f"{row.provider}:{row.names[0]}"
)
def test_advice_names_no_model_that_ends_or_that_does_no_better(row: KnownModel) -> None:
    for honours, unknown in NAMED.findall(row.instead):
        if not (honours or unknown)[0].isalpha():
            continue  # a temperature
        found = find_row(row.provider, honours or unknown, row.options)
        assert found is not None
        assert found.ends is None, f"{honours or unknown} ends on {found.ends}"
        assert found.temperature in (("honoured", "needs_effort_none") if honours else ("unknown",))
        if found.temperature == "needs_effort_none":
            assert found.effort == "none"


def test_advice_that_names_a_model_is_found() -> None:
    assert NAMED.findall("choose a model that honours it, such as gpt-5.4-mini, or another") == [
        ("gpt-5.4-mini", "")
    ]
    named = {name for row in SHIPPED for name, _ in NAMED.findall(row.instead)}
    assert {"gpt-5.4-mini", "claude-haiku-4-5"} <= named


@pytest.mark.parametrize("path", READ, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_command_or_message_takes_a_model_that_ends_or_has_no_temperature(path: Path) -> None:
    if not path.is_file() or path.suffix in (".gz", ".png", ".parquet"):
        return
    for provider, name, options in MODEL.findall(path.read_text(encoding="utf-8", errors="replace")):
        spec = parse_model(f"{provider}:{name}{options}")
        row = find_row(provider, spec.name, spec.options)
        assert row is not None
        assert row.ends is None, f"{spec.id} ends on {row.ends}"
        assert row.temperature not in ("rejected", "ignored"), f"{spec.id} is {row.temperature}"


def test_pages_name_models() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert ("openai", "gpt-5.4-mini", "") in MODEL.findall(text)


def test_every_preset_has_a_row_and_every_row_a_backend() -> None:
    assert {row.provider for row in SHIPPED} == {*_presets(), "anthropic", "google", "ollama", "gguf"}
    for provider in _presets():
        assert find_row(provider, "a-name-that-nobody-gives", {}) is not None
