"""How much of what a server sends is taken, whatever it claims and however it is packed, in every adapter."""

import gzip
import resource
import zlib

import pytest
from every_adapter import ADAPTERS, EVERY, Adapter, answered, failed, sweep
from servers.deciding import Asked, Given

pytestmark = pytest.mark.usefixtures("quick_and_clean")

MIB = 2**20


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@EVERY
@pytest.mark.parametrize("status", [400, 403, 429, 500])
def test_of_an_error_only_the_beginning_is_read(adapter: Adapter, status: int) -> None:
    content = b'{"error":{"message":"oops"}}'.ljust(100 * MIB)
    with adapter.serve(lambda _: Given(content, status)) as server:
        outcomes = sweep(
            adapter, server, tuple(f"Number {i}?" for i in range(8)), (0.5,), repeat=1, attempts=1
        )
        assert len(failed(outcomes)) == 8
        assert server.sent < 8 * 20 * MIB  # of 800: what the sockets had taken already


PACKED = {
    "gzip": lambda content: gzip.compress(content, 9),
    "deflate": lambda content: zlib.compress(content, 9),
}


@EVERY
@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("status", [200, 400])
def test_what_unpacks_to_far_more_than_was_asked_for_is_one_samples_failure(
    adapter: Adapter, packing: str, status: int
) -> None:
    content = PACKED[packing](b'{"x":"' + b"a" * 250 * MIB)
    assert len(content) < MIB

    def decide(asked: Asked) -> Given:
        if b"lava" in asked.content:
            return Given(content, status, {"Content-Encoding": packing})
        return adapter.ok()

    before = peak()
    with adapter.serve(decide) as server:
        outcomes = sweep(adapter, server, ("Tell me.", "Tell me of lava."), (0.5,), repeat=1)
    assert peak() - before < 120 * MIB
    assert len(answered(outcomes)) == 1
    (failure,) = failed(outcomes)
    if status == 200:
        assert failure.kind == "bad_answer"
        assert "nothing so long was asked for" in failure.message


@EVERY
def test_an_answer_that_is_packed_is_unpacked(adapter: Adapter) -> None:
    for packing, pack in PACKED.items():
        whole = adapter.ok("x" * 200_000).whole.partition(b"\r\n\r\n")[2]
        with adapter.serve(
            lambda _, packing=packing, pack=pack, whole=whole: Given(
                pack(whole), 200, {"Content-Encoding": packing}
            )
        ) as server:
            (outcome,) = answered(sweep(adapter, server, ("Tell me.",), (0.5,), repeat=1))
        assert outcome.text == "x" * 200_000


@EVERY
@pytest.mark.parametrize("fault", ["cut", "no gzip", "unknown"])
def test_an_answer_that_cannot_be_unpacked_is_one_samples_failure(adapter: Adapter, fault: str) -> None:
    whole = gzip.compress(adapter.ok("x" * 200_000).whole.partition(b"\r\n\r\n")[2])
    content = {"cut": whole[:-20], "no gzip": b"hello", "unknown": whole}[fault]
    headers = {"Content-Encoding": "zstd" if fault == "unknown" else "gzip"}
    with adapter.serve(lambda _: Given(content, 200, headers)) as server:
        (failure,) = failed(sweep(adapter, server, ("Tell me.",), (0.5,), repeat=1, attempts=2))
    assert failure.kind in ("bad_answer", "connection")


def test_a_long_answer_that_was_asked_for_is_taken() -> None:
    """Four million characters: 16 tokens cannot be so long, but a server may think before it answers."""
    adapter = ADAPTERS[0]
    with adapter.serve(lambda _: adapter.ok("x" * 4_000_000)) as server:
        (outcome,) = answered(sweep(adapter, server, ("Tell me.",), (0.5,), repeat=1))
    assert len(outcome.text) == 4_000_000


@EVERY
@pytest.mark.parametrize("charset", ["rot13", "hex", "base64", "idna", "undefined", "utf-16", "iso-8859-1"])
def test_json_is_read_as_utf_8_whatever_is_said_of_it(adapter: Adapter, charset: str) -> None:
    kind = {"Content-Type": f"application/json; charset={charset}"}

    def decide(asked: Asked) -> Given:
        if b"lava" in asked.content:
            return Given(b'{"error":{"message":"not today"}}', 429, kind)
        good = adapter.ok("caf\u00e9")
        return Given(good.body, good.status, kind)

    with adapter.serve(decide) as server:
        outcomes = sweep(adapter, server, ("Tell me.", "Tell me of lava."), (0.5,), repeat=1, attempts=1)
    (failure,) = failed(outcomes)
    assert (failure.kind, "not today" in failure.message) == ("rate_limit", True)
    assert [each.text for each in answered(outcomes)] == ["caf\u00e9"]
