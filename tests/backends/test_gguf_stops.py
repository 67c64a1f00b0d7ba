"""Stop texts in the local engine, counted in bytes: tokens are pieces of characters as often as they are words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.backends.gguf.stream import Stream
from tempkit.planning.experiment import parse_model
from tempkit.testing import make_sweeps, run_all
from tempkit.text.token_bytes import bytes_of
from tempkit.types import Completion, Item, ModelSpec, Sample, SamplingParams, Sweep, TokenLogprob

MODEL = parse_model("gguf:smollm2")
SCRIPTS = "Write the words good morning in Chinese, Japanese and Arabic."


def drawn(pieces: list[bytes], *stops: str, max_tokens: int = 100, begun: str = "") -> Completion:
    """Return what a sample becomes whose tokens are these."""
    sweep = Sweep(
        item=Item(key="p/a", prompt="p", messages=()),
        model=ModelSpec(backend="gguf", name="m", label="m"),
        sampling=SamplingParams(max_tokens=max_tokens, stop=stops, logprobs=3),
        samples=(Sample(1.0, 0, 1),),
    )
    stream = Stream(sweep, sweep.samples[0], 5, 10_000, begun)
    for piece in pieces:
        token = TokenLogprob(piece.decode("utf-8", "backslashreplace"), -1.0)
        if (reason := stream.add(piece, token)) is not None:
            return stream.completion(reason, truncate_first=False)
    return stream.completion("stop", truncate_first=False)


def spelled(completion: Completion) -> bytes:
    return b"".join(bytes_of(token.text) for token in completion.tokens)


SHI = "是".encode()
CASES: dict[str, tuple[list[bytes], tuple[str, ...], str, int]] = {
    "a character of three tokens": ([b"Blue", SHI[:1], SHI[1:2], SHI[2:], b" odd"], ("是",), "Blue", 1),
    "after bytes that are no text": ([b"\xff", b"\xfe", b"Blue", SHI], ("是",), "��Blue", 3),
    "bytes of no text alone": ([b"\xff", b"\xfe", b"\xfd", b"END"], ("END",), "���", 3),
    "across tokens": ([b"Blue", b" E", b"N", b"D", b"!"], ("END",), "Blue ", 2),
    "inside one token": ([b"Blue", b" is END and"], ("END",), "Blue is ", 2),
    "at the first token": ([b"END", b"Blue"], ("END",), "", 0),
    "in the first token": ([b"an END", b"Blue"], ("END",), "an ", 1),
    "several, the first to begin": ([b"a", b"bc", b"d"], ("cd", "bcd", "d"), "a", 1),
    "several, the first to end": ([b"a", b"b", b"c", b"d"], ("bcd", "c"), "ab", 2),
    "one that never comes": ([b"a", b"b"], ("c",), "ab", 2),
    "a character that only begins as one": ([SHI[:2], b"\xb0"], ("是",), "昰", 2),
    "tokens of no text before it": ([b"a", b"", b"END"], ("END",), "a", 2),
    "of four bytes": ([b"a", *(bytes([b]) for b in "🧎".encode())], ("🧎",), "a", 1),
    "a half pair": ([b"a", b"b"], ("\ud83e",), "ab", 2),
}


@pytest.mark.parametrize("case", CASES)
def test_a_stop_text_leaves_what_came_before_it(case: str) -> None:
    pieces, stops, text, kept = CASES[case]
    completion = drawn(pieces, *stops)
    assert (completion.text, len(completion.tokens), completion.finish_reason) == (text, kept, "stop")


def test_a_limit_in_the_middle_of_a_character_keeps_its_bytes() -> None:
    completion = drawn([b"Blue", SHI[:1], SHI[1:]], "是", max_tokens=2)
    assert (completion.text, completion.finish_reason) == ("Blue\N{REPLACEMENT CHARACTER}", "length")
    assert [token.text for token in completion.tokens] == ["Blue", "\\xe6"]


def test_a_stop_text_at_the_limit_is_a_stop() -> None:
    assert drawn([b"Blue", b"END"], "END", max_tokens=2).finish_reason == "stop"


PIECES = st.lists(
    st.one_of(st.binary(max_size=4), st.sampled_from(["是", "a", "END", "🧎", "é"]).map(str.encode)),
    max_size=12,
)
STOPS = st.lists(st.text(st.sampled_from("是aEND🧎é"), min_size=1, max_size=3), max_size=3)


@given(PIECES, STOPS)
def test_text_and_tokens_agree_by_bytes_and_nothing_before_the_stop_is_lost(
    pieces: list[bytes], stops: list[str]
) -> None:
    completion = drawn(pieces, *stops)
    whole = b"".join(pieces)
    ends = [b"".join(pieces[: i + 1]) for i in range(len(pieces))]
    # What a reader of the whole would do: the first token after which a stop text is there, and then where it begins.
    at = next((i for i, seen in enumerate(ends) if any(stop.encode() in seen for stop in stops)), None)
    if at is None:
        assert completion.text == whole.decode("utf-8", "replace")
        assert len(completion.tokens) == len(pieces)
        return
    end = min(ends[at].index(stop.encode()) for stop in stops if stop.encode() in ends[at])
    assert completion.text == whole[:end].decode("utf-8", "replace")
    assert completion.output_tokens == at + 1
    starts = [len(seen) - len(piece) for seen, piece in zip(ends, pieces, strict=True)]
    before = sum(start < end for start in starts[: at + 1])
    assert len(completion.tokens) >= before
    assert all(not pieces[i] for i in range(before, len(completion.tokens)))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), st.data())
def test_cut_into_any_bytes_a_text_stops_at_the_same_place(text: str, data: st.DataObject) -> None:
    stop = data.draw(st.sampled_from(text))
    whole = text.encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole)))))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    completion = drawn(pieces, stop)
    assert completion.text == text[: text.index(stop)]
    assert spelled(completion).startswith(completion.text.encode())


def test_thoughts_that_the_prompt_began_are_apart_with_their_tokens() -> None:
    pieces = [b"hm", b"</think>", b"\n\n", b"Blue", b"."]
    completion = drawn(pieces, begun="<think>")
    assert (completion.text, completion.thinking, completion.thinking_tokens) == ("Blue.", "hm", 3)
    assert [token.text for token in completion.tokens] == ["Blue", "."]
    cut = drawn([b"hm", b" so"], max_tokens=2, begun="<think>")
    assert (cut.text, cut.thinking, cut.finish_reason, cut.tokens) == ("", "hm so", "length", ())


@pytest.mark.engine
@pytest.mark.one_core
class TestOfTheRealModel:
    """Hot answers in scripts of which its vocabulary has bytes only."""

    @staticmethod
    def answers(*stop: str) -> list[Completion]:
        sampling = SamplingParams(max_tokens=24, logprobs=3, stop=stop)
        outcomes, _ = run_all(make_sweeps(MODEL, sampling, (0.0, 1.2), 4, (SCRIPTS,)))
        done = [o for o in outcomes if isinstance(o, Completion)]
        assert len(done) == len(outcomes)
        return sorted(done, key=lambda c: c.key)

    def test_every_token_before_the_stop_is_stored_and_spells_the_text(self) -> None:
        whole = self.answers()
        beyond = "".join(sorted({c for each in whole for c in each.text if ord(c) > 127 and c != "�"}))
        assert beyond, "no answer with a character of several tokens"
        assert any("\\x" in t.text for each in whole for t in each.tokens)
        stops = (beyond[0], beyond[-1], "morning")
        cut = self.answers(*stops)
        assert any(len(a.tokens) < len(b.tokens) for a, b in zip(cut, whole, strict=True))
        for short, long in zip(cut, whole, strict=True):
            assert short.tokens == long.tokens[: len(short.tokens)]
            data, full = spelled(short), spelled(long)
            found = [full.find(stop.encode()) for stop in stops]
            ended = short.output_tokens != long.output_tokens or min(found) >= 0
            end = min((at for at in found if at >= 0), default=len(full)) if ended else len(full)
            assert short.text == full[:end].decode("utf-8", "replace")
            assert len(data) >= end
            last = bytes_of(short.tokens[-1].text) if short.tokens else b""
            assert len(data) - len(last) <= end
