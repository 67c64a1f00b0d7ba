"""The view against a stored copy, and the sentences against the numbers they speak of."""

import dataclasses
import json
import os
from pathlib import Path

import pytest
from report_sample import Run, completion, run_facts

from tempkit.report import view
from tempkit.report.tokens import unpack
from tempkit.types import ModelSpec, SampleKey, SamplingParams

GOLDEN = Path(__file__).parent / "golden" / "hand_view.json"


def test_the_view_is_as_stored(hand: Run) -> None:
    """`TEMPKIT_UPDATE_GOLDEN=1 pytest` stores it anew; look at the difference before committing it."""
    seen = view(hand.comparison)
    seen["blocks"] = {name: unpack(packed) for name, packed in seen["blocks"].items()}
    text = json.dumps(seen, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if os.environ.get("TEMPKIT_UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def sentences(run: Run) -> list[str]:
    return [
        sentence.replace("\u00a0", " ")
        for case in view(run.comparison)["use_cases"]
        for section in case["sections"]
        for sentence in section["sentences"]
    ]


def test_sentences_by_hand(hand: Run) -> None:
    assert sentences(hand) == [
        "Facts found: 83 % at T = 0 (2 items, 6 whole answers), 25 % at T = 1 (2 items, 3 whole answers).",
        "With the answers cut off at T = 1 counted as far as they went, at least 58 % (5 answers).",
        "Different texts among an item's answers: 50 % at T = 0, 100 % at T = 1, on average.",
        (
            "Mean entropy went from 0.92 nats per token at T = 0 to 2.58 at T = 1 (of the model's own distribution, "
            "before temperature is applied)."
        ),
        "Cut off at the token limit: 2 of 11 answers, all at T = 1.",
        "Failed: 1 of 12 samples, all at T = 1.",
    ]


def test_answers_are_counted_when_every_cell_has_as_many(hand: Run) -> None:
    more = completion(SampleKey("p/port", "scripted:x", 1.0, 2), "8080", tokens=hand.completions[-1].tokens)
    full = dataclasses.replace(hand, completions=(*hand.completions, more), failures=())
    assert (
        "Asked 3 times per item, the model gave 1.5 different answers on average at T = 0 and a different answer every "
        "time at T = 1."
    ) in sentences(full)


def test_no_scored_answer_at_the_highest_temperature_is_said(hand: Run) -> None:
    cut = tuple(
        dataclasses.replace(c, finish_reason="length") if c.key.temperature == 1 else c
        for c in hand.completions
    )
    told = sentences(dataclasses.replace(hand, completions=cut))
    assert told[0] == "Facts found: 83 % at T = 0 (2 items, 6 whole answers)."
    assert (
        told[1]
        == "At T = 1 no answer was whole; as far as they went, they held 58 % of the facts (5 answers)."
    )


def test_one_temperature_and_no_answers(hand: Run) -> None:
    plan = dataclasses.replace(hand.plan, temperatures=(0.0,))
    cold = tuple(c for c in hand.completions if c.key.temperature == 0)
    single = dataclasses.replace(hand, plan=plan, completions=cold, failures=())
    assert not [sentence for sentence in sentences(single) if " went from " in sentence]
    assert "Mean entropy was 0.92 nats per token at T = 0 (of the model's own" in " ".join(sentences(single))
    nothing = dataclasses.replace(hand, completions=(), failures=())
    assert sentences(nothing) == ["No answer came back, so there is nothing to compare."]


def test_no_sentence_claims_more_than_was_seen(sample: Run) -> None:
    told = " ".join(sentences(sample)).lower()
    for word in ("significant", "better", "worse", "should", "recommend", "because", "interval", "±"):
        assert word not in told


def test_an_unfinished_run_says_so(hand: Run) -> None:
    part = dataclasses.replace(
        hand, completions=hand.completions[:4], facts=run_facts(12, status="interrupted")
    )
    banner = view(part.comparison)["banner"]
    assert banner.startswith("7 of 12 samples have not been drawn (status: interrupted).")
    assert view(hand.comparison)["banner"] is None


def test_charts_and_tables_agree(sample: Run) -> None:
    for case in view(sample.comparison)["use_cases"]:
        for section in case["sections"]:
            shown = {
                (row["temperature"], figure["text"])
                for row in section["table"]["rows"]
                for figure in row["figures"]
            }
            for chart in section["charts"]:
                drawn = [row for row in chart["rows"] if row["i"] is None]
                assert drawn
                assert {(f"{row['t']:g}", row["d"]) for row in drawn} <= shown


def test_axes_are_shared_by_the_whole_page(sample: Run) -> None:
    page = view(sample.comparison)
    charts = [
        chart for case in page["use_cases"] for section in case["sections"] for chart in section["charts"]
    ]
    for chart in charts:
        low, high = page["domains"][chart["spec"]]
        assert all(low <= row["v"] <= high for row in chart["rows"])


def test_a_models_colour_is_the_same_everywhere(sample: Run) -> None:
    colours: dict[str, set[int]] = {}
    for case in view(sample.comparison)["use_cases"]:
        for section in case["sections"]:
            colours.setdefault(section["model"], set()).add(section["series"])
    assert colours == {"gguf:smollm2": {1}, "lab server": {2}}


def test_the_method_holds_what_a_repeat_needs_and_no_secret(sample: Run) -> None:
    method = view(sample.comparison)["method"]
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
    plain = " ".join(view(hand.comparison)["method"]["caveats"])
    assert words not in plain
    changed = dataclasses.replace(hand, plan=dataclasses.replace(hand.plan, **change))  # type: ignore[arg-type]
    assert words in " ".join(view(changed.comparison)["method"]["caveats"])
