"""How long the report of a long run takes to write and to open, how much memory, and how large it is.

A made-up run of 100 items at 5 temperatures with 20 replicates of 100 tokens, 20 alternatives each, is stored and measured
first; neither is part of the time. Then `tempkit report` writes its page in a process of its own, and Chromium opens it
without a window, three times. Whenever the page is at rest, the answers of its largest use case are filtered and searched there, and the
last question is opened, each timed until it is painted. The same is done for a run of the demo's size, and for two other pages of
the long run's answers: the same page with everything unpacked in it, and a bare HTML table of the texts, as a data frame writes
itself, which is asked for the like: to hide the rows that lack a word, and to show the last one. `--items 50 --replicates 40` is a
run of few questions with 200 answers each.
On two cores it takes about five minutes: python benchmarks/report.py
"""

import argparse
import json
import os
import re
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from _believable import store_run
from _processes import of_command, run
from playwright.sync_api import Browser, sync_playwright

from tempkit.measures import Resources, WordLlamaEmbedder
from tempkit.measures.service import measure_run
from tempkit.report.answers.tokens import unpack
from tempkit.store import Store

_CHROMIUM = "/usr/bin/chromium"
_OPENED = 3
_LIMITS = "under 25 s, 1500 MB, 20 MB, 0.5 s"
_QUICK = "a filter answered under 100 ms, a question opened under 200 ms"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=100)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder)
        chromium = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        long = report_on(place, "long", args.items, args.replicates, args.tokens, chromium)
        print(f"  wanted: {_LIMITS}")
        report_on(place, "demo", 4, 7, 64, chromium)
        print("  wanted: under 2 MB")
        whole = place / "unpacked.html"
        whole.write_text(unpacked(long.read_text("utf-8")), "utf-8")
        bare = place / "table.html"
        bare.write_text("".join(table(place / "long.db")), "utf-8")
        for name, peer in (("the same page, unpacked", whole), ("a bare table of the texts", bare)):
            print(f"{name}: {said(peer, long, chromium)}")
        for name, page, script in (("long", long, _USED), ("a bare table of the texts", bare, _USED_TABLE)):
            print(f"{name}: {used(page, script, chromium)}")
        print(f"  wanted: {_QUICK}")
        chromium.close()


def report_on(place: Path, name: str, items: int, replicates: int, tokens: int, chromium: Browser) -> Path:
    """Store and measure a run, write its report, open it; print the figures and return the page."""
    database, page = place / f"{name}.db", place / f"{name}.html"
    with Store.open(database) as store:
        record = store_run(store, items, replicates, tokens, name=name)
        measure_run(store, record, Resources(embedder=WordLlamaEmbedder()))
    seconds, worked, peak = written(database, name, page)
    shown = f"{items * 5 * replicates} completions x {tokens} tokens"
    print(
        f"{name}: {shown}: written in {seconds:.1f} s ({worked:.1f} s of CPU), peak {peak:.0f} MB; {said(page, page, chromium)}"
    )
    return page


def written(database: Path, name: str, page: Path) -> tuple[float, float, float]:
    """Write a report by the command line; return the seconds, those of CPU, and the peak of memory in MB."""
    return of_command(["report", name, "--db", str(database), "-o", str(page)])


def said(page: Path, ours: Path, chromium: Browser) -> str:
    size = page.stat().st_size
    times = [opened(page, chromium) for _ in range(_OPENED)]
    first, loaded = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = "" if page == ours else f" ({size / ours.stat().st_size:.2f} times ours)"
    return f"{size / 1e6:.2f} MB{ratio}, first content after {first:.2f} s, loaded after {loaded:.2f} s"


def opened(page: Path, chromium: Browser) -> tuple[float, float]:
    """Open a page in a window of its own; return when it first showed something and when it was loaded, in seconds."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    try:
        window = context.new_page()
        window.goto(page.as_uri(), wait_until="load", timeout=120_000)
        found: Mapping[str, Any] = window.evaluate(
            """async () => {
                const paint = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
                while (paint() === undefined) await new Promise((turn) => setTimeout(turn, 20));
                return { first: paint(), loaded: performance.getEntriesByType('navigation')[0].loadEventEnd };
            }"""
        )
        return found["first"] / 1e3, found["loaded"] / 1e3
    finally:
        context.close()


_TIMED = """
    const until = async (met) => { do await new Promise(requestAnimationFrame); while (!met()); };
    const timed = async (begin, met) => {
        for (let i = 0; i < 3; i++) await new Promise((rested) => requestIdleCallback(rested));
        const began = performance.now();
        begin();
        await until(met);
        await new Promise((painted) => setTimeout(painted));  // the frame that this was seen in
        return performance.now() - began;
    };
"""
_USED = (
    "async () => {"
    + _TIMED
    + """
    const sections = [...document.querySelectorAll('.side-by-side')];
    const root = sections.reduce((a, b) => (Number(b.dataset.count) > Number(a.dataset.count) ? b : a));
    root.scrollIntoView();
    await until(() => root.querySelector('.texts-pages'));
    const status = root.querySelector('.answers-status');
    const said = () => /\\d/.test(status.textContent) && !status.textContent.startsWith('Searching');
    const change = (selector, value, event) => () => {
        const field = root.querySelector(selector);
        status.textContent = '';
        field.value = value;
        field.dispatchEvent(new Event(event, { bubbles: true }));
    };
    const filtered = await timed(change('.answers-only', 'cut', 'change'), said);
    await timed(change('.answers-only', '', 'change'), said);
    const link = [...root.querySelectorAll('tbody th a')].at(-1);
    const opened = await timed(() => link.click(), () => root.querySelector('.item')?.id === link.hash.slice(1));
    const first = await timed(change('.answers-query', 'e', 'input'), said);
    const second = await timed(change('.answers-query', 'a', 'input'), said);
    return { 'filter answered': filtered, 'question opened': opened, 'first search answered': first, 'second search answered': second };
}"""
)
_USED_TABLE = (
    "async () => {"
    + _TIMED
    + """
    const rows = [...document.querySelectorAll('tr')];
    const filtered = await timed(() => {
        for (const row of rows) row.hidden = !row.textContent.includes('e');
    }, () => true);
    for (const row of rows) row.hidden = false;
    const opened = await timed(() => rows.at(-1).scrollIntoView(), () => true);
    return { 'filter answered': filtered, 'question opened': opened };
}"""
)


def used(page: Path, script: str, chromium: Browser) -> str:
    """Open a page three times and use it; return how long each thing took, the median and the longest."""
    found: list[Mapping[str, float]] = []
    for _ in range(_OPENED):
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        window = context.new_page()
        window.goto(page.as_uri(), wait_until="load", timeout=120_000)
        found.append(window.evaluate(script))
        context.close()
    return ", ".join(
        f"{name} in {statistics.median(each[name] for each in found):.0f} ms (at most {max(each[name] for each in found):.0f})"
        for name in found[0]
    )


def unpacked(page: str) -> str:
    """Return our page with every packed block written out: items as markup in the page, tokens as JSON."""

    def plain(match: re.Match[str]) -> str:
        content = unpack(match[2])
        if isinstance(content, list):
            return "".join(content)
        return (
            f'<script type="application/json">{json.dumps(content).replace("<", chr(92) + "u003c")}</script>'
        )

    return re.sub(r'<script type="application/octet-stream"([^>]*)>([^<]*)</script>', plain, page)


def table(database: Path) -> Iterator[str]:
    yield "<!doctype html><meta charset=utf-8><table border=1><thead><tr><th>item<th>T<th>replicate<th>text<tbody>"
    with Store.open(database) as store:
        for completion in store.completions(store.find_run("long").id):
            key = completion.key
            cells: Sequence[object] = (key.item, key.temperature, key.replicate, completion.text)
            yield "<tr>" + "".join(f"<td>{escape(str(cell))}" for cell in cells)
    yield "</table>"


if __name__ == "__main__":
    run(main)
