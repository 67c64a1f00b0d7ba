"""docs/tutorial.md, typed into a shell in an empty folder on the bundled model: each block of commands prints what the page shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from page_commands import BLOCK
from support import PATIENCE_S, ROOT

PAGE = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
ENDS = {"tempkit choose": {0, 4}}
"""Exit codes of blocks that may end otherwise than with 0: whether the grade is a guess or more is the model's."""


def words(text: str) -> set[str]:
    """Return the words of an output: no figures, which another build of llama.cpp rounds otherwise."""
    return set(re.findall(r"[a-zA-Z]{2,}", text.lower()))


@pytest.fixture
def typed(tmp_path: Path, cli_env: dict[str, str]) -> dict[str, str]:
    """The environment of a shell in which `tempkit` is this one."""
    called = tmp_path / "bin/tempkit"
    called.parent.mkdir()
    called.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tempkit "$@"\n')
    called.chmod(0o755)
    path = os.pathsep.join([str(called.parent), cli_env["PATH"]])
    return {**cli_env, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


@pytest.mark.engine
@pytest.mark.slow
def test_the_tutorial_works_from_an_empty_folder(tmp_path: Path, typed: dict[str, str]) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    printed, compared = "", 0
    for kind, body in BLOCK.findall(PAGE):
        if kind == "sh":
            done = subprocess.run(
                ["bash", "-e", "-c", body],
                cwd=folder,
                env=typed,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
            assert done.returncode in ENDS.get(" ".join(body.split()[:2]), {0}), done.stderr
            printed = done.stdout + done.stderr
        else:
            shown = words(body)
            assert len(shown & words(printed)) >= 0.8 * len(shown), printed
            compared += 1
    assert compared == 5
    assert "\n      temperature: " in (folder / "capitals/technical-documentation.prompty").read_text("utf-8")
    assert (folder / "capitals/technical-documentation.decision.md").is_file()
    for report in ("reports/capitals.html", "capitals.html"):
        assert (folder / report).stat().st_size > 100_000
