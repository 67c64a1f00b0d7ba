"""The parts that sentences are made of: bounds that stay bounds, margins as they were set, and what entropy alone says."""

from dataclasses import replace

import pytest
from situations import SITUATIONS

from tempkit.analysis.turn import EntropyAt, SectionTurn, TurnStatus
from tempkit.decision.prose import could_cost, words
from tempkit.decision.prose.amounts import bound, bounds, joined, percent, questions, threshold
from tempkit.decision.prose.entropy import by_entropy
from tempkit.decision.result import TemperatureResult
from tempkit.i18n.languages import language


@pytest.mark.parametrize(
    ("value", "unit", "most", "least"),
    [
        (0.05, "share", "5 points", "5 points"),
        (0.0501, "share", "6 points", "5 points"),
        (0.29, "share", "29 points", "29 points"),  # 28.999999999999996 in binary
        (0.01, "share", "1 point", "1 point"),
        (0.004, "share", "0.4 points", "0.4 points"),
        (0.0, "share", "0 points", "0 points"),
        (1.83, "ideas", "1.9 ideas", "1.8 ideas"),
        (0.02, "ideas", "0.02 ideas", "0.02 ideas"),
        (1.234, "nats", "1.24 nats", "1.23 nats"),
        (0.004, "distance", "0.004", "0.004"),
        (2.0e-7, "", "2e−07", "2e−07"),
        (3.21e9, "", "3.21e+09", "3.21e+09"),
    ],
)  # fmt: skip
def test_a_bound_is_rounded_to_the_safe_side(value: float, unit: str, most: str, least: str) -> None:
    assert (bound(value, unit), bound(value, unit, least=True)) == (most, least)


def test_both_ends_of_a_range_are_rounded_outwards_and_the_unit_is_said_once() -> None:
    assert bounds(0.094, 0.301, "share") == "9 to 31 points"
    assert bounds(0.52, 7.58, "ideas") == "0.5 to 7.6 ideas"
    with language("es"):
        assert bounds(0.52, 7.58, "ideas") == "0,5 a 7,6 ideas"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1.0, "ideas", "1 idea"),
        (1.5, "ideas", "1.5 ideas"),
        (0.05, "share", "5 points"),
        (0.025, "share", "2.5 points"),
        (0.07, "share", "7 points"),  # 7.000000000000001 in binary
        (1.0, "nats", "1 nat"),
        (0.05, "distance", "0.05"),
    ],
)
def test_a_margin_is_said_as_it_was_set(value: float, unit: str, said: str) -> None:
    assert threshold(value, unit) == said


def test_something_is_never_said_to_be_nothing_or_everything() -> None:
    assert [percent(x) for x in (0.0, 0.001, 0.5, 0.999, 1.0)] == [
        *("0 %", "less than 1 %", "50 %", "more than 99 %", "100 %")
    ]


def test_counts_and_lists() -> None:
    assert [questions(n) for n in (1, 2, 12_000)] == ["1 question", "2 questions", "12\u202f000 questions"]
    assert [joined(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    with language("es"):
        assert joined(["a", "b", "c"]) == "a, b y c"


def cost(lower: float | None, upper: float | None, place: str = "open") -> str:
    found = SITUATIONS["likely"].temperatures[0]
    row: TemperatureResult = replace(found, regret_lower=lower, regret_upper=upper, place=place)  # type: ignore[arg-type]
    return could_cost(row, "ideas")


def test_what_a_temperature_could_cost_fits_a_cell() -> None:
    assert [cost(0.5, 7.6), cost(0.0, 4.7), cost(0.0, 0.0), cost(None, None)] == [
        *("0.5 to 7.6 ideas", "up to 4.7 ideas", "nothing", "unknown")
    ]
    assert [cost(None, None, place) for place in ("ruled_out", "not_measured")] == ["–", "–"]
    with language("es"):
        assert [cost(0.0, 4.7), cost(0.0, 0.0), cost(None, None)] == [
            "hasta 4,7 ideas",
            "nada",
            "se desconoce",
        ]


def turn(status: TurnStatus, temperature: float | None, low: float | None, high: float | None) -> SectionTurn:
    return SectionTurn(
        status=status,
        temperature=temperature,
        possible=(0.8, 0.9),
        low=low,
        high=high,
        share_found=1.0,
        level=0.95,
        items=8,
        entropies=(EntropyAt(temperature=0.5, least=0.1, most=0.1, items=8),),
        left_out=(0.0,),
        why_missing=None,
    )


def test_entropy_alone_is_told_with_what_it_is_worth() -> None:
    first, note = by_entropy(turn("found", 0.9, 0.8, 1.0))
    assert first == (
        "By the tokens' entropy alone (TURN, arXiv 2502.05234) the temperature would be 0.9 (95 % interval over 8 questions: "
        "0.8 to 1)."
    )
    assert "knows nothing of the quality of answers" in note
    assert (
        "without an interval: that needs at least 5 questions"
        in by_entropy(turn("found", 0.9, None, None))[0]
    )
    assert "anything from 0.8 to 0.9" in by_entropy(turn("open", None, None, None))[0]
    with language("es"):
        assert (
            "la temperatura sería 0,9 (intervalo del 95 % con 8 preguntas: de 0,8 a 1)"
            in by_entropy(turn("found", 0.9, 0.8, 1.0))[0]
        )


@pytest.mark.parametrize("status", ["none", "too few temperatures", "too few items", "not known"])
def test_entropy_that_has_no_answer_is_no_news(status: TurnStatus) -> None:
    assert by_entropy(turn(status, None, None, None)) == ()


def test_entropy_alone_is_further_evidence_and_no_reason() -> None:
    found = replace(SITUATIONS["likely"], turn=turn("found", 0.9, 0.8, 1.0))
    said = words(found, "run")
    assert any("entropy alone" in sentence for sentence in said.more)
    assert not any("entropy" in sentence for sentence in (*said.first, *said.because, *said.risk, *said.next))
