"""A key that a provider's batch API repeats is in none of the outputs, whichever of its answers it is in."""

import json
import re
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from batch_client import ANTHROPIC, OPENAI, SAMPLES, Client
from every_adapter import ADAPTERS
from servers.deciding import Given
from test_canary import KEY, PLACES, commands, everywhere, is_in

STAGES = {
    "uploading": r"POST /v1/files",
    "creating": r"POST /v1/(messages/)?batches",
    "looking": r"GET /v1/(messages/)?batches/\w+",
    "listing": r"GET /v1/(messages/)?batches\?.*",
    "fetching": r"GET /v1/(files/[\w-]+/content|messages/batches/\w+/results)",
}


def _of_status(told: bytes) -> Given:
    """Put the key everywhere into a status but where it names what is to be asked for next."""
    kept = json.loads(told)
    odd = everywhere(kept)
    for name in (
        "id",
        "created_at",
        "expires_at",
        "processing_status",
        "output_file_id",
        "error_file_id",
        "metadata",
    ):
        if name in kept:
            odd[name] = kept[name]
    return Given({**odd, "errors": {"data": [{"code": KEY, "message": f"no, {KEY}", "line": 1}]}})


def _of_state(told: bytes) -> Given:
    return Given({**json.loads(told), "status": KEY, "processing_status": KEY})


def _failed(told: bytes) -> Given:
    errors = {"data": [{"code": KEY, "message": "x" * 140 + KEY, "line": 1}]}
    return Given({**json.loads(told), "status": "failed", "errors": errors, "output_file_id": None})


ANSWERS: dict[str, Callable[[bytes], Given]] = {
    **{
        name: lambda _, made=made: made(ADAPTERS[0])  # type: ignore[misc]
        for name, made in PLACES.items()
        if name not in ("an answer", "an error in an answer")
    },
    **{
        f"an error of status {status}": lambda _, status=status: Given(  # type: ignore[misc]
            {"type": "error", "error": {"type": KEY, "message": f"no, {KEY}", "param": KEY}},
            status,
            {"x-id": KEY},
        )
        for status in (403, 404, 409, 413, 429, 529)
    },
}
OF_STATUS = {"a state": _of_state, "a status": _of_status}


def line_with_key(model: str, number: int, line: bytes) -> bytes:
    """Return a result's line that holds the key, in a place by its number."""
    told: dict[str, Any] = json.loads(line)
    mine = "result" if model == ANTHROPIC else "response"
    fault = {"type": KEY, "code": KEY, "message": "x" * 190 + KEY, "param": KEY}
    errors: list[dict[str, Any]] = (
        [
            {"type": "errored", "error": {"type": "error", "error": fault}},
            {"type": "errored", "error": f"no, {KEY}"},
            {"type": KEY, "error": {"message": KEY}},
            {"type": "succeeded", "message": {"type": "error", "error": fault}},
            {"type": "succeeded", "message": f"no, {KEY}"},
            {"type": "succeeded", "message": {**told[mine].get("message", {}), "stop_reason": KEY}},
        ]
        if model == ANTHROPIC
        else [
            {"status_code": 400, "body": {"error": fault}},
            {"status_code": 429, "body": {"error": KEY}},
            {"status_code": 500, "body": f"no, {KEY}"},
            {"status_code": 401, "body": {"error": {"message": KEY, "code": KEY}}},
            {"status_code": 200, "body": {"error": fault}},
            {"status_code": 200, "body": f"no, {KEY}"},
        ]
    )
    if number < len(errors):
        told[mine] = errors[number]
    elif number == len(errors) and model != ANTHROPIC:
        told |= {mine: None, "error": fault}
    elif number == len(errors) + 1:
        told[mine] = KEY
    elif number == len(errors) + 2:
        return line.replace(b'"type"', b'"type" ' + KEY.encode())  # no JSON any more
    else:
        told = {**everywhere(told), "custom_id": told["custom_id"]}
        if model == ANTHROPIC:
            told[mine]["type"] = "succeeded"
    return json.dumps(told).encode()


def outputs(client: Client) -> list[str]:
    printed = []
    for command in commands():
        done = client(*command)
        printed += [done.out, done.err]
    return printed


def clean(client: Client, printed: list[str], *, told: bool = True) -> None:
    """Check that the key is nowhere, and, if it was told, that something stands in its place."""
    for path in client.folder.iterdir():
        assert not is_in(path.read_bytes()), path
    assert [line for text in printed for line in text.splitlines() if is_in(line.encode())] == []
    assert not told or "[key]" in "".join(printed)


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch, client: Client) -> Client:
    """The command line, with this key."""
    monkeypatch.setattr("servers.batches.KEY", KEY)
    client._env.update(client.server.env)
    return client


MODELS = pytest.mark.parametrize("model", [OPENAI, f"{OPENAI},api=responses", ANTHROPIC])


@pytest.mark.slow
# Nothing is uploaded at Anthropic; and of OpenAI's endpoints both are handed over and asked after alike.
@pytest.mark.parametrize(
    ("model", "stage"),
    [(OPENAI, stage) for stage in STAGES] + [(ANTHROPIC, stage) for stage in STAGES if stage != "uploading"],
)
def test_a_key_in_any_answer_on_the_way(keyed: Client, model: str, stage: str) -> None:
    """One answer after the other is replaced, over as many calls as that takes."""
    left: deque[Any] = deque({**ANSWERS, **(OF_STATUS if stage == "looking" else {})}.values())
    asked = re.compile(STAGES[stage])

    def instead(request: str, body: bytes) -> bytes | None:
        return left.popleft()(body).whole if left and asked.fullmatch(request) else None

    if stage == "creating":  # before the batch is taken: else it is found in the list
        left = keyed.server.creating
        left += [made(b"").whole for made in ANSWERS.values()]
    else:
        keyed.server.instead = instead
    if stage == "listing":
        keyed.server.creating.append("lost")
    done = keyed.run("--batch", models=(model,))
    assert (keyed.folder / "tempkit.db").exists(), done.err
    printed = [done.out, done.err]
    for _ in range(2 * len(ANSWERS)):
        if done.code == 0 and not left:
            break
        if stage == "listing" and done.code == 0:
            break
        done = keyed("run", "--resume", "r", "--retry-errors", "--batch")
        printed += [done.out, done.err]
    assert len(left) == 0, done.err
    assert done.code == 0, done.err
    for command in (("show", "r"), ("export", "r", "-o", "samples.jsonl")):
        done = keyed(*command)
        printed += [done.out, done.err]
    clean(keyed, printed)


@MODELS
def test_a_key_in_the_results(keyed: Client, model: str) -> None:
    numbers: dict[bytes, int] = {}

    def spoil(line: bytes) -> bytes:
        name = json.loads(line)["custom_id"]
        return line_with_key(model, numbers.setdefault(name, len(numbers)), line)

    keyed.server.spoil = spoil
    done = keyed.run("--batch", models=(model,))
    assert done.code == 3, done.err
    ((failures,),) = keyed.rows("select count(*) from failure")
    ((answers,),) = keyed.rows("select count(*) from completion")
    assert failures + answers == SAMPLES
    assert min(failures, answers) >= 5
    clean(keyed, [done.out, done.err, *outputs(keyed)])


@pytest.mark.parametrize("model", [OPENAI, f"{OPENAI},api=responses"])
def test_a_key_in_why_a_batch_failed(keyed: Client, model: str) -> None:
    asked = re.compile(STAGES["looking"])
    keyed.server.instead = lambda request, body: _failed(body).whole if asked.fullmatch(request) else None
    done = keyed.run("--batch", models=(model,))
    assert done.code == 3, done.err
    clean(keyed, [done.out, done.err, *outputs(keyed)])


@pytest.mark.parametrize(
    ("model", "stage"),
    [
        (OPENAI, "uploading"),
        *((model, stage) for model in (OPENAI, ANTHROPIC) for stage in ("creating", "listing")),
    ],
)
def test_a_key_as_the_name_of_what_was_made(keyed: Client, model: str, stage: str) -> None:
    """Such a batch could be asked for only by a name that must not be stored."""
    asked = re.compile(STAGES[stage])

    def instead(request: str, body: bytes) -> bytes | None:
        if not asked.fullmatch(request):
            return None
        told = json.loads(body)
        for each in told["data"] if stage == "listing" else [told]:
            keyed.server.files[f"batch-{KEY}"] = keyed.server.files.get(each["id"], b"")
            each["id"] = f"batch-{KEY}"
        return Given(told).whole

    keyed.server.instead = instead
    if stage == "listing":
        keyed.server.creating.append("lost")
    done = keyed.run("--batch", models=(model,))
    assert (done.code == 0) == (stage == "uploading")  # that name is not kept
    printed = [done.out, done.err]
    if stage == "creating":
        assert "repeats the key" in done.err
    for command in (("runs",), ("show", "r"), ("run", "--resume", "r")):
        done = keyed(*command)
        printed += [done.out, done.err]
    clean(keyed, printed, told=False)
