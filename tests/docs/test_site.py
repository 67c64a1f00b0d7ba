"""The documentation site is built without a warning; every link and anchor in it leads somewhere, and nothing in it needs the network."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from page_commands import NAMES
from playwright.sync_api import sync_playwright
from support import PATIENCE_S, ROOT, lacking

import tempkit

CHROMIUM = "/usr/bin/chromium"
LOADED = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "srcset")}


class Links(HTMLParser):
    """What a page links to, what it loads, and the names of its places."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.loaded: set[str] = set()
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name in {"id", "name"}:
                self.names.add(value)
            if (tag, name) in LOADED and (tag != "link" or ("rel", "canonical") not in attrs):
                self.loaded.add(value)
            if name in {"href", "src"}:
                self.targets.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does it: a warning is an error."""
    out = tmp_path_factory.mktemp("site")
    options = ["-W", "--keep-going", "--quiet", "-c", "docs", "-d", str(out / "doctrees")]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, ".", str(out / "html")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return out / "html"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Links]:
    # Reports are tested by themselves.
    return {
        path: Links(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
        if "_downloads" not in path.parts
    }


def test_every_page_of_docs_is_on_the_site(site: Path) -> None:
    written = {path.relative_to(ROOT).with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert len(written) > 25
    assert {name for name in written if not (site / name).is_file()} == set()


def test_no_markup_is_left_as_text(pages: dict[Path, Links]) -> None:
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r">\.\. [\w-]+::|:(?:ref|func|class|py:\w+):`|```|\{eval-rst\}", text), path.name


def test_every_link_leads_to_a_page_and_a_place(site: Path, pages: dict[Path, Links]) -> None:
    dead, checked = [], 0
    for path, links in pages.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            checked += 1
            if not there.is_file() or not there.is_relative_to(site.resolve()):
                dead.append(f"{path.relative_to(site)}: {target}")
            elif parts.fragment and there in pages and unquote(parts.fragment) not in pages[there].names:
                dead.append(f"{path.relative_to(site)}: {target} (no such place)")
    assert dead == []
    assert checked > 2000


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Links]) -> None:
    loaded = {each for links in pages.values() for each in links.loaded}
    assert {each for each in loaded if urlsplit(each).netloc} == set()
    styles = "".join(path.read_text(encoding="utf-8") for path in (site / "_static").rglob("*.css"))
    assert "@import" not in styles
    assert "url(http" not in styles.replace('"', "").replace("'", "")


def test_the_reference_has_every_command_and_every_public_name(site: Path, pages: dict[Path, Links]) -> None:
    commands = pages[site / "docs/reference/commands.html"].names
    assert {name for name in NAMES if f"tempkit-{name}" not in commands} == set()
    names = pages[site / "docs/reference/python.html"].names
    wanted = {f"tempkit.{name}" for name in tempkit.__all__} - {"tempkit.api", "tempkit.__version__"}
    assert len(wanted) > 30
    assert wanted - names == set()


@pytest.fixture
def browsed(site: Path) -> Iterator[tuple[str, list[str]]]:
    """The text of a search's results on the site, opened as files, and what was asked for outside of it."""
    if not Path(CHROMIUM).exists():
        lacking(f"{CHROMIUM} is missing: apt-get install -y chromium")
    outside: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page()
        page.on("pageerror", lambda error: outside.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith("file:") else outside.append(asked.url))
        page.goto((site / "search.html").as_uri() + "?q=guard-rail")
        page.wait_for_selector("#search-results li a", timeout=1000 * PATIENCE_S)
        yield page.inner_text("#search-results"), outside
        chromium.close()


def test_the_search_works_without_a_server(browsed: tuple[str, list[str]]) -> None:
    found, outside = browsed
    assert "Choosing a temperature" in found
    assert outside == []
