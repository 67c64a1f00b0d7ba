"""A real Chromium for the report's tests, and the runs they look at."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hostile_strings import write_hostile
from playwright.sync_api import Browser, expect, sync_playwright
from report_hand import hand_run
from report_sample import Run, believable_run
from report_visit import Visit
from support import lacking

from tempkit.report import render, write

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PATIENCE_MS = 120_000
"""After this it hangs: a page draws its charts while it is used, and the machine may be slow and busy."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file of tests: while it is open Playwright's event loop runs in this thread, and commands need their own."""
    if not Path(CHROMIUM).exists():
        lacking(f"{CHROMIUM} is missing: apt-get install -y chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def open_page(
        path: Path,
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        scripts: bool = True,
        fragment: str = "",
        first: str = "",
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if first:
            context.add_init_script(first)
        page = context.new_page()
        seen = Visit(page, path)
        page.on("console", lambda message: seen.console.append(message.text))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("request", lambda request: seen.requests.append(request.url))

        def dismiss(dialog: object) -> None:
            seen.dialogs.append(dialog.message)  # type: ignore[attr-defined]
            dialog.dismiss()  # type: ignore[attr-defined]

        page.on("dialog", dismiss)
        page.goto(path.as_uri() + (f"#{fragment}" if fragment else ""))
        return seen

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def sample() -> Run:
    return believable_run()


@pytest.fixture(scope="session")
def hand() -> Run:
    return hand_run()


@pytest.fixture(scope="session")
def sample_page(sample: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "sample report.html"
    write(path, render([sample.study]))
    return path


@pytest.fixture(scope="session")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    write_hostile(path)
    return path
