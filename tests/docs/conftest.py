"""The folder that pages' commands are executed in."""

import shutil
from pathlib import Path

import pytest
from page_folder import furnish
from support import Cli


@pytest.fixture
def folder(
    cli: Cli, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder with all that the pages' commands work on, a test's own; nobody asks the bundled model how coherent answers are."""
    monkeypatch.setattr("tempkit.api.reference_choice._is_installed", lambda: False)
    made = tmp_path_factory.getbasetemp() / "pages"
    if not made.exists():
        furnish(cli, tmp_path)
        shutil.copytree(tmp_path, made)
    else:
        shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path
