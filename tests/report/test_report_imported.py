"""A file from elsewhere, hostile in every column's name and every field: imported, reported, shown, and nothing of it run."""

import csv
from collections.abc import Callable
from pathlib import Path

from hostile_strings import HOSTILE
from playwright.sync_api import expect
from report_visit import Visit
from support import Cli

Open = Callable[..., Visit]


def writable(text: str) -> str:
    """Return a text as far as UTF-8 can hold it, since a file is UTF-8 or refused."""
    return text.encode("utf-8", "replace").decode("utf-8")


def test_a_hostile_file_is_imported_and_reported(cli: Cli, visit: Open, tmp_path: Path) -> None:
    texts = [writable(text) for text in HOSTILE]
    names = list(dict.fromkeys(" ".join(text.split())[:80] for text in texts if "\0" not in text))
    with (tmp_path / "hostile.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "model", "temperature", "replicate", "text", *names])
        for i, text in enumerate(text for text in texts if "\0" not in text):
            for temperature in (0, 1):
                scores = [(i + j) % 2 for j in range(len(names))]
                rows.writerow([text, texts[3], temperature, 0, text, *scores])
    imported = cli("import", "hostile.csv", "--name", texts[0])
    assert imported.code == 0, imported.err
    reported = cli("report", "latest", "-o", "r.html")
    assert reported.code == 0, reported.err
    seen = visit(tmp_path / "r.html")
    expect(seen.page.locator("h1")).to_have_text(texts[0])
    seen.page.evaluate("() => document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    seen.wait_for_charts()
    assert seen.page.evaluate("() => window.pwned === undefined && Object.prototype.pwned === undefined")
    shown = seen.page.locator("main").inner_text()
    for name in names:
        if name.isascii() and name.isprintable():
            assert name in " ".join(shown.split()), name
    seen.assert_quiet()
