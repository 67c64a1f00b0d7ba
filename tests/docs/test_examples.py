"""The three examples under examples/ are executed as whoever opens them would."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from support import PATIENCE_S, ROOT

EXAMPLES = ROOT / "examples"


def _run(
    folder: Path, *command: str, env: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_every_example_is_on_the_page() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    files = {each.name for each in EXAMPLES.iterdir() if each.is_file()} - {"README.md"}
    assert len(files) == 3
    assert all(f"]({name})" in page for name in files)


@pytest.mark.engine
def test_the_script_decides_by_its_own_measure(tmp_path: Path) -> None:
    done = _run(tmp_path, sys.executable, str(EXAMPLES / "own_measure.py"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("brief, gguf:smollm2: Use ")
    assert "36 answers" in done.stdout
    assert "Replies of at most ten words" in (tmp_path / "report.html").read_text("utf-8")


def test_the_notebook_runs_in_a_kernel_whose_event_loop_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "store it without outputs"
    loop = "import asyncio\nprint('running', asyncio.get_running_loop().is_running())"
    notebook.cells.append(nbformat.v4.new_code_cell(loop))
    NotebookClient(
        notebook, timeout=PATIENCE_S, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    assert outputs[-1][0].text == "running True\n"
    shown = [each.data for cell in outputs for each in cell if "data" in each]
    cards = [data["text/html"] for data in shown if "tempkit-card" in data.get("text/html", "")]
    assert len(cards) == 2, "of the decision, and of the run that was awaited"
    assert "Technical documentation" in cards[0]
    assert "Use " in cards[0]
    assert any("score.fact_recall" in data["text/plain"] for data in shown)
    assert any("colours" in data["text/plain"] for data in shown)
    assert (tmp_path / "report.html").stat().st_size > 100_000


def test_the_gate_fails_where_the_grade_is_too_low(tmp_path: Path, cli_env: dict[str, str]) -> None:
    questions = [f"Say word {n}.,the|of|answer" for n in range(5)]
    (tmp_path / "questions.csv").write_text("\n".join(["question,expected", *questions]))
    called = tmp_path / "bin/tempkit"
    called.parent.mkdir()
    called.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tempkit "$@"\n')
    called.chmod(0o755)
    env = {**cli_env, "PATH": os.pathsep.join([str(called.parent), cli_env["PATH"]])}
    gate = str(EXAMPLES / "gate.sh")
    done = _run(tmp_path, "bash", gate, "questions.csv", "scripted:words", "shown", env=env)
    assert done.returncode == 4, done.stderr
    assert "best guess" in done.stdout
    (decided,) = json.loads((tmp_path / "gate.json").read_text("utf-8"))["decisions"]
    assert decided["model"] == "scripted:words"
    assert (tmp_path / "gate.csv").read_text("utf-8").count("scripted:words") >= 30
    assert "limit-8" in (tmp_path / "gate.html").read_text("utf-8")
