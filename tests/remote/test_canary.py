"""A key that a server, an address or a file repeats is in none of the outputs: not in the terminal's, the database, a report or an export."""

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from every_adapter import ADAPTERS, Adapter
from servers.deciding import Asked, Deciding, Given
from support import Cli

KEY = "sk-canary/0123456789+abcdef=QRSTUV"
"""With characters that URLs, JSON and base64 write otherwise."""

WITH_KEYS = [adapter for adapter in ADAPTERS if adapter.takes_key]


def _wrapped(adapter: Adapter, **more: Any) -> dict[str, Any]:
    return {**adapter.said("hello"), **more}


def everywhere(value: Any) -> Any:
    """Put the key into every text of an answer but those that say of what kind something is."""
    if isinstance(value, dict):
        kept = (
            "type",
            "role",
            "finish_reason",
            "finishReason",
            "stop_reason",
            "status",
            "object",
            "done_reason",
        )
        return {name: each if name in kept else everywhere(each) for name, each in value.items()}
    if isinstance(value, list):
        return [everywhere(each) for each in value]
    return f"I repeat {KEY} here" if isinstance(value, str) else value


PLACES: dict[str, Callable[[Adapter], Given]] = {
    "200 that is no JSON": lambda _: Given(f"not json: Bearer {KEY}"),
    "200 that is no JSON, the key where it is cut": lambda _: Given("x" * 50 + KEY),
    "an error in a 200": lambda _: Given({"error": {"message": f"bad Bearer {KEY}"}, "choices": []}),
    "an error in an answer": lambda a: Given(_wrapped(a, error={"code": 500, "message": f"bad {KEY}"})),
    "an error": lambda _: Given({"error": {"message": f"Incorrect API key provided: {KEY}"}}, 400),
    "an error, as a text": lambda _: Given({"error": f"bad {KEY}"}, 400),
    "an error, in odd places": lambda _: Given({"detail": [{"loc": [KEY], "msg": KEY}], "code": KEY}, 422),
    "an error, past the cut": lambda _: Given({"error": {"message": "x" * 262 + KEY + "y" * 300}}, 400),
    "an error, across the cut": lambda _: Given({"error": {"message": "x" * 190 + KEY}}, 400),
    "an error, in other writings": lambda _: Given(
        {
            "error": {
                "message": f"{quote(KEY, safe='')} {base64.b64encode(f'u:{KEY}'.encode()).decode()} {KEY.upper()}"
            }
        },
        400,
    ),
    "an error that is a page": lambda _: Given(f"<html><title>{KEY}</title>{KEY}</html>", 500),
    "an error that is a text": lambda _: Given(f"no, {KEY}", 500),
    "a refused key": lambda _: Given({"error": {"message": f"bad {KEY}", "code": KEY}}, 401),
    "a malformed header": lambda _: Given(raw=f"HTTP/1.1 200 OK\r\nX-\x01Bad {KEY}\r\n\r\n{{}}".encode()),
    "a malformed header of an error": lambda _: Given(raw=f"HTTP/1.1 400 NO\r\n{KEY}\r\n\r\n{{}}".encode()),
    "a malformed status line": lambda _: Given(raw=f"HTTP/1.1 {KEY} OK\r\n\r\n".encode()),
    "a malformed length": lambda _: Given(raw=f"HTTP/1.1 200 OK\r\nContent-Length: {KEY}\r\n\r\n".encode()),
    "the reason of a status": lambda _: Given("", 500, reason=f"no {KEY}"),
    "an encoding": lambda _: Given("x", 200, {"Content-Encoding": KEY}),
    "a time to wait": lambda _: Given({"error": {}}, 429, {"Retry-After": KEY}),
    "the target of a redirect": lambda _: Given(
        "", 307, {"Location": f"http://u:{KEY}@{KEY[:9]}.x/{KEY}?k={KEY}"}
    ),
    "an event stream": lambda _: Given(
        f'data: {{"error": "{KEY}"}}\n\n', 200, {"Content-Type": "text/event-stream"}
    ),
    "an answer": lambda a: Given(everywhere(a.said("hello"))),
}


def is_in(content: bytes) -> bool:
    """Whether the key, or so much of it that it helps to guess the rest, is in a file."""
    found = (KEY, KEY.upper(), quote(KEY, safe=""), KEY.replace("/", r"\/"))
    packed = base64.b64encode(f"u:{KEY}".encode())
    return (
        packed[8:-8] in content or any(w.encode() in content for w in found) or KEY[:12].encode() in content
    )


def commands() -> Iterator[tuple[str, ...]]:
    yield "show", "r"
    yield "show", "r", "--json"
    yield "runs", "--json"
    yield "recommend", "r"
    yield "report", "r", "-o", "r.md"
    yield "report", "r", "-o", "r.html"
    for kind in ("csv", "jsonl", "parquet"):
        yield "export", "r", "-o", f"samples.{kind}", "--messages"
        yield "export", "r", "-o", f"tokens.{kind}", "--tokens"
        yield "export", "r", "-o", f"scores.{kind}", "--scores"


@pytest.mark.parametrize("adapter", WITH_KEYS, ids=lambda adapter: adapter.name)
def test_a_key_that_a_server_repeats_is_nowhere(
    adapter: Adapter, cli: Cli, cli_process: Cli, tmp_path: Path
) -> None:
    """Each place is an item; all are asked in one run, which one answer in order keeps from being given up."""
    places = dict(enumerate(PLACES.values()))
    order = [100, *(number for i in places for number in (i, 101 + i))]
    rows = [f"- {{id: place {i}, question: place {i} of them}}" for i in order]
    (tmp_path / "rows.yaml").write_text("\n".join(rows))
    (tmp_path / "p.prompty").write_text(
        "---\nname: p\nmetadata: {tempkit: {data: rows.yaml}}\n---\nuser:\nThe {{ question }}.\n"
    )
    (tmp_path / ".env").write_text(f"MY_KEY={KEY}\n")

    def decide(asked: Asked) -> Given:
        assert KEY in str(asked.headers)  # it is sent
        found = re.search(rb"place (\d+) of them", asked.content)
        assert found is not None
        made = places.get(int(found[1]))
        return made(adapter) if made else adapter.ok()

    logprobs = "1" if adapter.name == "chat" else "0"
    with adapter.serve(decide) as server:
        model = f"{adapter.typed(server.url)},api_key_env=MY_KEY,attempts=2"
        command = (
            "run",
            "p.prompty",
            "-m",
            model,
            "-t",
            "0",
            "-n",
            "1",
            "--name",
            "r",
            "--logprobs",
            logprobs,
        )
        done = cli_process("--debug", *command)
        assert done.code == 3, done.err
        assert {
            int(found[1]) for a in server.asked if (found := re.search(rb"place (\d+) of", a.content))
        } >= {*places}
    printed = [done.out, done.err]
    for more in commands():
        done = cli(*more)
        printed += [done.out, done.err]
    (tmp_path / ".env").unlink()
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {"tempkit.db", "r.html", "samples.csv", "tokens.jsonl", "scores.parquet"}
    for path in tmp_path.iterdir():
        assert not is_in(path.read_bytes()), path
    assert not is_in("".join(printed).encode())
    assert "[key]" in "".join(printed)


@pytest.mark.parametrize("adapter", WITH_KEYS, ids=lambda adapter: adapter.name)
@pytest.mark.parametrize(
    "place", ["a refused key", "a malformed header of an error", "a malformed status line"]
)
def test_a_traceback_of_a_refused_key_is_without_it(
    adapter: Adapter, place: str, cli_process: Cli, tmp_path: Path
) -> None:
    """What came from the library stands in the traceback's causes."""
    with Deciding(lambda _: PLACES[place](adapter)) as server:
        model = f"{adapter.typed(server.url)},api_key_env=MY_KEY"
        done = cli_process(
            "--debug", "run", "Say it.", "-m", model, "-t", "0,1", "--logprobs", "0", env={"MY_KEY": KEY}
        )
    assert done.code == 1
    assert "Traceback" in done.err
    assert not is_in(done.err.encode())
    assert not (tmp_path / "tempkit.db").exists() or not is_in((tmp_path / "tempkit.db").read_bytes())


PASSWORD = "p4ss/word-canary-77"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{PASSWORD}@h@x/d",
        "postgresql://u:PA@SS-canary/PW@h/d",
        f"postgresql://u:{quote(PASSWORD, safe='')}@127.0.0.1:1/d",
        f"postgresql:/u:{quote(PASSWORD, safe='')}@h/d",
        f"postgresql://u:{PASSWORD}@h:port/d",
        f"postgresql;//u:{PASSWORD}@h",
        f"postgres:u:{PASSWORD}@h",
        f"mysql://u:{PASSWORD}@h/d",
        f"u:{quote(PASSWORD, safe='')}@h/d",
        f"postgresql://u:x@127.0.0.1:1/d?password={quote(PASSWORD, safe='')}",
    ],
)
def test_the_password_of_a_database_is_nowhere(cli: Cli, cli_process: Cli, url: str) -> None:
    for command in (("runs",), ("run", "Say it.", "-m", "scripted:words", "-t", "0,1")):
        for done in (cli(*command, "--db", url), cli(*command, env={"TEMPKIT_DB": url})):
            assert done.code != 0
            assert "canary" not in done.out + done.err
            assert len(done.err.splitlines()) == 1
    assert "canary" not in cli_process("--debug", "runs", "--db", url).err


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
@pytest.mark.parametrize(
    "proxy",
    [
        "http://u:{}@h:port",
        "http://u:{}@:1",
        "http://u:{} x@h:1",
        "http://u:{}@127.0.0.1:1",
        "socks9://u:{}@127.0.0.1:1",
        "u:{}@127.0.0.1:1",
        "{}",
    ],
)
def test_the_password_of_a_proxy_is_nowhere(adapter: Adapter, proxy: str, cli: Cli) -> None:
    named = proxy.format("pw-canary-77")
    env = {"HTTP_PROXY": named, "http_proxy": named, "NO_PROXY": "", "no_proxy": "", "MY_KEY": KEY}
    model = adapter.typed("http://models.invalid")
    done = cli("run", "Say it.", "-m", model, "-t", "0,1", "--logprobs", "0", env=env)
    assert done.code in (1, 2)
    assert "canary" not in done.out + done.err
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("error: ")


def test_the_token_of_a_download_is_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nor what signs an address, nor a password in one; the cut comes after."""
    from tempkit.backends.gguf.download import explain
    from tempkit.text.redaction import keep_secret

    token = "hf_canary0123456789abcdef"
    keep_secret(token)  # as `fetch` does with the library's own
    for before in ("", "x" * 140, "x" * 145, "Authorization: Bearer "):
        error = RuntimeError(f"{before}{token} at https://u:pw-canary@h/x?signature=canary")
        said = explain(error, "user/repo", tmp_path, downloading=True)
        assert "canary" not in said
        assert "the download broke off" in said
