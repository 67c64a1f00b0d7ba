"""One model at several addresses: who is asked what, what an address that fails costs, and what is said of those that differ."""

import asyncio
import json
import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers.deciding import Asked, Deciding, Given
from servers.http_script import chat
from support import Cli, FaultyServer, faulty, until

from tempkit.backends.remote import Answer, Choice, RemoteBackend, RequestError, fleet, model_session
from tempkit.backends.remote.fleet import Fleet
from tempkit.backends.remote.limiter import Limiter
from tempkit.backends.remote.retry_policy import Policy
from tempkit.planning import parse_model
from tempkit.types import (
    Capabilities,
    Completion,
    Item,
    Message,
    ModelInfo,
    ModelSpec,
    Sample,
    SamplingParams,
    Sweep,
)

GRID = ("-t", "0:0.9:0.1", "-n", "20", "--max-tokens", "8", "--logprobs", "2", "--name", "r", "--no-probe")
SAMPLES = 200


def run_at(*servers: FaultyServer, more: Sequence[str] = ()) -> list[str]:
    urls = ",".join(server.base_url for server in servers)
    return ["run", "Say it.", "-m", ",".join([f"openai:m,base_url={urls}", *more]), *GRID]


def rows(db: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(query).fetchall()


def drawn(db: Path) -> list[tuple[Any, ...]]:
    return rows(db, "select temperature_requested, replicate, seed, text from completion order by 1, 2")


def at_each(db: Path) -> dict[str, int]:
    return dict(rows(db, "select address, count(*) from completion group by 1"))


def test_one_killed_in_the_middle_costs_no_sample(cli: Cli, tmp_path: Path) -> None:
    with faulty() as server:
        whole = cli(*run_at(server), "--db", "whole.db")
    assert whole.code == 0, whole.err
    with faulty("--latency", "0.01") as alive, faulty("--latency", "0.01") as dying:
        dying.allow(30)
        killer = threading.Thread(target=_kill_when_it_waits, args=(dying,))
        killer.start()
        done = cli(*run_at(alive, dying, more=["timeout_s=20"]))
        killer.join()
        stats = alive.stats()
    assert done.code == 0, done.err
    db = tmp_path / "tempkit.db"
    assert drawn(db) == drawn(tmp_path / "whole.db")  # whichever answered
    counts = at_each(db)
    assert counts[alive.host] >= SAMPLES - 30
    assert counts.get(dying.host, 0) == SAMPLES - counts[alive.host]
    assert set(stats["served"].values()) == {1}
    assert f"failed at {dying.host}, which was set aside " in done.err
    assert "set aside" not in whole.err
    assert at_each(tmp_path / "whole.db") == {None: SAMPLES}


def _kill_when_it_waits(server: FaultyServer) -> None:
    until(lambda: server.stats()["waiting"] > 0)
    server.kill()


def test_one_that_answers_429_is_asked_less_and_no_sample_fails(cli: Cli, tmp_path: Path) -> None:
    with faulty("--latency", "0.01") as free, faulty("--fault", "429=1") as busy:
        done = cli(*run_at(free, busy))
        refused = busy.stats()["requests"]
    assert done.code == 0, done.err
    db = tmp_path / "tempkit.db"
    assert at_each(db) == {free.host: SAMPLES}
    assert rows(db, "select sum(attempts) from completion") == [(SAMPLES + refused,)]
    assert 0 < refused < SAMPLES / 2


def test_each_address_has_the_whole_of_the_limit(cli: Cli) -> None:
    with faulty("--latency", "0.05") as one, faulty("--latency", "0.05") as other:
        done = cli(*run_at(one, other), "-j", "3")
        most = [server.stats()["most"] for server in (one, other)]
        served = [len(server.stats()["served"]) for server in (one, other)]
    assert done.code == 0, done.err
    assert most == [3, 3]
    assert min(served) > SAMPLES / 4


def test_each_temperature_is_asked_at_each_address(cli: Cli, tmp_path: Path) -> None:
    """Though two temperatures take turns, and two servers that answer in step do."""
    with faulty("--latency", "0.02") as one, faulty("--latency", "0.02") as other:
        done = cli(*run_at(one, other), "-t", "0,1", "-n", "100", "-j", "1")
    assert done.code == 0, done.err
    counts = rows(
        tmp_path / "tempkit.db",
        "select temperature_requested, address, count(*) from completion group by 1, 2",
    )
    assert len(counts) == 4
    for temperature in (0.0, 1.0):
        here = [n for t, _, n in counts if t == temperature]
        assert max(here) - min(here) <= 10


def test_all_down_ends_as_one_that_is_down(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "_LONGEST_REST_S", 0.1)
    monkeypatch.setattr(
        model_session, "Policy", lambda **given: Policy(first_delay_s=0.02, longest_delay_s=0.1, **given)
    )
    with faulty("--fault", "500=1") as one, faulty("--fault", "drop=1") as other:
        done = cli(*run_at(one, other, more=["max_outage_s=2", "attempts=50"]))
        requests = sum(server.stats()["requests"] for server in (one, other))
    assert done.code == 3, done.err
    db = tmp_path / "tempkit.db"
    assert rows(db, "select count(*), sum(attempts) from failure") == [(SAMPLES, requests)]
    ((message,),) = rows(db, "select message from failure where attempts = 0 limit 1")
    assert message.startswith("not sent, the model was given up: the last ")


def test_a_dead_one_at_the_start_is_said_and_the_others_are_asked(cli: Cli, tmp_path: Path) -> None:
    with faulty() as alive:
        dead = FaultyServer("http://127.0.0.1:9")
        done = cli(*run_at(dead, alive))
        assert done.code == 0, done.err
        assert (
            "warning: openai:m: 127.0.0.1:9 is set aside until it answers, the other addresses are asked: cannot reach"
            in done.err
        )
        assert at_each(tmp_path / "tempkit.db") == {alive.host: SAMPLES}
    none = cli(*run_at(dead, FaultyServer("http://127.0.0.1:19")), "--db", "none.db")
    assert (none.code, none.out) == (1, "")
    last = none.err.strip().splitlines()[-1]
    assert last.startswith(
        "error: openai:m: none of its 2 addresses can be asked: cannot reach http://127.0.0.1:9/v1: "
    )
    assert "http://127.0.0.1:19/v1" in last


def test_one_that_refuses_the_key_is_given_up_alone(cli: Cli, tmp_path: Path) -> None:
    def refuse(asked: Asked) -> Given:
        if asked.lists:
            return Given({"object": "list", "data": []})
        return Given({"error": {"message": "no such key", "code": "invalid_api_key"}}, status=401)

    with faulty() as alive, Deciding(refuse) as closed:
        urls = f"{closed.url}/v1,{alive.base_url}"
        done = cli("run", "Say it.", "-m", f"openai:m,base_url={urls}", *GRID)
    assert done.code == 0, done.err
    assert at_each(tmp_path / "tempkit.db") == {alive.host: SAMPLES}
    assert "which was given up; the last: " in done.err
    assert len(closed.asked) <= 16


def server_of(
    name: str, owner: str, *, answers_as: str | None = None, fingerprint: str = "fp_1", **meta: int
) -> Deciding:
    def decide(asked: Asked) -> Given:
        if asked.lists:
            return Given({"object": "list", "data": [{"id": name, "owned_by": owner, "meta": meta}]})
        return Given(chat("red", model=answers_as or name, system_fingerprint=fingerprint).body)

    return Deciding(decide)


def test_addresses_with_different_models_are_said_before_and_after(cli: Cli, tmp_path: Path) -> None:
    with (
        server_of("m", "vllm", n_params=135) as one,
        server_of("/models/other.gguf", "llamacpp", n_params=270) as other,
    ):
        urls = f"{one.url}/v1,{other.url}/v1"
        done = cli(
            "run",
            "Say red.",
            "-m",
            f"openai:m,base_url={urls}",
            "-t",
            "0,1",
            "-n",
            "20",
            "--no-probe",
            "--name",
            "r",
        )
        names = [each.url.removeprefix("http://") for each in (one, other)]
    assert done.code == 0, done.err
    for said in (
        f"its addresses differ in the model's name there, and so may their answers: m at {names[0]}; other.gguf at {names[1]}",
        f"its addresses differ in the number of its parameters, and so may their answers: 135 at {names[0]}; 270 at {names[1]}",
        f"vllm at {names[0]}; llama-server at {names[1]}",
        "the addresses of openai:m answer with different names: ",
    ):
        assert said in done.err
    # Each is sent what its own software knows.
    bodies = [[each.body for each in server.asked if not each.lists] for server in (one, other)]
    assert {("repetition_penalty" in body, "mirostat" in body) for body in bodies[0]} == {(True, False)}
    assert {("repetition_penalty" in body, "mirostat" in body) for body in bodies[1]} == {(False, True)}
    drawn_as = [(body["temperature"], body["seed"]) for some in bodies for body in some]
    assert len(drawn_as) == len(set(drawn_as)) == 40
    shown = json.loads(cli("show", "r", "--json").out)["models"][0]["answered_by"]
    assert {each["address"] for each in shown} == set(names)
    assert cli("report", "r", "-o", "r.html").code == 0
    page = (tmp_path / "r.html").read_text()
    assert (
        "The model&#39;s addresses answer as different models: " in page
        or "The model's addresses answer as different models: " in page
    )
    assert "Answered at" in page


def test_one_that_changes_is_still_said_to_have_changed(cli: Cli) -> None:
    count = 0
    lock = threading.Lock()

    def decide(asked: Asked) -> Given:
        nonlocal count
        if asked.lists:
            return Given({"object": "list", "data": []})
        with lock:
            count += 1
            return Given(chat("red", model="m", system_fingerprint="fp_1" if count < 15 else "fp_2").body)

    with Deciding(decide) as one, Deciding(decide) as other:
        urls = f"{one.url}/v1,{other.url}/v1"
        done = cli(
            "run", "Say red.", "-m", f"openai:m,base_url={urls}", "-t", "0,1", "-n", "20", "--no-probe"
        )
    assert "openai:m changed: its fingerprint is fp_2 now, and was fp_1 before" in done.err


def test_a_run_goes_on_at_other_addresses(cli: Cli, tmp_path: Path) -> None:
    with faulty() as first:
        done = cli(*run_at(first, more=["requests_per_minute=600"]), "--time-limit", "1s")
        assert done.code == 1, done.err
    db = tmp_path / "tempkit.db"
    before = at_each(db)[None]
    assert 0 < before < SAMPLES
    with faulty() as one, faulty() as other:
        refused = cli("run", "--resume", "r")
        assert refused.code == 1
        assert "cannot reach" in refused.err
        twice = cli("run", "--resume", "r", "--base-url", one.base_url, "--base-url", one.base_url)
        assert f"names {one.base_url} twice" in twice.err
        done = cli("run", "--resume", "r", "--base-url", one.base_url, "--base-url", other.base_url)
    assert done.code == 0, done.err
    counts = at_each(db)
    assert counts[None] == before
    assert counts.keys() == {None, one.host, other.host}
    with faulty() as server:
        assert cli(*run_at(server), "--db", "whole.db").code == 0
    assert drawn(db) == drawn(tmp_path / "whole.db")
    scripted = cli("run", "Say it.", "-m", "scripted:words", "-t", "0", "-n", "1", "--name", "s")
    assert scripted.code == 0, scripted.err
    with_none = cli("run", "--resume", "s", "--base-url", "http://127.0.0.1:9/v1")
    assert with_none.code == 2
    assert "names no server for any of its models" in with_none.err


def test_an_ollama_whose_files_change_in_mid_run_is_said(cli: Cli) -> None:
    answered = threading.Event()

    def decide(asked: Asked) -> Given:
        if asked.path == "/api/show":
            return Given({"parameters": ""})
        if asked.lists:
            digest = "bb" if answered.is_set() and changes else "aa"
            return Given({"models": [{"name": "m:latest", "digest": digest * 32}]})
        answered.set()
        return Given({"model": "m", "message": {"content": "red"}, "done": True, "done_reason": "stop"})

    for changes in (True, False):
        answered.clear()
        with Deciding(decide) as server:
            model = f"ollama:m,base_url={server.url}"
            done = cli(
                "run", "Say red.", "-m", model, "-t", "0,1", "-n", "8", "--logprobs", "0", "--no-probe"
            )
        assert done.code == 0, done.err
        said = f"ollama:m changed during the run: its files at {server.url} had the digest aaaaaaaaaaaa at the beginning and have bbbbbbbbbbbb now"
        assert (said in done.err) == changes


def test_ollamas_of_different_files_are_said_and_both_may_go_on(cli: Cli, tmp_path: Path) -> None:
    def ollama(digest: str) -> Deciding:
        def decide(asked: Asked) -> Given:
            if asked.path == "/api/show":
                return Given({"parameters": ""})
            if asked.lists:
                return Given({"models": [{"name": "m:latest", "digest": digest}]})
            answer = {"role": "assistant", "content": "red"}
            return Given({"model": "m", "message": answer, "done": True, "done_reason": "stop"})

        return Deciding(decide)

    grid = ("-t", "0,1", "-n", "8", "--logprobs", "0", "--no-probe", "--name", "r")
    with ollama("aa") as one, ollama("bb") as other, ollama("cc") as third:
        done = cli("run", "Say red.", "-m", f"ollama:m,base_url={one.url},{other.url}", *grid)
        assert done.code == 0, done.err
        assert "its addresses differ in the digest of the model's file" in done.err
        (tmp_path / "blue.txt").write_text("Say blue.\n")
        more = ("run", "--resume", "r", "blue.txt", "--base-url")
        refused = cli(*more, third.url)
        assert "the model's file has changed since run r began" in refused.err
        assert cli(*more, other.url).code == 0
    assert sum(at_each(tmp_path / "tempkit.db").values()) == 32


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ("http://a/v1,http://a/v1/", "names http://a/v1 twice; each address is asked once"),
        ("http://a/v1,", "must be an address, or a list of them, and none may be empty"),
        ([], "must be an address, or a list of them, and none may be empty"),
        ([1], "must be an address, or a list of them, and none may be empty"),
        ("http://a/v1,http://u:hunter2@b/v1", "must hold no user, password or query"),
        ([f"http://a:{port}/v1" for port in range(1, 300)], "names 299 addresses; at most 256"),
    ],
)
def test_addresses_that_cannot_be_used(given_: object, said: str) -> None:
    with pytest.raises(Exception, match="base_url") as caught:
        parse_model("openai:m", options={"base_url": given_})
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_in_a_file_they_are_a_list_and_a_key_needs_leave_for_each(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LAB_KEY=hunter2-hunter2\n")
    with faulty() as one, faulty() as other:
        (tmp_path / "e.yaml").write_text(
            f"prompts: [Say it twice.]\nmodels:\n- model: openai:m\n  base_url: [{one.base_url}, {other.base_url}]\n"
            "  api_key_env: LAB_KEY\ntemperatures: [0, 1]\nrepeat: 20\n"
        )
        allowed = ("--allow-key-env", "LAB_KEY", "--allow-key-to", one.host)
        refused = cli("run", "e.yaml", "--no-probe", *allowed)
        assert refused.code == 1
        assert f"--allow-key-to {other.host}" in refused.err
        done = cli("run", "e.yaml", "--no-probe", *allowed, "--allow-key-to", other.host)
        assert done.code == 0, done.err
    assert at_each(tmp_path / "tempkit.db").keys() == {one.host, other.host}


class Fleets(RemoteBackend):
    """Answers, or fails, as dice say that know the address."""

    def __init__(self, seed: int, faults: dict[str, float]) -> None:
        super().__init__(concurrency=4)
        self.dice, self.faults = random.Random(seed), faults
        self.answered: Counter[tuple[float, int]] = Counter()

    def capabilities(self, model: ModelSpec) -> Capabilities:
        return Capabilities(seed=True)

    async def prepare(self, model: ModelSpec) -> ModelInfo:
        raise NotImplementedError

    def params(
        self, model: ModelSpec, sampling: SamplingParams, temperature: float, seed: int | None, choices: int
    ) -> dict[str, Any]:
        return {"temperature": temperature, "seed": seed}

    async def ask(self, model: ModelSpec, messages: Sequence[Message], params: dict[str, Any]) -> Answer:
        await asyncio.sleep(self.dice.random() / 1000)
        if self.dice.random() < self.faults[str(model.options["base_url"])]:
            kind = self.dice.choice(["connection", "server", "rate_limit", "timeout"])
            raise RequestError(kind, "no luck", overload=kind == "rate_limit")
        self.answered[params["temperature"], params["seed"]] += 1
        return Answer(choices=(Choice(text="x", finish_reason="stop"),))

    async def close(self) -> None: ...


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 2**32),
    st.lists(st.sampled_from([0.0, 0.05, 0.3, 1.0]), min_size=1, max_size=4),
    st.integers(1, 40),
)
def test_every_sample_ends_once_and_is_answered_at_most_once(
    monkeypatch: pytest.MonkeyPatch, seed: int, shares: list[float], n: int
) -> None:
    monkeypatch.setattr(fleet, "_FIRST_REST_S", 0.001)
    monkeypatch.setattr(fleet, "_LONGEST_REST_S", 0.004)
    monkeypatch.setattr(
        model_session, "Policy", lambda **given: Policy(first_delay_s=0.001, longest_delay_s=0.004, **given)
    )
    urls = [f"http://10.0.0.{i}/v1" for i in range(len(shares))]
    model = parse_model("openai:m", options={"base_url": urls})
    backend = Fleets(seed, dict(zip(urls, shares, strict=True)))
    item = Item(key="i", prompt="p", messages=(Message("user", "x"),))
    samples = tuple(Sample(t, r, r) for t in (0.0, 1.0) for r in range(n))
    sweep = Sweep(item=item, model=model, sampling=SamplingParams(), samples=samples)

    async def go() -> list[Any]:
        return [outcome async for outcome in backend.run([sweep], lambda *_: None)]

    outcomes = asyncio.run(go())
    assert Counter((o.key.temperature, o.key.replicate) for o in outcomes) == Counter(
        (s.temperature, s.replicate) for s in samples
    )
    done = Counter((o.key.temperature, o.key.replicate) for o in outcomes if isinstance(o, Completion))
    assert backend.answered == done
    assert backend.under_way == 0
    if 0.0 in shares:
        assert len(done) == len(samples)
    if set(shares) == {0.0} and len(urls) > 1 and n > 20:
        assert len({o.address for o in outcomes}) == len(urls)
    session = backend._session(model)
    assert session.fleet.under_way == 0


class TestFleet:
    """The addresses by themselves, on a clock that passes when told."""

    def made(self, *, most: int = 2, per_minute: float | None = None) -> Fleet:
        self.now = 0.0
        model = parse_model("openai:m", options={"base_url": ["http://a/v1", "http://b/v1"]})
        return Fleet(
            model,
            lambda: Limiter(most, per_minute=per_minute, clock=lambda: self.now),
            clock=lambda: self.now,
        )

    def test_the_one_with_the_most_room_is_asked(self) -> None:
        async def go() -> list[str | None]:
            made = self.made()
            return [(await made.acquire(1))[0].name for _ in range(4)]

        assert asyncio.run(go()) == ["a", "b", "a", "b"]

    def test_limits_by_the_minute_are_each_ones_own(self) -> None:
        async def go() -> None:
            made = self.made(most=9, per_minute=60)
            assert {(await made.acquire(1))[0].name for _ in range(2)} == {"a", "b"}
            assert [each.room for each in made.addresses] == [0, 0]
            self.now = 1.0
            assert [each.room for each in made.addresses] == [8, 8]

        asyncio.run(go())

    def test_one_that_failed_rests_longer_each_time_and_is_then_asked_one_request(self) -> None:
        async def go() -> None:
            made = self.made(most=4)
            at, _ = await made.acquire(1)
            made.done(at)
            for rest in (0.5, 1.0, 2.0):
                made.failed(at, RequestError("connection", "refused"))
                made.failed(at, RequestError("connection", "refused"))  # it went out with the first
                assert at.room == 0
                self.now += rest
                assert at.room == 1
            assert at.rests == 3
            made.clean(at)
            assert at.room == 4
            assert [*made.remarks()] == [
                "warning: openai:m: 6 requests failed at a, which was set aside 3 times; the last: refused"
            ]

        asyncio.run(go())

    def test_leave_that_nobody_wants_any_more_goes_to_the_next(self) -> None:
        async def go() -> None:
            made = self.made(most=1)
            held = [await made.acquire(1), await made.acquire(1)]
            waiting = [asyncio.create_task(made.acquire(1)) for _ in range(2)]
            await asyncio.sleep(0)
            made.done(held[0][0])
            waiting[0].cancel()
            at, _ = await waiting[1]
            assert at is held[0][0]
            assert made.under_way == 2

        asyncio.run(go())


def test_each_shard_may_ask_a_server_of_its_own(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("question\nSay one.\nSay two.\nSay three.\nSay four.\n")
    grid = ("-t", "0,1", "-n", "4", "--max-tokens", "8", "--name", "r", "--no-probe")
    with faulty() as one, faulty() as other:
        for number, server in enumerate((one, other), 1):
            done = cli(
                "run",
                "q.csv",
                "-m",
                "openai:m",
                "--base-url",
                server.base_url,
                *grid,
                "--shard",
                f"{number}/2",
            )
            assert done.code == 0, done.err
        apart = cli(
            "run",
            "q.csv",
            "-m",
            "openai:m",
            "--base-url",
            one.base_url,
            *grid,
            "--seed",
            "1",
            "--shard",
            "1/2",
        )
        assert "run r is there with another plan: its seed differ" in apart.err
        whole = cli("run", "q.csv", "-m", "openai:m", "--base-url", one.base_url, *grid, "--db", "whole.db")
        assert whole.code == 0, whole.err
    db = tmp_path / "tempkit.db"
    assert at_each(db) == {one.host: 16, other.host: 16}
    assert sorted(drawn(db)) == sorted(drawn(tmp_path / "whole.db"))
    assert json.loads(rows(db, "select options from model")[0][0])["base_url"] == one.base_url
