"""Which model is better, in words: three sentences for a use case at most, in English and in Spanish."""

from dataclasses import replace

import pytest
from decisions_by_hand import CHECKS, decision, row

from tempkit.decision.prose import between_models
from tempkit.decision.result import Decision, Rival
from tempkit.i18n.languages import language


def model(name: str, pick: float | None, *rivals: Rival, **more: object) -> Decision:
    made = decision(
        row(0.0, 0.9, 0.02, "within"),
        row(0.7, 0.9, 0.02, "within"),
        pick=pick,
        grade="shown",
        **{**CHECKS, **more},
    )  # type: ignore[arg-type]
    return replace(made, model=name, rivals=rivals)


def rival(
    name: str, pick: float | None, difference: float, low: float | None, high: float | None, verdict: str
) -> Rival:
    return Rival(model=name, pick=pick, difference=difference, low=low, high=high, verdict=verdict, n=13)  # type: ignore[arg-type]


BETTER = [
    model("a:big", 0.0, rival("b:small", 0.7, 0.12, 0.04, 0.21, "better")),
    model("b:small", 0.7, rival("a:big", 0.0, -0.12, -0.21, -0.04, "worse")),
]
ALIKE_AND_OPEN = [
    model(
        "a:big",
        0.0,
        rival("b:small", 0.7, 0.01, -0.03, 0.04, "alike"),
        rival("c:old", None, 0.05, None, None, "unknown"),
    ),
    model(
        "b:small",
        0.7,
        rival("a:big", 0.0, -0.01, -0.04, 0.03, "alike"),
        rival("c:old", None, 0.0, None, None, "unknown"),
    ),
    model(
        "c:old",
        None,
        rival("a:big", 0.0, -0.05, None, None, "unknown"),
        rival("b:small", 0.7, 0.0, None, None, "unknown"),
    ),
]
BETTER_THAN_TWO = [
    model(
        "a:big",
        0.0,
        rival("b:small", 0.7, 0.12, 0.047, 0.21, "better"),
        rival("c:old", 0.0, 0.3, 0.2, 0.4, "better"),
    ),
]

SAID = [
    (
        BETTER,
        ["a:big at 0 is better than b:small at 0.7, by 4 to 21 points, each at its own temperature."],
        [
            "a:big con T = 0 es mejor que b:small con T = 0,7, por 4 a 21 puntos, cada uno con su propia temperatura."
        ],
    ),
    (
        ALIKE_AND_OPEN,
        [
            "a:big at 0 is within 5 points of b:small at 0.7.",
            "Whether a:big at 0 is better than c:old is not settled.",
        ],
        [
            "a:big con T = 0 está a 5 puntos o menos de b:small con T = 0,7.",
            "Aún no se sabe si a:big con T = 0 es mejor que c:old.",
        ],
    ),
    (
        BETTER_THAN_TWO,
        [
            "a:big at 0 is better than b:small at 0.7 and c:old at 0, by at least 4 points, each at its own temperature.",
        ],
        [
            "a:big con T = 0 es mejor que b:small con T = 0,7 y c:old con T = 0, por al menos 4 puntos, cada uno con su propia temperatura."
        ],
    ),
]


@pytest.mark.parametrize(
    ("found", "english", "spanish"), SAID, ids=["better", "alike and open", "better than two"]
)
def test_models_are_compared_at_their_own_temperatures(
    found: list[Decision], english: list[str], spanish: list[str]
) -> None:
    assert between_models(found) == english
    with language("es"):
        assert between_models(found) == spanish


def test_use_cases_are_named_where_there_are_several() -> None:
    other = [replace(each, use_case="chatbot", section="chatbot") for each in BETTER]
    said = between_models([*BETTER, *other])
    assert [sentence.split(":")[0] for sentence in said] == ["For Extraction", "For Extraction"]


def test_one_model_alone_and_models_without_a_pick_are_not_compared() -> None:
    assert between_models([model("a:big", 0.0)]) == []
    assert between_models([model("a:big", None, rival("b:small", 0.7, 0.1, None, None, "unknown"))]) == []
    assert between_models([]) == []
