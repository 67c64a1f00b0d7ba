"""docs/report-design.md: its tokens are those that there are, and its example is a page."""

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import expect
from report_sample import Run
from report_visit import Visit

from tempkit.report import render, write
from tempkit.report.theme import STYLES

Open = Callable[..., Visit]

PAGE = Path(__file__).parents[2] / "docs" / "report-design.md"
CSS = files("tempkit.report") / "assets" / "css"


def css(name: str) -> str:
    return re.sub(r"/\*.*?\*/", "", (CSS / f"{name}.css").read_text("utf-8"), flags=re.DOTALL)


def roots() -> set[str]:
    """The custom properties that every style may use."""
    return set(
        re.findall(r"(--[\w-]+):", "".join(re.findall(r":root \{(.*?)\n\s*\}", css("base"), re.DOTALL)))
    )


def named() -> set[str]:
    """Those that the page names, ranges filled in: `--level-0` … `--level-5`, and `--good` with `-ground`."""
    table = PAGE.read_text("utf-8").split("## Tokens")[1].split("## Components")[0]
    found = set(re.findall(r"`(--[\w-]+)`", table))
    for first, last in re.findall(r"`(--[\w-]+\d)` … `(--[\w-]+\d)`", table):
        found |= {f"{first[:-1]}{i}" for i in range(int(first[-1]), int(last[-1]) + 1)}
    for line in table.splitlines():
        if "each with `-ground`" in line:
            found |= {f"{name}-ground" for name in re.findall(r"`(--[\w-]+)`", line)}
    return found


def test_the_page_names_every_token_and_no_other() -> None:
    assert named() == roots()


def test_styles_use_tokens_that_there_are_and_no_colours_of_their_own() -> None:
    for name in STYLES:
        text = css(name)
        if name != "base":
            assert not re.search(r"#[0-9a-f]{3,8}\b(?=\s*[;,)])", text), f"{name}.css has a colour of its own"
        assert ":root {" not in text or name == "base", f"{name}.css has tokens of its own"


def examples() -> dict[str, str]:
    """Return the example's files by name."""
    part = PAGE.read_text("utf-8").split("## An example")[1]
    found = re.findall(r"`([\w.]+\.(?:j2|css))`[^`]*```\w+\n(.*?)```", part, re.DOTALL)
    return dict(found)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_example_is_a_page(visit: Open, hand: Run, tmp_path: Path, dark: bool) -> None:
    own = tmp_path / "own"
    own.mkdir()
    assert sorted(examples()) == ["extra.css", "method.html.j2"]
    for name, text in examples().items():
        (own / name).write_text(text)
    path = tmp_path / "page.html"
    write(path, render([hand.study], own))
    seen = visit(path, dark=dark)
    expect(seen.page.locator("#team .prose")).to_have_text(
        "Try it on staging for a day first. This page is of hand."
    )
    expect(seen.page.locator("#method-design")).to_be_visible()
    link = seen.page.locator(".contents a").first
    expect(link).to_have_css("color", "rgb(201, 162, 240)" if dark else "rgb(107, 47, 160)")
    expect(seen.page.locator(".team")).to_have_css("border-left-width", "4px")
    seen.assert_quiet()
