"""How much faster a model is swept at several addresses than at one.

Servers on loopback answer every request after the same time, each as many at once as it is asked. As many requests for each server are made at 1,
2 and 4 of them; ideal is that all take the same time. Times are of whole commands, start-up included. The last line but one has one of
two servers killed in the middle, the last says how evenly each temperature was spread over the addresses.

Run it on a quiet machine: python benchmarks/fleet.py
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from _processes import serving

SERVER = Path(__file__).parent.parent / "tests/servers/faulty.py"
TEMPERATURES = "0,0.3,0.7,1"


def main() -> None:
    args = arguments()
    print(
        f"{args.requests} requests for each server, {args.concurrency} at once at each, {args.latency * 1000:.0f} ms, {args.tokens} tokens "
        f"with {args.top} logprobs each; load {os.getloadavg()[0]:.2f}",
        flush=True,
    )
    taken: dict[int, list[float]] = {n: [] for n in args.servers}
    for _ in range(args.rounds):
        for n in args.servers:
            taken[n].append(swept(args, n)[0])
    one = statistics.median(taken[args.servers[0]])
    for n in args.servers:
        seconds = statistics.median(taken[n])
        ratio = n / args.servers[0] * one / seconds
        print(
            f"{n} servers: {seconds:.2f} s, {args.requests * n / seconds:.0f} requests/s, {ratio:.2f} times one's "
            f"({ratio / n * args.servers[0]:.0%} of linear)"
        )
    seconds, spread = swept(args, 2, kill_after_s=args.requests / args.concurrency * args.latency / 2)
    print(
        f"2 servers, one killed in the middle: {seconds:.2f} s, every sample there; answers by address {spread}"
    )
    _, spread = swept(args, 2)
    print(f"2 servers, answers by temperature and address: {spread}")


def swept(
    args: argparse.Namespace, servers: int, kill_after_s: float | None = None
) -> tuple[float, Sequence[tuple[object, ...]]]:
    """Sweep at so many servers; return the seconds, and how many answers each address gave.

    Args:
        args: The command line.
        servers: How many.
        kill_after_s: So long after it was first asked, the last server is killed; None: it is not.
    """
    total = args.requests * servers
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        running = [
            stack.enter_context(serving(SERVER, latency=args.latency, tokens=args.tokens, top=args.top))
            for _ in range(servers)
        ]
        model = f"openai:m,base_url={','.join(url for url, _ in running)}"
        grid = ["-t", TEMPERATURES, "-n", str(total // len(TEMPERATURES.split(",")))]
        command = [
            sys.executable, "-m", "tempkit", "run", "Say it.", "-m", model, *grid, "--logprobs", str(args.top),
            "-j", str(args.concurrency), "--no-probe", "--quiet",
        ]  # fmt: skip
        if kill_after_s is not None:
            timer = threading.Timer(kill_after_s + args.start_s, running[-1][1].kill)
            stack.callback(timer.cancel)
            timer.start()
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
        if done.returncode:
            raise SystemExit(f"tempkit ended with {done.returncode}:\n{done.stderr[-2000:]}")
        by = "address" if kill_after_s is not None else "temperature_requested, address"
        with closing(sqlite3.connect(Path(folder) / "tempkit.db")) as connection:
            found = connection.execute(f"select {by}, count(*) from completion group by {by}").fetchall()
    assert sum(row[-1] for row in found) == total // 4 * 4
    return seconds, found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--requests", type=int, default=600, help="for each server")
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds")
    parser.add_argument("--tokens", type=int, default=30)
    parser.add_argument("--top", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--start-s", type=float, default=1.5, help="until tempkit asks its first question")
    return parser.parse_args()


if __name__ == "__main__":
    main()
