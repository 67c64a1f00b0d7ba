"""`--executor`, and the keys `executor` and `ray` of an experiment file."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import Cli

from tempkit.errors import ExperimentError, UsageError
from tempkit.planning import Executor, parse_executor, read_experiment
from tempkit.types import Workers


def test_resources_stand_behind_commas() -> None:
    read = parse_executor("ray,actors=4, num_cpus=0.5,num_gpus=1,address=10.0.0.1:6379")
    assert read.workers == Workers(address="10.0.0.1:6379", actors=4, num_cpus=0.5, num_gpus=1.0)
    assert parse_executor("ray").workers == Workers()
    assert parse_executor("local").workers is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rai", "--executor must be local or ray (did you mean 'ray'?), not 'rai'"),
        ("local,actors=2", "--executor local takes no resources; leave out actors=2"),
        ("ray,actors=0", "--executor ray: actors must be a whole number from 1 to 100000, not 0"),
        ("ray,actors=1.5", "--executor ray: actors must be a whole number from 1 to 100000, not 1.5"),
        ("ray,actors", "--executor ray: actors must be a whole number from 1 to 100000, not ''"),
        ("ray,num_cpus=0", "--executor ray: num_cpus must be a number above 0, at most 10000, not 0"),
        ("ray,num_cpus=nan", "--executor ray: num_cpus must be a number above 0, at most 10000, not 'nan'"),
        ("ray,num_gpus=1.5", "--executor ray: num_gpus must be a number from 0 to 1, or a whole number, not 1.5"),
        ("ray,cpus=2", "--executor ray: unknown resource 'cpus' (did you mean 'num_cpus'?); known: actors, num_cpus, num_gpus"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_one_line(text: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_executor(text)
    assert str(caught.value) == why


FILE = "prompts: [A word.]\nmodels: [scripted:words]\n"
Write = Callable[[str, str], Path]


def test_a_file_says_it_and_the_command_line_goes_before(write: Write) -> None:
    path = write("e.yaml", FILE + "executor: ray\nray: {actors: 4, num_gpus: 1}\n")
    base = read_experiment(path)
    assert base.executor.workers == Workers(actors=4, num_gpus=1.0)
    assert parse_executor("ray,actors=2").over(base.executor).workers == Workers(actors=2, num_gpus=1.0)
    assert parse_executor("local").over(base.executor).workers is None


def test_resources_alone_leave_it_to_the_command_line(write: Write) -> None:
    base = read_experiment(write("e.yaml", FILE + "ray: {actors: 4}\n"))
    assert base.executor == Executor(None, Workers(actors=4))
    assert base.executor.workers is None
    assert parse_executor("ray").over(base.executor).workers == Workers(actors=4)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("executor: slurm", "e.yaml:3: executor must be local or ray, not 'slurm'"),
        ("ray: {actors: many}", "e.yaml:3: ray: actors must be a whole number from 1 to 100000, not 'many'"),
        ("ray: {actors: .inf}", "e.yaml:3: ray: actors must be a whole number from 1 to 100000, not '.inf'"),
        ("ray: {gpus: 1}", "e.yaml:3: unknown key 'gpus' in ray (did you mean 'num_gpus'?); known: actors, num_cpus, num_gpus"),
        ("ray: {address: 'h:1'}", "e.yaml:3: ray: a cluster runs code of its own on this machine, so its address is said by --ray-address or RAY_ADDRESS alone"),
        ("executor: 'ray,address=h:1'", "e.yaml:3: executor: a cluster runs code of its own on this machine, so its address is said by --ray-address or RAY_ADDRESS alone"),
    ],
)  # fmt: skip
def test_a_file_s_mistakes_are_named_by_their_line(write: Write, line: str, why: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        read_experiment(write("e.yaml", FILE + line + "\n"))
    assert str(caught.value) == why


def test_without_ray_one_line_says_what_to_install(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    for args in (("run", "A word.", "-n", "1"), ("choose", "A word.", "--for", "general")):
        done = cli(*args, "-m", "scripted:words", "--executor", "ray")
        assert (done.code, done.out) == (1, "")
        assert done.err.endswith(
            'error: --executor ray needs packages that are not installed: pip install "tempkit[ray]"\n'
        )


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--ray-address", "h:1", "--executor", "local"), "--ray-address is for --executor ray"),
        (("--ray-address", "ray://h:1"), "--ray-address: ray:// is for clients far away; run tempkit on a machine of the cluster, with --ray-address auto"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used(cli: Cli, args: tuple[str, ...], why: str) -> None:
    done = cli("run", "A word.", "-m", "scripted:words", *args)
    assert (done.code, done.err) == (2, f"error: {why}\n")


def test_where_nothing_listens_is_no_cluster(cli: Cli) -> None:
    done = cli("run", "A word.", "-m", "scripted:words", "--ray-address", "127.0.0.1:1")
    assert done.code == 1
    assert done.err.startswith("error: --executor ray: no cluster answers at 127.0.0.1:1 (")


def test_a_hosted_model_has_no_use_for_it(cli: Cli) -> None:
    done = cli("run", "A word.", "-m", "openai:gpt-5.4-mini", "--executor", "ray")
    assert (done.code, done.err) == (
        2,
        "error: --executor ray: none of the models is drawn from on this machine, and APIs are asked from here, under one limit; leave it out\n",
    )
