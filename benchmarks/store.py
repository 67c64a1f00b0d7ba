"""How fast a store is written and read, how large it is, and what a summary and a report of a long run take.

A run of 10,000 completions of the bundled model, 100 tokens each with 20 alternatives, is stored in SQLite and, where its server's programs are installed, in a
PostgreSQL of its own; then all of it is read back, with the alternatives and without, and summarised as `tempkit show` does. At the end
`tempkit measure`, `show`, `recommend` and `report` are run on the SQLite store, each in a process of its own whose peak memory is taken.
`--times 100` makes the store a hundred times as long once it is measured: a million completions in 22 GB.
On two cores the default takes about five minutes, and the long run half an hour more: python benchmarks/store.py
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from _filling import Filled, fill, pool_of
from _multiplying import multiply
from _processes import of_command, run

from tempkit.store import Store, look_over
from tempkit.types import Completion, Plan

_WANTED = {
    "written": "at least 100,000 tokens/s",
    "size": "at most 200 bytes per token",
    "show": "1 million tokens in under 3 s",
    "peak": "report under 2,000 MB at 1,000,000 completions",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--completions", type=int, default=10_000)
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="where to put the stores, which are deleted at the end")
    parser.add_argument("--no-postgres", action="store_true")
    parser.add_argument("--no-reading", action="store_true")
    parser.add_argument(
        "--times", type=int, default=1, help="make the measured SQLite store so many times as long"
    )
    parser.add_argument("--no-commands", action="store_true")
    args = parser.parse_args()
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        place = Path(folder)
        plan, pool = pool_of(str(place / "pool.db"), args.tokens)
        path = place / "long.db"
        first = of_store(str(path), "SQLite", plan, pool, args)
        if not args.no_postgres:
            with postgres() as url:
                of_store(url, "PostgreSQL", plan, pool, args, first)
        if args.no_commands:
            return
        said(["measure", "long"], path)
        if args.times > 1:
            multiply(path, args.times)
            print(f"{args.times} times as long: {path.stat().st_size / 1e9:.1f} GB", flush=True)
        for command in (
            ["show", "long"],
            ["recommend", "long"],
            ["report", "long", "-o", str(place / "page.html")],
        ):
            said(command, path)
        print(
            f"  wanted: {_WANTED['show']}, {_WANTED['peak']}; the page: {(place / 'page.html').stat().st_size / 1e6:.1f} MB"
        )


def said(command: list[str], path: Path) -> None:
    """Run a command of tempkit and print what it took."""
    seconds, worked, peak = of_command([*command, "--db", str(path)])
    print(f"tempkit {command[0]}: {seconds:.1f} s ({worked:.1f} s of CPU), peak {peak:.0f} MB", flush=True)


def of_store(
    target: str,
    name: str,
    plan: Plan,
    pool: list[Completion],
    args: argparse.Namespace,
    first: Filled | None = None,
) -> Filled:
    """Fill a store, read it back and print its figures; those of another one to compare it with may be given."""
    with Store.open(target) as store:
        filled = fill(store, plan, pool, args.completions, args.replicates, "long")
        tokens = filled.tokens
        print(f"{name}: {filled.completions:,} completions, {tokens:,} tokens")
        than = f", {first.seconds / filled.seconds:.2f} times SQLite's rate" if first else ""
        print(
            f"  written at {tokens / filled.seconds:,.0f} tokens/s ({tokens / filled.busy:,.0f} per second of this process's CPU{than})"
        )
        print(f"  wanted: {_WANTED['written']}")
        if not args.no_reading:
            for what, top in (("with alternatives", True), ("without", False)):
                began = time.perf_counter()
                count = sum(
                    len(each.tokens) for each in store.completions(filled.run.id, tokens=True, top=top)
                )
                assert count == tokens
                print(f"  read {what} at {tokens / (time.perf_counter() - began):,.0f} tokens/s", flush=True)
        began = time.perf_counter()
        cells = store.summary(filled.run.id)
        seconds = time.perf_counter() - began
        assert sum(cell.tokens for cell in cells) == tokens
        print(f"  summarised in {seconds:.2f} s: {seconds / tokens * 1e6:.2f} s per million tokens")
        print(f"  wanted: {_WANTED['show']}")
        if store.on_server:
            store.vacuum()
    facts = look_over(target)
    tables = {table.table: table.bytes or 0 for table in facts.tables}
    parts = ", ".join(
        f"{name} {tables[name] / tokens:.0f}" for name in ("token", "alternatives", "completion")
    )
    print(f"  {facts.bytes / tokens:.0f} bytes per token of answers ({parts})")
    print(f"  wanted: {_WANTED['size']}", flush=True)
    return filled


@contextmanager
def postgres() -> Iterator[str]:
    """Give the URL of a PostgreSQL as it comes, with a data folder of its own, that is gone afterwards."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise SystemExit("PostgreSQL's server is not installed: --no-postgres does without")
    binaries = found[-1].parent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        as_root = os.geteuid() == 0  # which PostgreSQL refuses to run as
        if as_root:
            shutil.chown(folder, "postgres", "postgres")
        who = {"user": "postgres", "group": "postgres", "extra_groups": []} if as_root else {}
        data = folder / "data"
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "tempkit", "-A", "trust", "-E", "UTF8", "--locale=C"],
            check=True, capture_output=True, cwd=folder, **who,
        )  # fmt: skip
        options = f"-k {folder} -c listen_addresses="
        control = [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        subprocess.run(
            [*control, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **who
        )
        try:
            yield f"postgresql+psycopg://tempkit@/postgres?host={folder}"
        finally:
            stop = [*control, "-m", "fast", "stop"]
            subprocess.run(stop, check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)


if __name__ == "__main__":
    run(main)
