"""What comes back from other machines, read: a corpus of answers with the right reading of each, and the same answers damaged."""

import copy
import json
import math
from collections import Counter
from typing import Any

import pytest
from answer_corpus import READERS, Case, cases, read_as, spells
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.backends.remote import Answer, RequestError
from tempkit.backends.remote.model_session import ModelSession, Share, completion
from tempkit.planning.experiment import parse_model
from tempkit.softmax.probabilities import known_logprob
from tempkit.types import Capabilities, SampleKey

CASES = cases()
OF: dict[str, list[Case]] = {of: [case for case in CASES if case.of == of] for of in READERS}


def test_the_corpus_is_large_and_of_all_adapters() -> None:
    assert len(CASES) >= 120
    assert len({case.name for case in CASES}) == len(CASES)
    assert min(Counter(case.of for case in CASES).values()) >= 6
    assert {case.of for case in CASES} == set(READERS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_answer_is_read_as_it_should_be(case: Case) -> None:
    right = case.right
    if "fails" in right:
        with pytest.raises(RequestError) as caught:
            case.read()
        assert caught.value.kind == right["fails"], caught.value.message
        assert right.get("mentions", "") in caught.value.message
        assert "\n" not in caught.value.message
        return
    answer = case.read()
    assert [as_told(choice) for choice in answer.choices] == [
        {"tokens": [], "thinking": None, "thinking_tokens": None, **known(told)} for told in right["says"]
    ]
    assert [answer.input_tokens, answer.output_tokens] == right.get("counts", [None, None])
    for choice, told in zip(answer.choices, right["says"], strict=True):
        if "top" in told:
            assert [[list(pair) for pair in token.top] for token in choice.tokens] == told["top"]
    assert spells(answer)


def as_told(choice: Any) -> dict[str, Any]:
    return {
        "text": choice.text,
        "end": choice.finish_reason,
        "tokens": [[token.text, token.logprob, token.rank] for token in choice.tokens],
        "thinking": choice.thinking,
        "thinking_tokens": choice.thinking_tokens,
    }


def known(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "top"}


def sound(of: str, content: bytes) -> Answer | None:
    """Read an answer, whatever it is; check what holds of all that can be read, and return it."""
    try:
        answer = read_as(of, content)
    except RequestError as e:
        said = e.message
    else:
        said = ""
    if said:
        assert "\n" not in said
        assert len(said) < 1000
        return None
    assert spells(answer)
    for count in (answer.input_tokens, answer.output_tokens):
        assert count is None or 0 <= count < 2**31
    for choice in answer.choices:
        assert isinstance(choice.text, str)
        assert choice.thinking_tokens is None or choice.thinking_tokens >= 0
        for token in choice.tokens:
            values = [value for _, value in token.top]
            assert values == sorted(values, reverse=True)
            for value in (*values, *([token.logprob] if token.logprob is not None else [])):
                assert known_logprob(value)
                assert math.isfinite(value)
            assert token.rank is None or 0 <= token.rank < len(token.top)
    return answer


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.sampled_from([0, -1, 7, 2**31, 2**63, 1e308, -1e308, math.nan, math.inf, -math.inf, 0.5, -0.5]),
    st.text(max_size=6),
    st.sampled_from(
        ["", "stop", "error", "\ud83e", "�", "<think>", "</think>", "<|im_end|>", "\0", "▁", "<0xC3>"]
    ),
    st.lists(st.one_of(st.integers(-1, 300), st.text(max_size=3), st.none()), max_size=3),
    st.dictionaries(
        st.sampled_from(["type", "text", "content", "message", "error", "code", "token", "a"]),
        st.one_of(st.text(max_size=4), st.integers(), st.lists(st.text(max_size=2), max_size=2)),
        max_size=3,
    ),
)


def places(body: Any) -> list[tuple[Any, Any]]:
    """Return every place in a body, as its container and its key there."""
    found, waiting = [], [body]
    while waiting:
        each = waiting.pop()
        keys = range(len(each)) if isinstance(each, list) else each if isinstance(each, dict) else ()
        for key in keys:
            found.append((each, key))
            waiting.append(each[key])
    return found


def nested(value: Any, depth: int, *, in_list: bool) -> Any:
    for _ in range(depth):
        value = [value] if in_list else {"content": value}
    return value


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw an answer of the corpus with fields dropped, replaced, swapped, doubled or nested, perhaps cut or with bytes exchanged."""
    case = draw(st.sampled_from(CASES))
    body = copy.deepcopy(case.body)
    for _ in range(draw(st.integers(0, 4))):
        at = places(body)
        if not at:
            break
        within, key = draw(st.sampled_from(at))
        how = draw(st.sampled_from(["drop", "replace", "replace", "swap", "nest", "double", "text"]))
        if how == "drop":
            del within[key]
        elif how == "replace":
            within[key] = draw(ODD)
        elif how == "swap":
            other, there = draw(st.sampled_from(at))
            within[key] = copy.deepcopy(other[there])
        elif how == "nest":
            within[key] = nested(
                within[key], draw(st.sampled_from([1, 2, 5, 40])), in_list=draw(st.booleans())
            )
        elif how == "double" and isinstance(within, list):
            within.insert(key, copy.deepcopy(within[key]))
        else:
            within[key] = json.dumps(within[key])
    content = json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 3)) == 0 and content:
        cut = draw(st.integers(0, len(content)))
        content = content[:cut] + draw(st.binary(max_size=3)) + content[cut + draw(st.integers(0, 3)) :]
    if draw(st.integers(0, 5)) == 0:
        content = content[: draw(st.integers(0, len(content)))]
    return case.of, content


@given(damaged())
@settings(max_examples=1500)
def test_whatever_is_done_to_an_answer_it_is_read_rightly_or_an_error(made: tuple[str, bytes]) -> None:
    sound(*made)


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=40))
def test_bytes_of_any_kind(of: str, content: bytes) -> None:
    sound(of, content)


@pytest.mark.parametrize("of", sorted(READERS))
@pytest.mark.parametrize("opening", ["[", '{"a":', '{"choices":[', '{"content":[', '{"error":', '{"error":['])
def test_depth_without_end_is_an_error_of_its_own(of: str, opening: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_as(of, opening.encode() * (200_000 // len(opening)))
    assert caught.value.kind == "bad_answer"


@pytest.mark.parametrize("of", sorted(READERS))
def test_what_is_deep_beside_an_answer_does_not_cost_it(of: str) -> None:
    """As deep as can be read at all."""
    for case in OF[of]:
        if "says" in case.right and isinstance(case.body, dict):
            content = json.dumps({**case.body, "more": nested(1, 100, in_list=True)}).encode()
            assert read_as(of, content) == case.read(), case.name


@given(st.sampled_from([case for case in OF["chat"] if "says" in case.right and case.body]), st.data())
@settings(max_examples=300)
def test_a_broken_choice_takes_no_other_with_it(case: Case, data: st.DataObject) -> None:
    body = case.body
    other = {"message": {"content": "other"}, "finish_reason": "stop"}
    broken = data.draw(ODD.filter(lambda value: not isinstance(value, dict)))
    at = data.draw(st.integers(0, len(body["choices"])))
    body["choices"].insert(at, broken)
    body["choices"].append(other)
    texts = [choice.text for choice in read_as("chat", json.dumps(body).encode()).choices]
    assert texts == [*(told["text"] for told in case.right["says"]), "other"]


TEXTS = st.text(
    st.one_of(st.sampled_from("ab é是🧎\u0301ſ…\n"), st.characters(exclude_categories=["Cs"])), max_size=12
)


@given(TEXTS, st.data())
@settings(max_examples=500)
def test_a_text_in_any_pieces_has_all_of_its_tokens(text: str, data: st.DataObject) -> None:
    """Cut at any bytes, and told in any of the ways that servers have for that."""
    whole = text.encode()
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(whole) - 1)), max_size=8))) if whole else []
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True) if whole[a:b]]
    way = data.draw(st.sampled_from(["bytes", "spelled", "empty", "replaced"]))
    listed = []
    for i, piece in enumerate(pieces):
        token: dict[str, Any] = {"logprob": -0.5}
        if way == "bytes":
            token |= {"token": piece.decode("utf-8", "replace"), "bytes": list(piece)}
        elif way == "spelled":
            token["token"] = piece.decode("utf-8", "backslashreplace")
        elif way == "empty":
            before = b"".join(pieces[:i]).decode("utf-8", "ignore")
            token["token"] = (b"".join(pieces[: i + 1]).decode("utf-8", "ignore")).removeprefix(before)
        else:
            token["token"] = piece.decode("utf-8", "replace")
        listed.append(token)
    body = {
        "choices": [{"message": {"content": text}, "finish_reason": "stop", "logprobs": {"content": listed}}]
    }
    answer = sound("chat", json.dumps(body).encode())
    assert answer is not None
    tokens = answer.choices[0].tokens
    if way == "bytes" or (way == "empty" and "\\x" not in text) or tokens:
        assert len(tokens) == len(pieces)


@pytest.mark.parametrize(
    ("listed", "left"),
    [
        (["<think>", "hm", "</think>", "\n\n", "Blue", "."], ["Blue", "."]),
        (["<think>", "hm", "</think>", "\n\nBlue", "."], ["Blue", "."]),
        (["<think>", "hm", "</think>Blue", "."], ["Blue", "."]),
        (["<think>hm</think>Blue."], ["Blue."]),
    ],
)
def test_thoughts_inside_the_text_leave_the_tokens_of_the_answer(listed: list[str], left: list[str]) -> None:
    tokens = [{"token": token, "logprob": -0.5} for token in listed]
    body = {
        "choices": [
            {
                "message": {"content": "".join(listed)},
                "finish_reason": "stop",
                "logprobs": {"content": tokens},
            }
        ]
    }
    answer = read_as("chat", json.dumps(body).encode())
    model = parse_model("openai:m", options={"base_url": "http://127.0.0.1:9/v1"})
    session = ModelSession(Capabilities(logprob_kind="raw"), model, 1)
    made = completion(session, Share({}, answer), SampleKey("p/0", "m", 0.0, 0), None, answer.choices[0])
    assert (made.text, made.thinking, [token.text for token in made.tokens]) == ("Blue.", "hm", left)
