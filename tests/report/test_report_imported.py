"""Files from elsewhere, imported and reported: what is true of them is said, and nothing of a hostile one is run."""

import csv
import random
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


def scores_of(path: Path, *, text: bool = False) -> int:
    """Write scores of two models, 12 questions, 3 temperatures and 4 answers each, hot answers worse; return how many."""
    rng = random.Random(3)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "model", "temperature", "replicate", *(["text"] if text else []), "accuracy"])
        made = [
            [f"q{i}", model, t, r, *([f"answer {r}"] if text else []), int(rng.random() < 0.95 - 0.6 * t)]
            for model in ("one", "two")
            for i in range(12)
            for t in (0, 0.7, 1.4)
            for r in range(4)
        ]
        rows.writerows(made)
    return len(made)


def test_imported_scores_have_cards_and_nothing_is_said_to_be_missing(
    cli: Cli, visit: Open, tmp_path: Path
) -> None:
    count = scores_of(tmp_path / "scores.csv")
    assert cli("import", "scores.csv").code == 0
    asked = ("--measure", "accuracy", "--margin", "0.1")
    done = cli("report", "latest", *asked, "-o", "r.html")
    assert (done.code, done.err) == (0, "")
    page = visit(tmp_path / "r.html").page
    expect(page.locator(".card .verdict")).to_have_count(2)
    expect(page.locator(".card .standing")).to_have_count(2)
    for card in page.locator(".card").all():
        expect(card.locator(".standing tr.chosen th")).to_have_text("0")
    headline = f"12 questions × 2 models × 3 temperatures × 4 scores. {count} scores were imported from scores.csv; there are no answers to show."
    expect(page.locator("#method")).to_contain_text(headline)
    told = " ".join(page.locator("body").inner_text().split())
    for wrong in (
        "not there yet",
        "came back",
        "Unfinished",
        "Not run",
        "No answer came back",
        "Answers planned",
        "The answers, question by question",
    ):
        assert wrong not in told
    expect(page.locator(".model-section .extent").first).to_have_text(
        "12 questions × 4 scores at each temperature"
    )


def test_imported_scores_that_nobody_named_have_cards_too(cli: Cli, visit: Open, tmp_path: Path) -> None:
    scores_of(tmp_path / "scores.csv")
    assert cli("import", "scores.csv").code == 0
    done = cli("report", "latest", "-o", "r.html")
    assert done.code == 0
    assert "tempkit report scores --measure accuracy --margin" in done.err, "how to decide by them is said"
    page = visit(tmp_path / "r.html").page
    expect(page.locator(".card .verdict")).to_have_count(2)


def test_imported_answers_are_shown(cli: Cli, visit: Open, tmp_path: Path) -> None:
    count = scores_of(tmp_path / "scores.csv", text=True)
    assert cli("import", "scores.csv").code == 0
    assert cli("report", "latest", "-o", "r.html").code == 0
    page = visit(tmp_path / "r.html").page
    expect(page.locator("#method")).to_contain_text(
        f"{count} answers and {count} scores were imported from scores.csv."
    )
    assert page.locator(".side-by-side").count() == 2
    assert page.locator(".banner").count() == 0
