"""How fast remote models are swept, beside promptfoo and beside what latency alone allows.

A server on loopback answers every request after the same time, with as many tokens and logprobs as asked. tempkit stores
every token with its alternatives; promptfoo writes its results as JSON and keeps no logprobs. Times are of whole commands,
start-up included; ideal is requests / concurrency x latency. Memory is tempkit's alone, at a tenth of the requests and at all.

promptfoo is run with `npx promptfoo` or the command in PROMPTFOO; where there is none, it is left out.
Run it on a quiet machine: python benchmarks/remote.py
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from _processes import run, serving

SERVER = Path(__file__).parent.parent / "tests/servers/faulty.py"
TEMPERATURES = "0,0.3,0.7,1"


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    seconds: float
    cpu_s: float
    peak_bytes: int


def main() -> None:
    args = arguments()
    ideal = args.requests / args.concurrency * args.latency
    print(
        f"{args.requests} requests, {args.concurrency} at once, {args.latency * 1000:.0f} ms, "
        f"{args.tokens} tokens with {args.top} logprobs each; load {os.getloadavg()[0]:.2f}",
        flush=True,
    )
    promptfoo = command_of_promptfoo()
    found: dict[str, list[Cost]] = {"tempkit": [], "promptfoo": []}
    for number in range(args.rounds):
        names = ["tempkit", *(["promptfoo"] if promptfoo else [])]
        for name in names if number % 2 == 0 else reversed(names):
            with (
                tempfile.TemporaryDirectory() as folder,
                serving(SERVER, latency=args.latency, tokens=args.tokens, top=args.top) as (url, _server),
            ):
                if name == "tempkit":
                    cost = tempkit(Path(folder), url, args.requests, args.concurrency, args.top)
                else:
                    cost = eval_promptfoo(promptfoo, Path(folder), url, args)
            found[name].append(cost)
            print(f"round {number + 1} of {args.rounds}: {name} {cost.seconds:.2f} s", flush=True)
    for name, costs in found.items():
        if costs:
            show(name, costs, args.requests, ideal)
    if not promptfoo:
        print("promptfoo: not measured, there is no npx and no PROMPTFOO")
    elif found["promptfoo"]:
        ratios = [p.seconds / t.seconds for t, p in zip(found["tempkit"], found["promptfoo"], strict=True)]
        print(
            f"promptfoo / tempkit: {statistics.median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})"
        )
    if args.many:
        memory(args)


def memory(args: argparse.Namespace) -> None:
    """Print tempkit's peak memory at a tenth of many requests and at all of them."""
    first = None
    for requests in (args.many // 10, args.many):
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(SERVER, latency=args.latency, tokens=args.tokens, top=args.top) as (url, _server),
        ):
            cost = tempkit(Path(folder), url, requests, args.wide, args.top)
        first = first or cost.peak_bytes
        print(
            f"{requests} requests, {args.wide} at once: {cost.seconds:.1f} s, peak {cost.peak_bytes / 1e6:.0f} MB; "
            f"{cost.peak_bytes / first:.3f}",
            flush=True,
        )


def show(name: str, costs: list[Cost], requests: int, ideal: float) -> None:
    seconds = statistics.median(c.seconds for c in costs)
    cpu = statistics.median(c.cpu_s for c in costs)
    peak = max(c.peak_bytes for c in costs)
    print(
        f"{name}: {seconds:.2f} s, {requests / seconds:.0f} requests/s, {seconds / ideal:.2f} of the ideal {ideal:.2f} s; "
        f"{cpu / requests * 1000:.2f} ms of CPU per request, {peak / 1e6:.0f} MB"
    )


def measured(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> Cost:
    """Run a command to its end."""
    began = time.perf_counter()
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=said, env={**os.environ, **(environment or {})}
        )
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(
            f"{command[0]} ended with {process.returncode}:\n{(folder / 'said').read_text()[-2000:]}"
        )
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)  # kilobytes on Linux
    return Cost(seconds, used.ru_utime + used.ru_stime, peak)


def tempkit(folder: Path, url: str, requests: int, concurrency: int, top: int) -> Cost:
    repeat = requests // len(TEMPERATURES.split(","))
    model = f"openai:m,base_url={url}"
    grid = ["-t", TEMPERATURES, "-n", str(repeat), "--logprobs", str(top), "-j", str(concurrency)]
    return measured([sys.executable, "-m", "tempkit", "run", "Say it.", "-m", model, *grid], folder)


def command_of_promptfoo() -> list[str]:
    """Return how promptfoo is called here; nothing when it is not."""
    if os.environ.get("PROMPTFOO"):
        return [os.environ["PROMPTFOO"]]
    return ["npx", "--yes", "promptfoo"] if shutil.which("npx") else []


def eval_promptfoo(command: list[str], folder: Path, url: str, args: argparse.Namespace) -> Cost:
    temperatures = [float(t) for t in TEMPERATURES.split(",")]
    config = {
        "prompts": ["Say it."],
        "providers": [
            {
                "id": "openai:chat:m",
                "label": f"T={t}",
                "config": {
                    "apiBaseUrl": url,
                    "apiKey": "none",
                    "temperature": t,
                    "logprobs": True,
                    "top_logprobs": args.top,
                },
            }
            for t in temperatures
        ],
        "tests": [{"vars": {"which": "only"}}],
    }
    (folder / "promptfooconfig.json").write_text(json.dumps(config))
    repeat = args.requests // len(temperatures)
    options = [
        "--repeat",
        str(repeat),
        "-j",
        str(args.concurrency),
        "--no-cache",
        "--no-progress-bar",
        "-o",
        "out.json",
    ]
    quiet = {
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
        "PROMPTFOO_CONFIG_DIR": str(folder / "home"),
    }
    return measured([*command, "eval", "-c", "promptfooconfig.json", *options], folder, quiet)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=800)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds")
    parser.add_argument("--tokens", type=int, default=40)
    parser.add_argument("--top", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=10_000, help="requests for the look at memory; 0: none")
    parser.add_argument("--wide", type=int, default=256, help="how many of these at once")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
