"""What progress promises: counts, tokens, and a time left that is not 0 while there is work."""

import io

import pytest

from tempkit.planning.experiment import Experiment, build_plan, parse_model
from tempkit.running.display.live import LiveProgress
from tempkit.running.display.progress import PlainProgress
from tempkit.running.display.tally import Tally, duration
from tempkit.types import Completion, FinishReason, Plan, SampleKey, SamplingParams

MODEL = "scripted:words"


def plan(repeat: int, *temperatures: float, max_tokens: int = 100) -> Plan:
    return build_plan(
        Experiment(
            prompts=("Say it.",),
            models=(parse_model(MODEL),),
            temperatures=temperatures,
            repeat=repeat,
            sampling={"max_tokens": max_tokens},
        )
    )


def ended(temperature: float, replicate: int, tokens: int, why: FinishReason = "stop") -> Completion:
    return Completion(
        key=SampleKey("inline-1/1", MODEL, temperature, replicate),
        seed=0,
        text="",
        finish_reason=why,
        temperature_sent=temperature,
        params={},
        output_tokens=tokens,
    )


@pytest.fixture
def tally(monkeypatch: pytest.MonkeyPatch) -> Tally:
    """Ten samples under way at once for ten seconds; the shortest half has ended."""
    tally = Tally(plan(10, 0.7), ())
    monkeypatch.setattr("time.monotonic", lambda: tally.started + 10)
    cell = tally.cells[MODEL, 0.7]
    cell.tokens = 10 * 50
    for replicate in range(5):
        tally.add(ended(0.7, replicate, 20))
        cell.tokens -= 30
    return tally


def test_nothing_is_promised_before_anything_has_ended() -> None:
    tally = Tally(plan(2, 0.7), ())
    tally.cells[MODEL, 0.7].tokens = 5
    assert tally.seconds_left() is None


def test_those_under_way_longer_than_the_others_took_still_take_time(tally: Tally) -> None:
    left = tally.seconds_left()
    assert left is not None
    # 5 samples at 50 of at most 100 tokens, 35 tokens/s.
    assert left == pytest.approx(5 * 50 / 35)


def test_at_the_limit_nothing_is_left(tally: Tally) -> None:
    tally.cells[MODEL, 0.7].tokens += 5 * 50
    assert tally.seconds_left() == pytest.approx(0)


def test_where_no_answer_ends_by_itself_all_run_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    tally = Tally(plan(4, 1.6), ())
    monkeypatch.setattr("time.monotonic", lambda: tally.started + 10)
    tally.cells[MODEL, 1.6].tokens = 200
    tally.add(ended(1.6, 0, 100, "length"))
    assert tally.seconds_left() == pytest.approx((3 * 100 - 100) / 20)


def test_requests_are_as_long_as_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a remote model nothing is heard before an answer has come."""
    tally = Tally(plan(10, 0.7), ())
    monkeypatch.setattr("time.monotonic", lambda: tally.started + 10)
    for replicate in range(5):
        tally.cells[MODEL, 0.7].tokens += 40
        tally.add(ended(0.7, replicate, 40))
    assert tally.seconds_left() == pytest.approx(10)


def test_plain_lines() -> None:
    out = io.StringIO()
    progress = PlainProgress(out)
    made = plan(2, 0, max_tokens=SamplingParams().max_tokens)
    progress.begin(made, ())
    progress.tokens(MODEL, 0, 3)
    progress.outcome(ended(0, 0, 3))
    progress.end()
    first, last = out.getvalue().splitlines()
    assert first == "2 samples planned"
    assert last.startswith("1/2 samples in ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59, "59 s"), (60, "1 min 00 s"), (3599, "59 min 59 s"), (7260, "2 h 01 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_batch_that_stands_still_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    progress = PlainProgress(out)
    progress.begin(plan(1, 0.7), ())
    for done in (0, 0, 0, 120, 120):
        progress.batch("tk1", f"batch msgbatch_1 in_progress {done}/800")
        progress.batch("tk2", "batch msgbatch_2 in_progress 0/800")
    lines = out.getvalue().splitlines()[1:]
    assert lines == [
        "batch msgbatch_1 in_progress 0/800",
        "batch msgbatch_2 in_progress 0/800",
        "batch msgbatch_1 in_progress 120/800",
    ]


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120])
def test_the_live_table_folds_names_and_never_shortens_numbers(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    out = io.StringIO()
    progress = LiveProgress(out)
    progress.begin(plan(12, 0.25, 1.75), ())
    progress.end()
    for temperature in ("0.25", "1.75"):
        assert any(f" {temperature} " in line and " 0/12" in line for line in out.getvalue().splitlines())


def test_the_live_table_shows_how_batches_stand() -> None:
    out = io.StringIO()
    progress = LiveProgress(out)
    progress.begin(plan(1, 0.7), ())
    progress.batch("tk1", "batch msgbatch_1 in_progress 0/800")
    progress.batch("tk1", "batch msgbatch_1 in_progress 120/800, ends by 2026-11-25 03:00")
    progress.end()
    assert "batch msgbatch_1 in_progress 120/800, ends by" in out.getvalue()
