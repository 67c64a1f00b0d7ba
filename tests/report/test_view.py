"""The view against a stored copy, and the sentences against the numbers they speak of."""

import dataclasses
import json
import os
from pathlib import Path

import pytest
from report_sample import Run, run_facts

from tempkit.report import view
from tempkit.report.tokens import unpack
from tempkit.types import ModelSpec, SamplingParams

GOLDEN = Path(__file__).parent / "golden" / "hand_view.json"


def test_the_view_is_as_stored(hand: Run) -> None:
    """`TEMPKIT_UPDATE_GOLDEN=1 pytest` stores it anew; look at the difference before committing it."""
    seen = view([hand.study])
    seen["blocks"] = {name: unpack(packed) for name, packed in seen["blocks"].items()}
    text = json.dumps(seen, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if os.environ.get("TEMPKIT_UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert _rounded(text) == _rounded(GOLDEN.read_text(encoding="utf-8"))


def _rounded(text: str) -> object:
    """Return JSON with twelve digits of each number: processors differ in the last bits of long sums."""
    return json.loads(text, parse_float=lambda number: float(f"{float(number):.12g}"))


def sentences(run: Run) -> list[str]:
    return [
        sentence.replace("\u00a0", " ")
        for case in view([run.study])["use_cases"]
        for section in case["sections"]
        for sentence in section["sentences"]
    ]


def test_sentences_by_hand(hand: Run) -> None:
    assert sentences(hand) == [
        "Cut off at the token limit: 2 of 11 answers, all at T = 1.",
        "Failed: 1 of 12 samples, all at T = 1.",
    ]
    nothing = dataclasses.replace(hand, completions=(), failures=())
    assert sentences(nothing) == ["No answer came back, so there is nothing to compare."]


def test_an_unfinished_run_says_so(hand: Run) -> None:
    part = dataclasses.replace(
        hand, completions=hand.completions[:4], facts=run_facts(12, status="interrupted")
    )
    banner = view([part.study])["runs"][0]["banner"]
    assert banner.startswith("7 of 12 samples have not been drawn (status: interrupted).")
    assert view([hand.study])["runs"][0]["banner"] is None


def test_a_models_colour_is_the_same_everywhere(sample: Run) -> None:
    colours: dict[str, set[int]] = {}
    for case in view([sample.study])["use_cases"]:
        for section in case["sections"]:
            colours.setdefault(section["model"], set()).add(section["series"])
    assert colours == {"gguf:smollm2": {1}, "lab server": {2}}


def test_the_method_holds_what_a_repeat_needs_and_no_secret(sample: Run) -> None:
    method = view([sample.study])["method"][0]
    told = json.dumps(method)
    assert "sk-never-shown" not in told
    assert "hunter2" not in told
    assert "key=abc" not in told
    assert ["api_key", "not shown"] in json.loads(told)["models"][1]["facts"]
    assert ["base_url", "http://localhost:8000/v1"] in json.loads(told)["models"][1]["facts"]
    assert {name for name, _ in method["parameters"]} == {f.name for f in dataclasses.fields(SamplingParams)}
    assert "sha256:9d43d9a7b1c2f0a6" in told
    assert "engine.version" in told
    assert "packages.numpy" in told
    assert any("T\u00a0=\u00a00.2" in sentence for sentence in method["suggested"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sampling": {"p": SamplingParams(top_p=0.9)}}, "top_p = 0.9 also reshape"),
        (
            {
                "models": (
                    ModelSpec(backend="scripted", name="x", label="scripted:x"),
                    ModelSpec(backend="other", name="y", label="y"),
                )
            },
            "Two providers' T = 0 need not be the same",
        ),
    ],
)
def test_caveats_are_those_of_the_run(hand: Run, change: dict[str, object], words: str) -> None:
    plain = " ".join(view([hand.study])["method"][0]["caveats"])
    assert words not in plain
    changed = dataclasses.replace(hand, plan=dataclasses.replace(hand.plan, **change))  # type: ignore[arg-type]
    assert words in " ".join(view([changed.study])["method"][0]["caveats"])
