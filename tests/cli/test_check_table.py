"""`tempkit models --check-table`: old rows, ends, and where the table and the price list differ."""

import json
from datetime import date
from pathlib import Path

import pytest
from support import Cli

from tempkit.backends import capabilities, check_table
from tempkit.backends import table_check as module

OWN = """
[[model]]
provider = "xai"
names = ["grok-new*", "grok-2-1212"]
temperature = "honoured"
source = "tried"
date = 2026-08-01

[[model]]
provider = "anthropic"
names = ["*"]
temperature = "unknown"
ends = 2026-11-30
source = "a notice"
date = 2026-11-01
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    for where in (capabilities, module):
        monkeypatch.setattr(where, "today", lambda: date(2026, 11, 30))
    monkeypatch.setenv("TEMPKIT_CAPABILITIES", str(path))
    return {"TEMPKIT_CAPABILITIES": str(path)}


def test_rows_are_old_after_ninety_days(own: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert [row.names[0] for row in check_table().old] == ["grok-new*"]
    monkeypatch.setattr(module, "today", lambda: date(2026, 10, 30))
    assert check_table().old == ()
    monkeypatch.setattr(module, "today", lambda: date(2026, 10, 31))
    assert [row.names[0] for row in check_table().old] == ["grok-new*"]


def test_what_only_one_of_both_knows_is_listed(own: dict[str, str]) -> None:
    found = check_table()
    # The user's row for `*` goes first, and takes from every model of Anthropic's what was known of it.
    assert "claude-haiku-4-5" in found.unknown["anthropic"]
    assert "grok-new*" in found.unpriced["xai"]
    assert "grok-2-1212" not in found.unpriced["xai"]
    assert found.without_prices == ("huggingface", "qwen")
    assert not any("embed" in name or "whisper" in name for names in found.unknown.values() for name in names)


def test_the_shipped_table_knows_the_models_that_many_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "none.toml"
    empty.write_text("")
    monkeypatch.setenv("TEMPKIT_CAPABILITIES", str(empty))
    found = check_table()
    assert not any(name.startswith(("gpt-4", "gpt-5", "o3")) for name in found.unknown["openai"])
    assert found.unknown["anthropic"] == ("claude-2", "claude-v1")
    assert not any(
        name.startswith(("gemini-2.5-flash", "gemini-3", "gemini-4")) for name in found.unknown["google"]
    )


def test_it_is_printed_and_is_json(cli: Cli, own: dict[str, str]) -> None:
    done = cli("models", "--check-table", env=own)
    assert (done.code, done.err) == (0, "")
    assert (
        "Rows read more than 90 days before 2026-11-30:\n  2026-08-01 xai: grok-new*, grok-2-1212 (121 days)\n"
        in done.out
    )
    assert "\n  2026-11-30 anthropic: * (ended)\n" in done.out
    assert "\n  2026-12-01 google: gemini-2.5-flash (ends; gemini-3.5-flash-lite answers then)\n" in done.out
    assert "\n  qwen: no prices at all\n" in done.out
    data = json.loads(cli("models", "--check-table", "--json", env=own).out)
    assert [row["names"] for row in data["old"]] == [["grok-new*", "grok-2-1212"]]
    keys = [(row["provider"], tuple(row["names"])) for row in data["ending"]]
    assert len(keys) == len(set(keys))
    assert data["ending"] == sorted(data["ending"], key=lambda row: str(row["ends"]))


@pytest.mark.parametrize("other", ["--local", "openai:gpt-5.4-mini", "--base-url=http://localhost:1/v1"])
def test_it_stands_alone(cli: Cli, other: str) -> None:
    done = cli("models", "--check-table", other)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: --check-table is about the whole table; leave out ")
    assert done.err.count("\n") == 1


def test_own_rows_that_cannot_be_read_are_one_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("model = 3")
    done = cli("models", "--check-table", env={"TEMPKIT_CAPABILITIES": str(tmp_path / "own.toml")})
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
