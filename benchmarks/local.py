"""How fast the local engine is, and what memory it takes, beside llama.cpp's server and llama-cpp-python.

All draw the same GGUF's answers on the demo's grid with the same threads, each contestant in a process of its own;
loading is timed for nobody. Every round runs them all, in alternating order.

- tempkit: `GgufBackend` as a run drives it, with 20 logprobs per token; each prompt is a run of its own.
- server: llama.cpp's own (xllamacpp), over HTTP with as many requests at once as it has slots and 20 logprobs per token,
  at the number of slots and the settings that a search on part of the grid finds best.
- highlevel, highlevel-logprobs: llama-cpp-python's `Llama.create_chat_completion`, one by one, on a small part of the
  grid: each prompt's first item, one replicate at each temperature.
- bare: `llama_decode` alone at tempkit's mean width and position, which no engine on this build can exceed. Divided by
  tempkit's passes per token it is the limit on tempkit's tokens/s.

Tokens are those of the answers, the end token not counted; "all" is all tokens over all seconds.
Run it on a quiet machine (on two cores it takes about twenty minutes): python benchmarks/local.py --json local.json
"""

import argparse
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from _client import SPIN, Setup, serve_and_draw
from _grid import Grid
from _processes import Child, run
from _summary import LABELS, show, summarise, tokens_per_second

from tempkit.backends.gguf.files import find_model_file
from tempkit.backends.gguf.settings import read_settings
from tempkit.planning.experiment import parse_model

SLOTS = (8, 16, 32, 48)
PEERS = tuple(name for name in LABELS if name != "tempkit")


def main() -> None:
    args = arguments()
    grid = Grid.of_demo(args.model, args.items, args.repeat, args.max_tokens)
    spec = parse_model(grid.model)
    path, threads = str(find_model_file(spec)), read_settings(spec).n_threads
    legs = grid.legs()
    asked = {"grid": dataclasses.asdict(grid)}
    told = ask("prompts", **asked, path=path)
    # llama.cpp makes every sequence's stretch of the cache a multiple of 256; the server may need a token or two more.
    longest = max(
        length + sweep.sampling.max_tokens
        for name, leg in legs.items()
        for sweep, length in zip(leg, told["lengths"][name], strict=True)
    )
    stretch = -(-(longest + 8) // 256) * 256
    everyone = {"path": path, "stretch": stretch, "threads": threads}
    samples = sum(len(sweep.samples) for leg in legs.values() for sweep in leg)
    print(f"{grid.model}, {', '.join(legs)}: {sum(map(len, legs.values()))} items, {samples} samples")
    print(f"{threads} threads; load {os.getloadavg()[0]:.2f}; {told['engine']}: {told['system']}", flush=True)

    setup = Setup(path, stretch, threads, args.slots[0])
    search: list[dict[str, Any]] = []
    if "server" in args.peers and len(args.slots) > 1:
        setup = best_setup(grid, setup, args.slots, search)

    rounds: list[dict[str, Any]] = []
    widths: dict[str, tuple[int, int]] = {}
    for number in range(args.rounds):
        done: dict[str, Any] = {}
        names = ["tempkit", *args.peers]
        for name in names if number % 2 == 0 else reversed(names):
            if name == "tempkit":
                done[name] = ask(name, **asked)
                widths = {
                    leg: (round(part["mean_width"]), round(part["mean_position"]))
                    for leg, part in done[name]["legs"].items()
                }
            elif name == "server":
                done[name] = serve_and_draw(setup, legs)
            elif name == "bare":  # the last one to know tempkit's widths, which are the same in every round
                done[name] = ask(name, **everyone, legs=widths)
            else:
                done[name] = ask("high level", **asked, **everyone, logprobs=name.endswith("logprobs"))
            rate = tokens_per_second(done[name], None, "passes" if name == "bare" else "tokens")
            print(f"round {number + 1} of {args.rounds}: {LABELS[name]} {rate:.1f} tokens/s", flush=True)
        rounds.append(done)

    summary = summarise(rounds, list(legs))
    show(summary, list(legs))
    if args.json:
        system = {"threads": threads, "engine": told["engine"], "build": told["system"]}
        report = {
            **asked,
            "system": system,
            "search": search,
            "rounds": [anonymous(r) for r in rounds],
            "summary": summary,
        }
        args.json.write_text(json.dumps(report, indent=1) + "\n")


def ask(what: str, **question: Any) -> Any:
    """Have one contestant do its work in a process of its own, its threads waiting as those of tempkit's engine do."""
    with Child("_contestants", SPIN) as child:
        return child.ask({"do": what, **question})


def best_setup(grid: Grid, setup: Setup, slots: list[int], search: list[dict[str, Any]]) -> Setup:
    """Try numbers of slots, then two settings that may help, on each prompt's first item; return the fastest.

    Its threads wait as tempkit's do at first: on two cores, spinning as long as OpenMP likes costs it most of its speed at 16
    slots and nothing at 8. And prompts this short are read again faster than copied from main memory, or not.
    """
    legs = dataclasses.replace(grid, items=1).legs()
    part = {"part": [sweep for leg in legs.values() for sweep in leg]}

    def rate(candidate: Setup) -> float:
        done = serve_and_draw(candidate, part)
        found = tokens_per_second(done, None)
        search.append({"setup": str(candidate), "tokens_per_second": found, "peak_bytes": done["peak_bytes"]})
        peak = done["peak_bytes"] / 1e6
        print(f"search: server with {candidate}: {found:.1f} tokens/s, {peak:.0f} MB", flush=True)
        return found

    setup = dataclasses.replace(setup, short_spin=True)
    rates = {candidate: rate(candidate) for candidate in (dataclasses.replace(setup, slots=n) for n in slots)}
    for change in ({"cache_ram_mib": 0}, {"short_spin": False}):
        candidate = dataclasses.replace(max(rates, key=lambda c: rates[c]), **change)
        rates[candidate] = rate(candidate)
    best = max(rates, key=lambda c: rates[c])
    print(f"search: the server runs with {best}", flush=True)
    return best


def anonymous(done: dict[str, Any]) -> dict[str, Any]:
    """Return a round without this machine's paths."""
    return {
        name: {**answer, "setup": {**answer["setup"], "model": ""}} if "setup" in answer else answer
        for name, answer in done.items()
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", metavar="gguf:NAME", help="default: the demo's")
    parser.add_argument("--items", type=positive, help="of each prompt; default: the demo's")
    parser.add_argument("--repeat", type=positive, help="replicates at each temperature; default: the demo's")
    parser.add_argument(
        "--rounds", type=positive, default=3, help="fewer than 3 make no figures (default: 3)"
    )
    parser.add_argument(
        "--max-tokens", type=positive, help="per answer, to try this out; default: the prompts'"
    )
    parser.add_argument(
        "--peers", type=peers, default=list(PEERS), help=f"of {','.join(PEERS)}; default: all"
    )
    parser.add_argument(
        "--slots", type=numbers, default=list(SLOTS), help="to search; a single one is taken as it is"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where every round's figures go")
    return parser.parse_args()


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def numbers(text: str) -> list[int]:
    return [positive(part) for part in text.split(",")]


def peers(text: str) -> list[str]:
    chosen = [part for part in text.split(",") if part]
    for unknown in set(chosen) - set(PEERS):
        raise argparse.ArgumentTypeError(f"{unknown!r} is none of {', '.join(PEERS)}")
    return [name for name in PEERS if name in chosen]


if __name__ == "__main__":
    run(main)
