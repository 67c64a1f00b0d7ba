"""The worked example of docs/capability-table.md does what the page says."""

import re
import shlex
from pathlib import Path

import pytest
from support import ROOT, Cli

from tempkit.backends.capabilities import read_rows
from tempkit.backends.remote.http_errors import status_error

PAGE = (ROOT / "docs/capability-table.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(ROW,) = (body for kind, body in BLOCKS if kind == "toml")
(SAID,) = (body for kind, body in BLOCKS if kind == "text")
(RUN,) = (line for kind, body in BLOCKS if kind == "sh" for line in body.splitlines() if "gpt-7" in line)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "own.toml"
    path.write_text(ROW, encoding="utf-8")
    return {"TEMPKIT_CAPABILITIES": str(path)}


def test_the_row_is_one(env: dict[str, str]) -> None:
    (row,) = read_rows(Path(env["TEMPKIT_CAPABILITIES"]))
    assert row.fits("openai", "gpt-7-sol-2999-01-01", {})
    assert not row.fits("openai", "gpt-7-sol-mini", {})
    error = status_error(400, {}, {"error": {"message": row.says}})
    assert (error.kind, error.scope) == ("rejected", "temperature")


def test_a_sweep_is_refused_in_the_words_of_the_page(cli: Cli, env: dict[str, str]) -> None:
    done = cli("run", "Name a colour.", "-m", "openai:gpt-7-sol", "-t", "0.7,1", env=env)
    assert (done.code, done.out, done.err) == (1, "", SAID)


def test_the_arms_of_the_page_are_a_plan_and_the_lines_before_it_are_said(
    cli: Cli, env: dict[str, str]
) -> None:
    done = cli(*shlex.split(RUN)[1:], "--dry-run", env=env)
    assert done.code == 0, done.err
    ends, fixed = done.err.splitlines()
    assert "ends on 2999-06-30" in ends
    assert "so 1 is sent, without frequency_penalty, presence_penalty, top_p" in fixed
    assert "reasoning_effort=high" in done.out


def test_the_tests_that_the_page_names_are_there() -> None:
    named = set(re.findall(r"tests/[\w/]+\.py", PAGE))
    assert len(named) == 3
    assert all((ROOT / name).is_file() for name in named)
