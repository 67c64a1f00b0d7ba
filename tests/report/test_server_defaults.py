"""What the method section says of a server's own defaults."""

from dataclasses import replace
from typing import Any

import pytest
from report_sample import Run

from tempkit.report import view
from tempkit.types import ModelInfo

KEPT: dict[str, Any] = {
    "engine": "x",
    "sent_neutral": {"repeat_penalty": 1.0, "samplers": ["top_k", "temperature"], "logit_bias": {}},
    "server_defaults": {"top_k": 5, "repeat_penalty": 1.9},
}


def seen(hand: Run, details: dict[str, Any]) -> tuple[dict[str, str], str, str]:
    """Return the facts of the first model, its name and all caveats."""
    label = hand.plan.models[0].label
    changed = replace(hand, infos={label: ModelInfo(details=details)})
    method = view([changed.study])["method"][0]
    (model,) = (each for each in method["models"] if each["label"] == label)
    return dict(model["facts"]), label, " ".join(method["caveats"])


def test_what_was_sent_and_what_would_have_applied_stand_side_by_side(hand: Run) -> None:
    facts, _, caveats = seen(hand, KEPT)
    assert (
        facts["Sent so that the server's own values do not apply"]
        == 'repeat_penalty = 1, samplers = ["top_k", "temperature"], logit_bias = none'
    )
    said = "What the server says it fills in where nothing is sent"
    assert facts[said] == "top_k = 5, repeat_penalty = 1.9"
    assert facts["engine"] == "x"
    assert facts["Sampler chain"] == "logits, top_k, temperature, softmax, draw: the order that was sent"
    assert not any("." in name and name.startswith(("sent_neutral", "server_defaults")) for name in facts)
    assert "fills in by itself" not in caveats
    assert "values of its own" not in caveats


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"other_defaults": "unknown"},
            "%s: what this server fills in by itself, beside the parameters that were sent, is not known.",
        ),
        (
            {"not_sent": ["a_new_one", "temperature"]},  # requests held the second
            "%s: its server may put in values of its own for parameters that were not sent: a_new_one.",
        ),
    ],
)
def test_what_is_not_known_is_said(hand: Run, more: dict[str, Any], sentence: str) -> None:
    _, label, caveats = seen(hand, {**KEPT, **more})
    assert sentence % label in caveats
