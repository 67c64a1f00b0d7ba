"""Runs whose samples actors of a Ray cluster draw: the same samples as without, whoever is killed on the way."""

import json
import os
import signal
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest
from executors.conftest import RayCluster
from support import Cli

from tempkit import Experiment, Store, parse_model
from tempkit.api.sampling import run
from tempkit.executors import cluster_kept
from tempkit.running import SilentProgress
from tempkit.types import Completion, Outcome, Plan, SampleKey


def experiment(model: str, items: int, repeat: int = 2, **more: object) -> Experiment:
    return replace(
        Experiment(
            prompts=tuple(f"Say a word with {n} letters." for n in range(items)),
            models=(parse_model(model),),
            temperatures=(0.0, 0.7, 1.3),
            repeat=repeat,
            sampling={"max_tokens": 3, "logprobs": 2},
        ),
        **more,  # type: ignore[arg-type]
    )


def drawn(
    what: Experiment, folder: Path, executor: str, progress: SilentProgress | None = None
) -> dict[SampleKey, Completion]:
    """Run it in a database of its own and return what it stored, by key; each sample is there once."""
    with Store.open(str(folder / f"{executor.partition(',')[0]}.db")) as store:
        done = run(what, db=store, executor=executor, progress=progress)
        found = list(store.completions(done.run.id))
        keys = {each.key: each for each in found}
        assert len(keys) == len(found) == done.run.planned - done.run.failures
        return keys


class Watching(SilentProgress):
    """Remembers what was said, and does something once so many outcomes have come."""

    def __init__(self, at: int = 0) -> None:
        self.count, self.at = 0, at
        self.said: list[str] = []
        self.notes: list[str] = []

    def begin(self, plan: Plan, done: Collection[SampleKey]) -> None:
        self.planned = plan.sample_count

    def batch(self, tag: str, how: str) -> None:
        assert tag == "workers"
        self.said.append(how)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def outcome(self, outcome: Outcome) -> None:
        self.count += 1
        if self.count == self.at:
            assert self.count < self.planned
            self.act()

    def act(self) -> None:
        raise NotImplementedError


class Killing(Watching):
    """Kills one actor in the middle."""

    def __init__(self, at: int, cluster: RayCluster) -> None:
        super().__init__(at)
        self._cluster = cluster

    def act(self) -> None:
        os.kill(self._cluster.actors()[0].pid, signal.SIGKILL)


@pytest.mark.engine
@pytest.mark.slow
def test_two_actors_draw_what_this_machine_draws(ray_cluster: RayCluster, tmp_path: Path) -> None:
    what = experiment("gguf:smollm2", 4)
    watching = Watching()
    theirs = drawn(what, tmp_path, f"ray,actors=2,num_cpus=1,address={ray_cluster.address}", watching)
    ours = drawn(what, tmp_path, "local")
    assert ours.keys() == theirs.keys()
    for key, here in ours.items():
        there = theirs[key]
        assert (there.text, there.seed, there.params) == (here.text, here.seed, here.params)
        assert [t.token_id for t in there.tokens] == [t.token_id for t in here.tokens]
        assert [t.logprob for t in there.tokens] == pytest.approx([t.logprob for t in here.tokens], abs=1e-3)
    assert "Ray: 2 of 2 actors up" in watching.said
    assert watching.notes == []


@pytest.mark.slow
def test_an_actor_that_is_killed_costs_no_sample_and_doubles_none(
    ray_cluster: RayCluster, tmp_path: Path
) -> None:
    what = experiment("scripted:words,delay_ms=5", 60)
    killing = Killing(40, ray_cluster)
    theirs = drawn(what, tmp_path, f"ray,actors=2,num_cpus=1,address={ray_cluster.address}", killing)
    assert theirs == drawn(experiment("scripted:words,delay_ms=5", 60), tmp_path, "local")
    (note,) = killing.notes
    assert "an actor died" in note
    assert "unfinished sweeps of scripted:words go out again" in note
    assert any(said.endswith("1 died") for said in killing.said)


class Unplugging(Watching):
    """Takes a machine out of the cluster once all actors are up."""

    def __init__(self, cluster: RayCluster, machine: object) -> None:
        super().__init__()
        self._cluster, self._machine = cluster, machine

    def batch(self, tag: str, how: str) -> None:
        super().batch(tag, how)
        if how == "Ray: 3 of 3 actors up":
            self._cluster.cluster.remove_node(self._machine, allow_graceful=False)


@pytest.mark.slow
def test_a_machine_that_is_lost_costs_no_sample(
    ray_cluster: RayCluster, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with cluster_kept():  # connected before there is another one, which this process could be at otherwise
        drawn(experiment("scripted:words", 1), tmp_path, f"ray,actors=1,address={ray_cluster.address}")
        machine = ray_cluster.cluster.add_node(num_cpus=2, object_store_memory=100 * 2**20)
        ray_cluster.cluster.wait_for_nodes()
        capfd.readouterr()
        what = experiment("scripted:words,delay_ms=20", 900)  # still going on when all actors are up
        unplugging = Unplugging(ray_cluster, machine)
        theirs = drawn(what, tmp_path, f"ray,actors=3,num_cpus=2,address={ray_cluster.address}", unplugging)
    assert len(theirs) == unplugging.planned
    assert unplugging.notes  # one, or two where one actor of the machine is missed before the other
    for note in unplugging.notes:
        assert "unfinished sweeps of scripted:words go out again" in note
        assert "\n" not in note
    assert "raylet" not in capfd.readouterr().out


@pytest.mark.slow
def test_a_question_that_kills_every_actor_fails_alone(ray_cluster: RayCluster, tmp_path: Path) -> None:
    what = experiment("deadly:words", 12)
    what = replace(what, prompts=(*what.prompts, "This one is poison."))
    with Store.open(str(tmp_path / "x.db")) as store:
        done = run(what, db=store, executor=f"ray,actors=2,num_cpus=1,address={ray_cluster.address}")
        failures = list(store.failures(done.run.id))
        assert (done.run.completions, done.run.failures, done.run.status) == (12 * 6, 6, "finished")
    assert {failure.key.item for failure in failures} == {"inline-13"}
    for failure in failures:
        assert (failure.kind, failure.attempts) == ("decode", 3)
        assert failure.message.startswith("3 actors died while they drew it; the last: ")
        assert "\n" not in failure.message


def test_models_share_the_actors(ray_cluster: RayCluster, tmp_path: Path) -> None:
    models = tuple(parse_model(f"scripted:words,label={name}") for name in "abcde")
    what = replace(experiment("scripted:words", 7), models=models)
    theirs = drawn(what, tmp_path, f"ray,actors=2,num_cpus=1,address={ray_cluster.address}")
    assert theirs == drawn(what, tmp_path, "local")


def test_what_an_actor_refuses_ends_the_run_in_one_line(
    ray_cluster: RayCluster, tmp_path: Path, cli: Cli
) -> None:
    (tmp_path / "no.gguf").write_bytes(b"no model")
    done = cli("run", "A word.", "-m", "gguf:no.gguf", "--ray-address", ray_cluster.address)
    assert done.code == 1
    *before, last = done.err.splitlines()
    assert last.startswith("error: gguf:no.gguf: not a GGUF file (it does not begin with 'GGUF')")
    assert all(line.startswith("note: waiting for room for an actor") for line in before)


def test_more_than_a_machine_has_is_refused(ray_cluster: RayCluster, cli: Cli) -> None:
    done = cli(
        "run", "A word.", "-m", "scripted:words", "--executor", "ray,num_cpus=64", "--ray-address", ray_cluster.address
    )  # fmt: skip
    assert done.code == 1
    # Ray may not have noticed yet that the machine of another test is lost.
    assert done.err.startswith(
        "error: --executor ray: no machine of the cluster has room for an actor of num_cpus=64 (they have 4 CPUs and 0 GPUs"
    )
    assert done.err.count("\n") == 1


def test_choose_goes_its_rounds_on_a_cluster(ray_cluster: RayCluster, tmp_path: Path, cli: Cli) -> None:
    rows = "\n".join(["question,expected", *(f"Question {n}?,eight" for n in range(12))])
    (tmp_path / "q.csv").write_text(rows)
    args = ("choose", "q.csv", "-m", "scripted:words", "--max-tokens", "8", "--no-report", "--json")
    there = cli(*args, "--name", "there", "--ray-address", ray_cluster.address)
    here = cli(*args, "--name", "here")
    assert there.code == here.code in (0, 4)
    decided = [[(d["pick"], d["grade"]) for d in json.loads(done.out)["decisions"]] for done in (there, here)]
    assert decided[0] == decided[1] != []
    assert "actors up" in there.err
