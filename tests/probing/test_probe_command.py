"""`tempkit probe`, what it keeps, and what runs make of it, over real requests on loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from endpoint import MODEL, Endpoint, Switches
from endpoint_wire import Served, in_process
from support import Cli

from tempkit import Experiment, api, parse_model

NAME = f"openai:{MODEL}"


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[str]:
    with in_process(endpoint) as url:
        yield url


QUESTIONS = "question\n" + "".join(f"Name thing {n}.\n" for n in range(60))


@pytest.fixture
def good() -> Iterator[str]:
    with serving(Endpoint(Switches(), seed=5)) as url:
        yield url


def test_it_asks_a_real_server(cli: Cli) -> None:
    with Served(Endpoint(Switches(temperature=lambda _: 1.0), seed=5)) as served:
        done = cli("probe", NAME, "--base-url", served.base_url)
    assert done.code == 0, done.err
    assert done.out.startswith(f"{NAME} ignores the temperature: every temperature behaves like ")


def test_it_says_first_what_the_temperature_does(cli: Cli, good: str) -> None:
    done = cli("probe", NAME, "--base-url", good)
    assert done.code == 0, done.err
    first = done.out.splitlines()[0]
    assert first.startswith(f"{NAME} honours the temperature: it does what it says")
    assert "behaves like" in done.out
    assert len(done.out.splitlines()) < 24
    assert "\x1b" not in done.out


def test_its_json_is_what_it_keeps(cli: Cli, good: str, no_probes_of_ones_own: Path) -> None:
    data = json.loads(cli("probe", NAME, "--base-url", good, "--json").out)
    assert data.pop("tempkit")["command"] == "probe"
    assert data["temperature"]["status"] == "honoured"
    assert data["logprobs"]["kind"] == "raw"
    assert data["requests"] <= 400
    (kept,) = no_probes_of_ones_own.iterdir()
    stored = json.loads(kept.read_text())
    assert {name: stored[name] for name in data if name != "name"} == data
    assert stored["address"] == good


def test_nothing_is_kept_that_is_not_to_be(cli: Cli, good: str, no_probes_of_ones_own: Path) -> None:
    assert cli("probe", NAME, "--base-url", good, "--no-keep").code == 0
    assert not no_probes_of_ones_own.exists()


def test_models_shows_since_when_it_is_known(cli: Cli, good: str) -> None:
    cli("probe", NAME, "--base-url", good)
    shown = cli("models", NAME, "--base-url", good).out
    assert f"probed on {date.today()}" in shown
    assert "honoured" in shown


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        (Switches(temperature=lambda _: 1.0), "ignores the temperature"),
        (Switches(rejects=lambda t: t != 1), "takes no temperature but 1"),
        (Switches(temperature=lambda t: min(t, 1.0)), "takes temperatures from 0 to"),
    ],
)
def test_a_run_goes_by_what_was_found(cli: Cli, switches: Switches, said: str) -> None:
    endpoint = Endpoint(switches, seed=5)
    with serving(endpoint) as url:
        assert cli("probe", NAME, "--base-url", url).code == 0
        asked = endpoint.requests
        done = cli(
            "run", "Say it.", "-m", NAME, "--base-url", url, "-t", "0,2", "-n", "2", "--max-tokens", "4"
        )
        assert (done.code, endpoint.requests) == (1, asked)
        assert said in done.err


def test_a_run_asks_first_where_nobody_knows(cli: Cli, tmp_path: Path) -> None:
    endpoint = Endpoint(Switches(temperature=lambda _: 1.0), seed=5)
    (tmp_path / "q.csv").write_text(QUESTIONS)
    with serving(endpoint) as url:
        asked = ("run", "q.csv", "-m", NAME, "--base-url", url, "-t", "0,1", "-n", "2", "--max-tokens", "4")
        done = cli(*asked)
        assert done.code == 1
        assert "so it is asked first" in done.err
        assert f"warning: {NAME} ignores the temperature: " in done.err
        assert endpoint.requests < 240
        assert "error: " in done.err


def test_a_run_that_costs_less_than_a_probe_asks_nothing_first(
    cli: Cli, good: str, no_probes_of_ones_own: Path
) -> None:
    done = cli("run", "Say it.", "-m", NAME, "--base-url", good, "-t", "0,1", "-n", "2", "--max-tokens", "4")
    assert done.code == 0, done.err
    assert "asked first" not in done.err
    assert not no_probes_of_ones_own.exists()


def test_no_probe_leaves_it_out(good: str, tmp_path: Path, no_probes_of_ones_own: Path) -> None:
    (tmp_path / "q.csv").write_text(QUESTIONS)
    experiment = Experiment(
        prompts=(str(tmp_path / "q.csv"),),
        models=(parse_model(NAME, options={"base_url": good}),),
        temperatures=(0.0, 1.0),
        repeat=2,
        sampling={"max_tokens": 4},
    )
    notes: list[str] = []
    done = api.run(experiment, db=tmp_path / "t.db", ask_first=False, on_note=notes.append)
    assert done.stored == 240
    assert not any("asked first" in note for note in notes)
    assert not no_probes_of_ones_own.exists()


def test_an_old_probe_counts_and_is_said_to_be_old(cli: Cli, good: str, no_probes_of_ones_own: Path) -> None:
    cli("probe", NAME, "--base-url", good)
    (kept,) = no_probes_of_ones_own.iterdir()
    stored = json.loads(kept.read_text())
    kept.write_text(json.dumps({**stored, "date": str(date.today() - timedelta(days=45))}))
    done = cli("run", "Say it.", "-m", NAME, "--base-url", good, "-t", "0,1", "-n", "2", "--max-tokens", "4")
    assert done.code == 0, done.err
    assert "45 days ago" in done.err


def test_what_a_run_is_refused_is_known_to_the_next(cli: Cli, no_probes_of_ones_own: Path) -> None:
    endpoint = Endpoint(Switches(rejects=lambda t: t != 1, words="openai-chat"), seed=5)
    with serving(endpoint) as url:
        asked = ("run", "Say it.", "-m", NAME, "--base-url", url, "-t", "0,1", "-n", "2", "--max-tokens", "4")
        assert cli(*asked).code == 3
        (kept,) = no_probes_of_ones_own.iterdir()
        stored = json.loads(kept.read_text())
        assert stored["temperature"]["status"] == "rejected"
        assert "does not support 0" in stored["temperature"]["says"]
        before = endpoint.requests
        done = cli(*asked)
        assert (done.code, endpoint.requests) == (1, before)
        assert f"takes no temperature but 1 (seen in a run on {date.today()})" in done.err


def test_a_model_that_cannot_be_reached_is_an_error(cli: Cli) -> None:
    done = cli("probe", NAME, "--base-url", "http://127.0.0.1:9/v1")
    assert done.code == 1
    assert done.err.count("\n") == 1


def test_two_models_want_to_be_compared(cli: Cli, good: str) -> None:
    assert cli("probe", NAME, NAME, "--base-url", good).code == 2
    assert cli("probe", NAME, "--compare", "--base-url", good).code == 2


@pytest.mark.parametrize("logprobs", ["raw", "none"])
def test_the_same_model_behind_two_addresses_is_told_from_another(cli: Cli, logprobs: str) -> None:
    switches = replace(Switches(), logprobs=logprobs)  # type: ignore[arg-type]
    with (
        serving(Endpoint(switches, seed=5)) as one,
        serving(Endpoint(switches, seed=5)) as twin,
        serving(Endpoint(switches, seed=6)) as other,
    ):
        for second, status in ((twin, "same"), (other, "different")):
            done = cli("probe", "--compare", f"{NAME},base_url={one}", f"{NAME},base_url={second}", "--json")
            assert done.code == 0, done.err
            assert json.loads(done.out)["status"] == status


def test_a_file_that_is_no_probe_is_an_error_that_says_what_to_do(
    cli: Cli, good: str, no_probes_of_ones_own: Path
) -> None:
    cli("probe", NAME, "--base-url", good)
    (kept,) = no_probes_of_ones_own.iterdir()
    kept.write_text("{}")
    done = cli("run", "Say it.", "-m", NAME, "--base-url", good, "-t", "0,1")
    assert done.code == 2
    assert "remove it, and probe again" in done.err
