"""How a run on a Ray cluster scales with its actors, and what a sample costs the process that stores it.

The scripted backend waits a fixed time for each answer, which takes no processor, so that eight actors can be measured on a laptop: what is
missing to eight times one actor's rate is what handing out, fetching and storing take. The time counts from when all actors are up to the
last answer; whole is from when the first is. Then 100,000 answers without waiting, of one token each.
Run it on a quiet machine: python benchmarks/actors.py
"""

import argparse
import os
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from _processes import run

from tempkit import Experiment, Store, parse_model
from tempkit.api.sampling import run as run_planned
from tempkit.executors import cluster_kept
from tempkit.running import SilentProgress
from tempkit.types import Outcome, Plan, SampleKey

TEMPERATURES = (0.0, 0.5, 1.0, 1.5)
REPEAT = 5


class Clock(SilentProgress):
    """When all actors were up, and how much had come by then."""

    def __init__(self, actors: int) -> None:
        self._all = f"Ray: {actors} of {actors} actors up"
        self.count = self.at_first = 0
        self.began = self.up = self.last = self.cpu = 0.0

    def begin(self, plan: Plan, done: Collection[SampleKey]) -> None:
        del plan, done
        self.began, self.cpu = time.monotonic(), time.process_time()

    def batch(self, tag: str, how: str) -> None:
        del tag
        if how == self._all and not self.up:
            self.up, self.at_first = time.monotonic(), self.count

    def outcome(self, outcome: Outcome) -> None:
        del outcome
        self.count += 1
        self.last = time.monotonic()

    def end(self) -> None:
        self.cpu = time.process_time() - self.cpu


def draw(model: str, items: int, executor: str, actors: int) -> Clock:
    """Draw 20 answers to each of so many items, of one token, into a database of its own."""
    clock = Clock(actors)
    experiment = Experiment(
        prompts=tuple(f"Say number {n}." for n in range(items)),
        models=(parse_model(model),),
        temperatures=TEMPERATURES,
        repeat=REPEAT,
        sampling={"max_tokens": 1, "logprobs": 2},
    )
    with tempfile.TemporaryDirectory() as folder, Store.open(str(Path(folder) / "x.db")) as store:
        done = run_planned(experiment, db=store, executor=executor, progress=clock)
        assert done.run.completions == clock.count == items * len(TEMPERATURES) * REPEAT
    return clock


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--delay-ms", type=int, default=50, help="time that an answer takes")
    parser.add_argument("--seconds", type=int, default=20, help="how long each number of actors draws")
    parser.add_argument("--samples", type=int, default=100_000, help="answers without waiting")
    args = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors", flush=True)
    of_one = None
    with cluster_kept():
        for actors in (1, 2, 4, 8):
            items = max(1, round(args.seconds * actors * 1000 / args.delay_ms / 20))
            executor = f"ray,actors={actors},num_cpus=0.2"
            clock = draw(f"scripted:words,delay_ms={args.delay_ms}", items, executor, actors)
            rate = (clock.count - clock.at_first) / (clock.last - clock.up)
            whole = clock.count / (clock.last - clock.began)
            of_one = of_one or rate
            print(
                f"{actors} actors: {rate:.1f} answers/s, {rate / of_one / actors:.1%} of linear "
                f"(whole {whole / of_one / actors:.1%}); {1e6 * clock.cpu / clock.count:.0f} us of CPU per answer here; "
                f"load {os.getloadavg()[0]:.2f}",
                flush=True,
            )
        for executor, actors in (("local", 0), ("ray,actors=2,num_cpus=0.2", 2)):
            clock = draw("scripted:words", args.samples // 20, executor, actors)
            took = clock.last - clock.began
            print(
                f"{clock.count} answers, {executor}: {clock.count / took:.0f} per second; "
                f"{1e6 * clock.cpu / clock.count:.0f} us of CPU per answer here, {clock.count / clock.cpu:.0f} per CPU second; "
                f"load {os.getloadavg()[0]:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    run(main)
