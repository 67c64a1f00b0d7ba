"""The public names: one list, all of them typed, and each used by `public_api.py`."""

import ast
import asyncio
from pathlib import Path

import pytest

import tempkit
from tempkit import plugins

SAMPLE = Path(__file__).with_name("public_api.py")


def test_the_sample_uses_every_public_name() -> None:
    tree = ast.parse(SAMPLE.read_text(encoding="utf-8"))
    reached = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "tempkit"
    }
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "tempkit"
        for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert reached | (imported & used) == set(tempkit.__all__)


@pytest.mark.slow
def test_the_sample_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import public_api

    monkeypatch.setattr(plugins, "_ADDED", {})
    public_api.main(tmp_path)
    public_api.extended()
    assert asyncio.run(public_api.swept(tmp_path)).run.record().completions


def test_every_public_name_is_there_and_no_other() -> None:
    for name in tempkit.__all__:
        assert getattr(tempkit, name) is not None
    assert (Path(tempkit.__file__).parent / "py.typed").exists()
