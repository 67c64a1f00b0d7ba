"""What a server's list of models says of when one ends; the list is a server's text, so it may be anything."""

import asyncio
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.http_script import Answer, ScriptedServer, chat

from tempkit.backends.openai import OpenAIBackend
from tempkit.backends.openai.answers import read_answer
from tempkit.backends.openai.model_list import shutdown_date_in
from tempkit.planning import parse_model
from tempkit.types import ModelInfo


def listed(*entries: object) -> bytes:
    return json.dumps({"object": "list", "data": list(entries)}).encode()


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        ([{"id": "m", "shutdown_date": "2027-01-14"}], date(2027, 1, 14)),  # OpenAI's
        (
            [{"id": "m", "deprecation": "2027-01-14T12:00:00Z", "aliases": ["m-latest"]}],
            date(2027, 1, 14),
        ),  # Mistral's
        ([{"id": "x", "deprecation": "2027-01-14T23:30:00-05:00", "aliases": ["m"]}], date(2027, 1, 15)),
        ([{"id": "m", "expiration_date": "2027-01-14"}], date(2027, 1, 14)),  # OpenRouter's
        ([{"id": "m", "shutdown_date": None}], None),
        ([{"id": "m"}], None),
        ([{"id": "other", "shutdown_date": "2027-01-14"}], None),
        ([{"id": "m", "shutdown_date": "soon"}], None),
        ([{"id": "m", "shutdown_date": "0001-01-01T00:00:00+14:00"}], None),
        ([{"id": "m", "shutdown_date": "9999-12-31T23:59:59-14:00"}], None),
        ([{"id": "m", "shutdown_date": 20270114}], None),
        ([{"id": "m", "shutdown_date": ["2027-01-14"]}], None),
        ([None, 3, "m", {"id": "m", "shutdown_date": "2027-01-14"}], date(2027, 1, 14)),
        ([{"id": ["m"], "aliases": "m", "shutdown_date": "2027-01-14"}], None),
    ],
)
def test_the_date_is_that_of_the_model(entries: list[object], wanted: date | None) -> None:
    assert shutdown_date_in(listed(*entries), "m") == wanted


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
        lambda x: json.dumps({"data": x}).encode()
    )
)
def test_no_list_is_too_odd(content: bytes) -> None:
    assert shutdown_date_in(content, "m") is None


@pytest.mark.parametrize(
    ("models", "wanted"),
    [
        (Answer({"data": [{"id": "gpt-4.1", "shutdown_date": "2027-01-14"}]}), "2027-01-14"),
        (Answer({"data": []}), None),
        (Answer("<html>", status=404), None),
        (Answer("no list"), None),
    ],
)
def test_it_is_among_what_is_found_of_a_model(
    http_script: ScriptedServer, models: Answer, wanted: str | None
) -> None:
    http_script.models = models

    async def found() -> ModelInfo:
        backend = OpenAIBackend(concurrency=1)
        try:
            return await backend.prepare(parse_model(f"openai:gpt-4.1,base_url={http_script.base_url}"))
        finally:
            await backend.close()

    assert asyncio.run(found()).details.get("shutdown_date") == wanted


def test_the_server_that_a_router_passed_a_request_on_to_is_part_of_the_fingerprint() -> None:
    def fingerprint(**changes: object) -> str | None:
        return read_answer(json.dumps(chat(**changes).body).encode()).fingerprint

    assert fingerprint(provider="DeepInfra", system_fingerprint=None) == "provider DeepInfra"
    assert fingerprint(provider="DeepInfra") == "provider DeepInfra, fp_1"
    assert fingerprint() == "fp_1"
    assert fingerprint(provider={"odd": 1}) == "fp_1"
    assert fingerprint(system_fingerprint=None) is None
