"""The map in CONTRIBUTING.md is of the packages as they are, and these stay as small as it says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tempkit"
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAP = TEXT[TEXT.index("## The map") : TEXT.index("## Where is")]
RENAMED = re.findall(
    r"^\| .* \| `([\w.]+)` \|$",
    (ROOT / "docs/renamed-modules.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def _exists(name: str) -> bool:
    path = PACKAGE.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def test_every_package_is_on_the_map() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert packages == {
        name
        for row in re.findall(r"^\| (`\w+/`.*?) \|", MAP, re.MULTILINE)
        for name in re.findall(r"`(\w+)/`", row)
    }


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tempkit/[\w./]+)`", TEXT))))
def test_what_the_map_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_renamed_modules_are_where_they_are_said_to_be() -> None:
    assert len(RENAMED) > 100
    assert [new for new in RENAMED if not _exists(new)] == []


def test_packages_stay_small_enough_to_be_found_in() -> None:
    assert len(list(PACKAGE.glob("*.py"))) < 8
    assert len(list((PACKAGE / "report").glob("*.py"))) < 10
    long = {
        str(p.relative_to(ROOT)): n
        for p in PACKAGE.rglob("*.py")
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
