"""A refusal fails what it concerns and nothing else: its samples, its item, its temperature; a model only when nothing else is left."""

import json
from importlib import import_module
from typing import Any

import pytest
from every_adapter import ADAPTERS, EVERY, Adapter, answered, failed, sweep
from servers.deciding import Asked, Given
from support import Cli

pytestmark = pytest.mark.usefixtures("quick_and_clean")

ITEMS = (*(f"Tell me of number {i}." for i in range(5)), "Tell me of lava.")
LAVA = b"lava"


def error(status: int, **said: Any) -> Given:
    return Given({"error": {"message": "no", **said}}, status)


ONE_ITEM = {
    "a router's moderation": (
        error(403, code=403, message="flagged", metadata={"reasons": ["violence"], "flagged_input": "x"}),
        "rejected",
    ),
    "a policy, with the word temperature": (
        error(
            400,
            message="Input rejected by policy: 'flagged: what is the temperature of lava?'",
            code="content_policy_violation",
        ),
        "rejected",
    ),
    "a filter": (
        error(
            400,
            code="content_filter",
            param="prompt",
            innererror={"code": "ResponsibleAIPolicyViolation"},
        ),
        "rejected",
    ),
    "no code at all, and every word that could mislead": (
        error(400, message="billing temperature quota insufficient_quota invalid api key top_k lava"),
        "rejected",
    ),
    "403 and no more": (error(403, message="Forbidden"), "auth"),
    "403 and a page": (Given("<html><title>403 Forbidden</title></html>", 403), "auth"),
    "422": (Given({"detail": [{"loc": ["body", "messages"], "msg": "bad"}]}, 422), "rejected"),
    "llama.cpp's overflow": (
        error(
            400,
            code=400,
            message="the request exceeds the available context size, try increasing it",
            type="exceed_context_size_error",
            n_prompt_tokens=20,
            n_ctx=10,
        ),
        "context_length",
    ),
    "OpenAI's overflow": (error(400, code="context_length_exceeded"), "context_length"),
    "Anthropic's overflow": (error(400, message="prompt is too long: 9 tokens"), "context_length"),
    "too large": (Given("", 413), "context_length"),
}


@EVERY
@pytest.mark.parametrize("fault", ONE_ITEM)
def test_a_refused_item_fails_its_own_samples_only(adapter: Adapter, fault: str) -> None:
    """The refused item comes first, so that nothing was answered before."""
    refusal, kind = ONE_ITEM[fault]
    with adapter.serve(lambda asked: refusal if LAVA in asked.content else adapter.ok()) as server:
        outcomes = sweep(adapter, server, (ITEMS[-1], *ITEMS[:-1]), repeat=4)
    assert len(answered(outcomes)) == 5 * 3 * 4
    assert {(f.key.item, f.kind) for f in failed(outcomes)} == {("p/0", kind)}
    assert len(failed(outcomes)) == 12


TEMPERATURE = {
    "by its name": error(400, message="out of range", param="temperature"),
    "by its place": Given({"detail": [{"loc": ["body", "temperature"], "msg": "too large"}]}, 422),
    "in words alone": error(400, message="temperature must be between 0 and 1"),
    "in no words": Given("", 400),
    "in the words of a service": error(400, message="`temperature` is deprecated for this model."),
}


@EVERY
@pytest.mark.parametrize("fault", TEMPERATURE)
def test_a_refused_temperature_leaves_the_others(adapter: Adapter, fault: str) -> None:
    def decide(asked: Asked) -> Given:
        return TEMPERATURE[fault] if adapter.temperature(asked.body) > 1 else adapter.ok()

    with adapter.serve(decide) as server:
        outcomes = sweep(adapter, server, ITEMS, (1.2, 0.0, 0.5, 1.0), repeat=6)
        asked = [a for a in server.asked if adapter.temperature(a.body) > 1]
    assert len(answered(outcomes)) == 6 * 3 * 6
    assert {f.key.temperature for f in failed(outcomes)} == {1.2}
    assert len(failed(outcomes)) == 36
    assert len(asked) < 36  # it is given up when the others are seen to work
    unsent = [f.message for f in failed(outcomes) if not f.attempts]
    assert all(m.startswith("not sent, temperature 1.2 was given up") for m in unsent)


def test_only_the_refused_temperature_is_named_to_whoever_typed_the_command(cli: Cli) -> None:
    adapter = ADAPTERS[0]

    def decide(asked: Asked) -> Given:
        return TEMPERATURE["in words alone"] if asked.body["temperature"] > 1 else adapter.ok()

    with adapter.serve(decide) as server:
        done = cli(
            "run", "Say it.", "-m", adapter.typed(server.url), "-t", "0,0.5,1,1.2", "-n", "6", "--json"
        )
    assert done.code == 3
    told = json.loads(done.out)
    assert (told["run"]["completions"], told["run"]["failed"]) == (18, 6)
    assert "HTTP 400: temperature must be between 0 and 1" in done.err
    assert "(temperature 1.2)" in done.err


MODEL = {
    "refused key": (error(401, message="bad key"), "auth", 8),
    "refused key, as a permission": (
        error(403, code="permission_denied", type="permission_error"),
        "auth",
        8,
    ),
    "exhausted account": (error(402, message="no money"), "auth", 8),
    "exhausted quota": (error(429, code="insufficient_quota", type="insufficient_quota"), "rate_limit", 8),
    "unknown model": (error(404, message="no such model"), "rejected", 8),
    "whatever all are refused for": (error(400, message="Unknown parameter 7"), "rejected", 40),
    "403 without a word": (Given("", 403), "auth", 40),
}


@EVERY
@pytest.mark.parametrize("fault", MODEL)
def test_a_model_is_given_up_where_nothing_else_is_left(adapter: Adapter, fault: str) -> None:
    refusal, kind, most = MODEL[fault]
    with adapter.serve(lambda _: refusal) as server:
        outcomes = sweep(adapter, server, tuple(f"Number {i}?" for i in range(20)), repeat=3)
        assert len(server.asked) <= most
    assert len(failed(outcomes)) == 180
    assert {f.kind for f in failed(outcomes)} == {kind}
    reason = next(f.message for f in failed(outcomes) if not f.attempts)
    assert reason.startswith("not sent, the model was given up: ")
    assert "for item 'p/" in reason
    assert " at temperature " in reason
    assert server.url in reason
    assert f"HTTP {refusal.status}" in reason


@EVERY
@pytest.mark.parametrize("status", [401, 402, 404, 429])
def test_one_refusal_in_the_middle_is_not_the_models(adapter: Adapter, status: int) -> None:
    """As of one server among many behind one address."""
    refusal = error(status, code="insufficient_quota" if status == 429 else "x")
    with adapter.serve(lambda asked: refusal if LAVA in asked.content else adapter.ok()) as server:
        outcomes = sweep(adapter, server, ITEMS, (0.5,), repeat=1, max_outage_s=5)
    assert len(answered(outcomes)) == 5
    assert len(failed(outcomes)) == 1


@EVERY
@pytest.mark.parametrize(
    "wait",
    [
        "9999999999",
        "9" * 400,
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "9999-12-31T23:59:59-23:59",
        "Thu, 32 Foo 20x6",
        "\u00b2",
        "-1",
        "0",
    ],
)
def test_one_request_put_off_for_however_long_is_one_samples(adapter: Adapter, wait: str) -> None:
    put_off: list[bytes] = []

    def decide(asked: Asked) -> Given:
        if LAVA in asked.content and not put_off:
            put_off.append(asked.content)
            body = {"error": {"message": "See https://x/account/billing for your rate limit and quota"}}
            return Given(body, 429, {"Retry-After": wait})
        return adapter.ok()

    with adapter.serve(decide) as server:
        outcomes = sweep(adapter, server, ITEMS)
    assert len(put_off) == 1
    assert len(answered(outcomes)) + len(failed(outcomes)) == 36
    assert len(failed(outcomes)) == (1 if wait[:1] in "9F" else 0)
    assert {f.kind for f in failed(outcomes)} <= {"rate_limit"}


UNREADABLE = {
    "a page": b"<html>oops</html>",
    "nothing": b"",
    "brackets": b"[" * 200_000,
    "deep": b'{"choices":' + b'{"a":' * 50_000,
    "no text": b'{"choices":\xff\xfe',
    "a list": b"[1, 2]",
    "a number beyond all": b"9" * 5000,
    "half": b'{"choices": [{"mess',
    "an event stream": b'data: {"choices":[]}\n\ndata: [DONE]\n\n',
}


@EVERY
@pytest.mark.parametrize("fault", UNREADABLE)
def test_what_cannot_be_read_is_asked_for_once_more(adapter: Adapter, fault: str) -> None:
    def decide(asked: Asked) -> Given:
        return Given(UNREADABLE[fault]) if LAVA in asked.content else adapter.ok()

    with adapter.serve(decide) as server:
        outcomes = sweep(adapter, server, ITEMS, (0.5,), repeat=1)
        again = [a for a in server.asked if LAVA in a.content]
    assert len(answered(outcomes)) == 5
    (failure,) = failed(outcomes)
    assert (failure.kind, failure.attempts, len(again)) == ("bad_answer", 2, 2)
    assert "\n" not in failure.message


@EVERY
@pytest.mark.parametrize("status", [400, 403, 404, 418, 500])
def test_an_error_without_end_or_sense_is_an_error(adapter: Adapter, status: int) -> None:
    for content in (
        b"[" * 200_000,
        b'{"error":' * 20_000,
        b"\xff\xfe\x00",
        b'"' + b"x" * 100_000,
        b"null",
        b"3",
    ):
        with adapter.serve(lambda _, content=content: Given(content, status)) as server:
            outcomes = sweep(adapter, server, ITEMS[:1], (0.5,), repeat=1, attempts=1)
        (failure,) = failed(outcomes)
        assert failure.message.startswith(f"HTTP {status}: ")
        assert len(failure.message) < 600


@EVERY
@pytest.mark.parametrize(
    "fault", [KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError, AssertionError]
)
def test_a_fault_of_an_adapter_ends_the_run_and_names_it(
    adapter: Adapter, fault: type[Exception], cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = getattr(import_module(adapter.module), adapter.kind)

    def broken(*_: object, **__: object) -> None:
        raise fault("surprise")

    monkeypatch.setattr(kind, "params", broken)
    with adapter.serve(lambda _: adapter.ok()) as server:
        done = cli(
            "run", "Say it.", "-m", adapter.typed(server.url), "-t", "0,1", "-n", "2", "--logprobs", "0"
        )
        assert server.asked == []
    assert done.code == 1
    (line,) = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert f"{adapter.module}.{adapter.kind}" in line
    assert fault.__name__ in line
    assert "surprise" in line
