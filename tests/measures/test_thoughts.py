"""Thoughts inside a text: told apart from the answer, with the tokens, and only where they are."""

import time
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.text.thinking import split_thinking, split_tokens, without_thinking
from tempkit.text.token_bytes import bytes_of
from tempkit.types import Completion, SampleKey, TokenLogprob

THOUGHT = "Is it Canberra? No…"
KEY = SampleKey("p/a", "m", 0.0, 0)

MARKED = {
    "tag": "<think>\n{}\n</think>\n\n{}",
    "long tag": "<thinking>{}</thinking>\n{}",
    "capitals": "<THINK>\n{}\n</THINK>\n{}",
    "blanks before": "\n  <think>{}</think>{}",
    "an attribute": '<think effort="high">{}</think>\n{}',
    "another tag at the end": "<think>{}</thinking>\n{}",
    "reasoning": "<reasoning>\n{}\n</reasoning>\n{}",
    "thought": "<thought>{}</thought>\n{}",
    "seed": "<seed:think>{}</seed:think>{}",
    "brackets": "[THINK]{}[/THINK]{}",
    "command": "<|START_THINKING|>{}<|END_THINKING|><|START_RESPONSE|>{}<|END_RESPONSE|>",
    "solution": "<|begin_of_thought|>\n{}\n<|end_of_thought|>\n\n<|begin_of_solution|>\n{}<|end_of_solution|>",
    "kimi": "◁think▷{}◁/think▷{}",
    "unused": "<unused94>thought\n{}<unused95>{}",
    "channel": "<|channel|>analysis<|message|>{}<|end|><|start|>assistant<|channel|>final<|message|>{}",
    "channel with an end": "<|channel|>analysis<|message|>{}<|end|><|start|>assistant<|channel|>final<|message|>{}<|return|>",
    "channel without messages": "<|channel|>analysis\n{}\n<|channel|>final\n{}",
    "a channel's words": "analysis{}assistantfinal{}",
    "channel of another kind": "<|channel>thought\n{}<channel|>{}",
    "no beginning": "{}\n</think>\n\n{}",
    "no beginning, on a line": "{}</think>{}",
    "no beginning, brackets": "{}[/THINK]{}",
    "no beginning, a channel": "{}<|end|><|start|>assistant<|channel|>final<|message|>{}",
}

UNMARKED = (
    "",
    "Sydney.",
    "Put it between `<think>` and `</think>`.",
    "Reasoning models write:\n```\n<think>\nhm\n</think>\nSydney.\n```\nand so on.",
    "The closing tag is `</think>`, in backticks.",
    'The closing tag is "</think>", in quotes.',
    "In code:\n```xml\n</think>\n```\nis the end.",
    "`<think>hm</think>` is what such a model writes first.",
    "It writes <think> first, then </think>.",
    "analysis of the data: assistants finalise it",
    "A [/link] and a </b>, <|x|>",
    "<thinker>Rodin</thinker>",
)


def joined(text: str) -> str:
    parts = split_thinking(text)
    if parts is None:
        return text
    return f"{parts.opening}{parts.thinking}{parts.closing}{parts.answer}{parts.ending}"


def done(text: str, tokens: tuple[TokenLogprob, ...] = (), thinking: str | None = None) -> Completion:
    return Completion(
        key=KEY,
        seed=None,
        text=text,
        finish_reason="stop",
        temperature_sent=0.0,
        params={},
        tokens=tokens,
        logprob_kind="raw" if tokens else "none",
        thinking=thinking,
    )


def tokens_of(pieces: list[bytes]) -> tuple[TokenLogprob, ...]:
    return tuple(TokenLogprob(piece.decode("utf-8", "backslashreplace"), -1.0) for piece in pieces)


@pytest.mark.parametrize("kind", MARKED)
def test_thoughts_at_the_start_are_apart_whatever_their_marks(kind: str) -> None:
    text = MARKED[kind].format(THOUGHT, "Sydney.\n\nIt is large.")
    parts = split_thinking(text)
    assert parts is not None
    assert (parts.thinking, parts.answer) == (THOUGHT, "Sydney.\n\nIt is large.")
    assert joined(text) == text


@pytest.mark.parametrize(
    "kind", [kind for kind in MARKED if "no beginning" not in kind and "words" not in kind]
)
def test_thoughts_that_never_end_leave_no_answer(kind: str) -> None:
    text = MARKED[kind].partition("{}")[0] + THOUGHT
    parts = split_thinking(text)
    assert parts is not None
    assert (parts.thinking, parts.answer) == (THOUGHT, "")
    assert joined(text) == text


@pytest.mark.parametrize("text", UNMARKED)
def test_a_text_that_only_speaks_of_such_marks_stays_whole(text: str) -> None:
    assert split_thinking(text) is None
    completion = done(text, tokens_of([text.encode()]))
    assert without_thinking(completion) is completion


@pytest.mark.parametrize("text", UNMARKED)
def test_an_answer_that_speaks_of_such_marks_stays_whole_behind_thoughts(text: str) -> None:
    parts = split_thinking(f"<think>{THOUGHT}</think>{text}")
    assert parts is not None
    assert (parts.thinking, parts.answer) == (THOUGHT, text)


def test_what_thoughts_say_of_their_mark_in_quotes_does_not_end_them() -> None:
    parts = split_thinking("<think>They ask what `</think>` is.</think>\n\nIt ends thoughts.")
    assert parts is not None
    assert (parts.thinking, parts.answer) == ("They ask what `</think>` is.", "It ends thoughts.")
    headless = split_thinking(
        "They ask what `<think>` is, or:\n```\n</think>\n```\n</think>\n\nIt begins thoughts."
    )
    assert headless is not None
    assert headless.answer == "It begins thoughts."


def test_several_thoughts_in_a_row_are_one() -> None:
    parts = split_thinking("<think>a</think>\n<think>b</think>\nSydney.")
    assert parts is not None
    assert (parts.thinking, parts.answer) == ("a</think>\n<think>b", "Sydney.")


def test_thoughts_of_nothing_are_none_to_speak_of() -> None:
    parts = split_thinking("<think>\n\n</think>\n\nSydney.")
    assert parts is not None
    assert (parts.thinking, parts.answer) == ("", "Sydney.")


def test_code_keeps_what_it_is_indented_by() -> None:
    parts = split_thinking("<think>hm</think>\n\n    return 1\n")
    assert parts is not None
    assert parts.answer == "    return 1\n"


def test_thoughts_that_came_beside_the_text_stay_and_are_counted_once() -> None:
    both = without_thinking(
        done("<think>b</think>Sydney.", tokens_of([b"<think>b", b"</think>", b"Sydney", b"."]), "a")
    )
    assert (both.text, both.thinking, both.thinking_tokens) == ("Sydney.", "a\n\nb", 2)
    told = done("They write b</think>Sydney.", thinking="a")
    assert without_thinking(told) is told  # its server has taken its thoughts out: what is left is the answer


MARKS = st.sampled_from(
    [
        *(
            "<think>",
            "</think>",
            "<thinking>",
            "</thinking>",
            "[THINK]",
            "[/THINK]",
            "<|channel|>",
            "analysis",
        ),
        *(
            "final",
            "<|message|>",
            "<|end|>",
            "assistant",
            "<|return|>",
            "`",
            "```",
            '"',
            "\n",
            " ",
            "<",
            "</",
        ),
    ]
)
TEXTS = st.lists(st.one_of(MARKS, st.text(max_size=6)), max_size=12).map("".join)


@given(TEXTS)
def test_nothing_of_a_text_is_lost(text: str) -> None:
    assert joined(text) == text


@given(st.text(alphabet=st.characters(exclude_characters="<[◁"), max_size=60))
def test_a_text_without_marks_is_left_alone(text: str) -> None:
    completion = done(text)
    if not text.lower().lstrip().startswith("analysis"):
        assert without_thinking(completion) is completion


@given(
    st.sampled_from(sorted(MARKED)),
    st.text(st.characters(exclude_characters="<>[]◁▷`'\"|", exclude_categories=["Cs"]), max_size=20),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.data(),
)
def test_tokens_agree_with_the_text_wherever_they_are_cut(
    kind: str, thought: str, answer: str, data: st.DataObject
) -> None:
    """Cut anywhere, even inside of a character: what is left spells the answer, but for what its first token begins with."""
    text = MARKED[kind].format(thought, answer)
    whole = text.encode()
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(whole) - 1)), max_size=len(whole))))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    parts = split_thinking(text)
    if parts is None:
        return
    tokens = tokens_of(pieces)
    kept, count = split_tokens(tokens, parts)
    assert count is not None
    assert kept == tokens[count : count + len(kept)]
    before = len(f"{parts.opening}{parts.thinking}{parts.closing}".encode())
    ends = list(accumulate(map(len, pieces)))
    assert count == (len(tokens) if not parts.answer else sum(end <= before for end in ends))
    spelled = b"".join(bytes_of(token.text) for token in kept)
    if parts.answer:
        assert parts.answer.encode() in spelled
        first = bytes_of(kept[0].text)
        assert len(spelled) - len(parts.answer.encode()) - len(parts.ending.encode()) < len(first)


def test_tokens_of_no_text_go_with_the_character_they_are_parts_of() -> None:
    tokens = tuple(TokenLogprob(text, -1.0) for text in ("<think>", "hm", "</think>", "", "", "🧎", "."))
    kept = without_thinking(done("<think>hm</think>🧎.", tokens))
    assert [token.text for token in kept.tokens] == ["", "", "🧎", "."]
    assert kept.thinking_tokens == 3


def test_tokens_that_spell_another_text_are_the_answers_from_where_they_end_as_it_does() -> None:
    tokens = tokens_of([b"hm", b" so", b"Sydney", b"."])
    kept = without_thinking(done("<think>hm, so</think>Sydney.", tokens))
    assert [token.text for token in kept.tokens] == ["Sydney", "."]
    assert (kept.thinking_tokens, kept.logprob_kind) == (2, "raw")


def test_where_no_token_can_be_told_to_be_the_answers_none_is_kept() -> None:
    kept = without_thinking(done("<think>hm</think>Sydney.", tokens_of([b"some", b"thing"])))
    assert (kept.text, kept.tokens, kept.thinking_tokens, kept.logprob_kind) == ("Sydney.", (), None, "none")


@pytest.mark.parametrize(
    "text",
    [
        "<think>" * 100_000,
        "</think>" * 100_000,
        "<think>a</think>" * 50_000,
        "<think></thinking>" * 50_000,
        "<think>`</think>`" * 50_000,
        "`</think>` " * 80_000,
        "a</b" * 200_000,
        " " * 800_000,
        "<think>" + " " * 800_000,
        "analysis " * 100_000,
        "analysis\n" + "assistant " * 80_000,
        "<|channel|>" * 80_000,
        "<|channel|>analysis" + "<|end|>   " * 80_000,
        "<think>a</think>" + "<|end|>" * 100_000 + "x",
        "[THINK]" + "[/THINK" * 100_000,
        "<think " * 100_000,
    ],
    ids=lambda text: text[:16].strip() or "blanks",
)
def test_a_long_text_takes_no_longer_than_its_length_asks_for(text: str) -> None:
    start = time.process_time()
    assert joined(text) == text
    assert time.process_time() - start < 5  # a megabyte takes some 0.1 s; were it quadratic, hours
