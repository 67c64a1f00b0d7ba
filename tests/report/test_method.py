"""What a run took and what is missing from it: said with how much it is of, and never as more than is known."""

import dataclasses
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from report_sample import Run
from report_visit import Visit

from tempkit.report import view
from tempkit.report.tables.costs import chain, of_run
from tempkit.types import ModelSpec, SamplingParams

Open = Callable[..., Visit]


def facts(run: Run, place: int = 0) -> dict[str, str]:
    return dict(view([run.study])["method"][0]["models"][place]["facts"])


def with_completions(run: Run, **changes: object) -> Run:
    return dataclasses.replace(
        run, completions=tuple(dataclasses.replace(c, **changes) for c in run.completions)  # type: ignore[arg-type]
    )  # fmt: skip


def test_what_is_not_known_is_not_zero(hand: Run) -> None:
    told = facts(with_completions(hand, input_tokens=None, latency_s=None))
    assert told["Cost"] == "not known"
    assert "Tokens" not in told
    assert "Time for an answer" not in told


def test_sums_say_how_many_answers_they_are_of(hand: Run) -> None:
    first, *others = hand.completions
    some = dataclasses.replace(
        hand, completions=(dataclasses.replace(first, cost_usd=0.25, latency_s=1.5), *others)
    )
    told = facts(some)
    assert told["Cost"] == "0.2500 USD for 1 of 11 answers; that of the others is not known"
    assert told["Tokens"] == "440 in, 22 out, of 11 answers"
    assert told["Time for an answer"] == "half within 0.50 s, 95 % within 1.00 s, of 11 answers"
    assert facts(with_completions(hand, cost_usd=0.5))["Cost"] == "5.5000 USD for 11 answers"


@pytest.mark.parametrize(
    ("seconds", "told"), [(42, "42 s"), (130, "2 min 10 s"), (3 * 3600 + 90, "3 h 1 min")]
)
def test_the_time_from_start_to_finish(hand: Run, seconds: int, told: str) -> None:
    run = hand.facts
    done = dataclasses.replace(run, finished_at=run.created_at + timedelta(seconds=seconds))
    rows = dict(of_run(dataclasses.replace(hand, facts=done).comparison))
    assert rows["From start to finish"] == told
    assert "From start to finish" not in dict(of_run(hand.comparison))


def test_the_sampler_chain_of_a_local_model(sample: Run) -> None:
    local, remote = sample.comparison.models
    told = chain(local, sample.plan)
    assert (
        told
        == "logits, temperature, softmax, top_k, top_p, min_p, draw; in this run none of the three removes any token"
    )
    cut = dataclasses.replace(sample.plan, sampling={"x": SamplingParams(top_p=0.9, min_p=0.05)})
    assert chain(local, cut).endswith("; in this run top_p, min_p removed tokens")
    assert local.info is not None
    early = dataclasses.replace(local.info, details={"truncate_first": True})
    assert chain(dataclasses.replace(local, info=early), cut).startswith(
        "logits, top_k, top_p, min_p, temperature"
    )
    assert "does not say in which order" in chain(remote, sample.plan)
    imported = dataclasses.replace(local, spec=ModelSpec(backend="scripted", name="x", label="x"))
    assert "does not say in which order" in chain(imported, sample.plan)


def test_missing_values_are_counted_by_reason(hand: Run) -> None:
    measures = {m["name"]: m for m in view([hand.study])["method"][0]["measures"]}
    assert measures["fact_recall"]["left_out"] == {
        "sum": "2 of 11 values are missing",
        "by": ["p, scripted:x: 2 of 11 (truncated at max_tokens: 2)"],
    }
    assert measures["facts_returned"]["left_out"] is None
    assert measures["semantic_entropy"]["source"].startswith("Kuhn et al. 2023")


def test_measures_without_any_value_are_named(hand: Run) -> None:
    missing = dict(view([hand.study])["method"][0]["not_taken"])
    assert missing["Distinct words"] == "its answers have too few words to compare: 4"
    assert all(missing.values())
    shown = {m["title"] for m in view([hand.study])["method"][0]["measures"]}
    assert not shown & set(missing)


def test_the_page_says_all_of_it(visit: Open, sample_page: Path, sample: Run) -> None:
    seen = visit(sample_page)
    method = seen.page.locator("#method")
    expect(method.locator("h2")).to_have_text("Method and data")
    expect(method).to_contain_text("Sampler chain")
    expect(method).to_contain_text("Source: Kuhn et al. 2023")
    left_out = method.locator(".missing-values").first
    left_out.locator("summary").press("Enter")
    expect(left_out.locator("li").first).to_contain_text("truncated at max_tokens")
    assert "sha256:9d43d9a7b1c2f0a6" in json.dumps(view([sample.study])["method"])
