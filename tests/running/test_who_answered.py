"""Who answered: what is said of it at once, what at the end, and when nothing more is asked."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.planning import parse_model
from tempkit.running.shutdown_dates import ends_of, shutdown_date
from tempkit.running.who_answered import Answerer, Answerers, Watcher, watching
from tempkit.store import AnsweredBy
from tempkit.types import Completion, Failure, ModelInfo, Plan, SampleKey

ASKED = "openai:gpt-4.1-mini"
DATED = "gpt-4.1-mini-2025-04-14"


def answer(
    name: str | None = DATED,
    fingerprint: str | None = None,
    *,
    temperature: float = 0.0,
    label: str = ASKED,
    sent: float | None = None,
) -> Completion:
    return Completion(
        key=SampleKey("i", label, temperature, 0),
        seed=None,
        text="x",
        finish_reason="stop",
        temperature_sent=temperature if sent is None else sent,
        params={},
        response_model=name,
        fingerprint=fingerprint,
    )


def watcher(*before: AnsweredBy, model: str = ASKED, allowed: tuple[str, ...] = ()) -> Watcher:
    return Watcher([parse_model(model)], {}, before, allowed)


def said(watch: Watcher, *answers: Completion) -> list[str]:
    return [line for each in answers for line in watch.add(each)]


def stored(n: int, name: str = DATED, fingerprint: str | None = None, temperature: float = 0.0) -> AnsweredBy:
    return AnsweredBy(
        prompt="p", model=ASKED, temperature=temperature, name=name, fingerprint=fingerprint, n=n
    )


def test_one_model_in_one_state_is_nothing_to_speak_of() -> None:
    watch = watcher()
    answers = [answer(fingerprint="fp_1", temperature=t) for t in (0.0, 1.0) for _ in range(40)]
    assert said(watch, *answers) == []
    assert said(watch, answer(None), answer(DATED.upper()), answer(f"openai/{DATED}")) == []
    assert list(watch.notes()) == []
    assert watch.stops is None


def test_another_model_is_said_once_with_both_names_and_counted_at_the_end() -> None:
    watch = watcher()
    other = "gpt-4.1-nano-2025-04-14"
    lines = said(watch, answer(), *[answer(other, temperature=1.0)] * 3, answer(other))
    assert lines == [
        f"warning: {ASKED} is answered by {other}, which is not gpt-4.1-mini",
        f"warning: {ASKED} changed: it answers as {other} now, and answered as {DATED} before",
    ]
    assert list(watch.notes()) == [
        f"warning: in this run {ASKED} answered as {other} (4 answers: 1 at 0, 3 at 1) and {DATED} (1 answer: 1 at 0)"
    ]
    assert watch.stops is None  # it honours the temperature


def test_all_answers_by_another_model_are_said_at_the_end_too() -> None:
    watch = watcher()
    said(watch, *[answer("gpt-4o-2024-08-06")] * 3)
    assert list(watch.notes()) == [
        f"warning: all answers of {ASKED} that say whose they are (3) are by gpt-4o-2024-08-06"
    ]


def test_a_changed_fingerprint_is_said_once() -> None:
    watch = watcher()
    lines = said(
        watch, answer(fingerprint="fp_1"), *[answer(fingerprint="fp_2"), answer(fingerprint="fp_1")] * 5
    )
    assert lines == [f"warning: {ASKED} changed: its fingerprint is fp_2 now, and was fp_1 before"]
    (note,) = watch.notes()
    assert "fp_1 (6 answers: 6 at 0) and fp_2 (5 answers: 5 at 0)" in note


def test_what_earlier_calls_stored_counts_too() -> None:
    watch = watcher(stored(30, fingerprint="fp_1"), stored(20, fingerprint="fp_1", temperature=1.0))
    assert list(watch.notes()) == []  # nothing came of this call
    assert len(said(watch, answer(fingerprint="fp_2"))) == 1
    (note,) = watch.notes()
    assert "fp_1 (50 answers: 30 at 0, 20 at 1) and fp_2 (1 answer: 1 at 0)" in note
    assert said(watcher(stored(1)), answer("gpt-4.1-mini-2026-02-01")) == [
        f"warning: {ASKED} changed: it answers as gpt-4.1-mini-2026-02-01 now, and answered as {DATED} before"
    ]


def test_what_an_earlier_call_said_is_not_said_again_in_every_round() -> None:
    other = "gpt-4o-2024-08-06"
    watch = watcher(stored(20), stored(5, other))
    assert said(watch, answer(other), answer(), answer(other)) == []
    assert list(watch.notes()) == []
    still = watcher(stored(20), stored(5, "gpt-5-2025-08-07"))
    assert said(still, answer("gpt-5-2025-08-07")) == []
    assert still.stops is not None


def test_another_snapshot_than_the_one_asked_for_is_said() -> None:
    model = f"openai:{DATED}"
    watch = watcher(model=model)
    (line,) = said(watch, *[answer("gpt-4.1-mini-2026-02-01", label=model)] * 2)
    assert line == f"warning: {model} is answered by gpt-4.1-mini-2026-02-01, another snapshot than {DATED}"


@pytest.mark.parametrize(
    ("model", "other", "temperature", "does"),
    [
        ("google:gemini-2.5-flash", "gemini-3.8-flash", 0.0, "ignores"),
        (ASKED, "gpt-5-2025-08-07", 0.0, "rejects"),
        (ASKED, "gpt-5-2025-08-07", 1.0, None),  # the one temperature that it takes
        (ASKED, "gpt-4o", 0.0, None),
    ],
)
def test_nothing_more_is_asked_of_one_that_the_temperature_does_nothing_to(
    model: str, other: str, temperature: float, does: str | None
) -> None:
    watch = watcher(model=model)
    said(watch, answer(other, temperature=temperature, label=model))
    if does is None:
        assert watch.stops is None
    else:
        assert watch.stops is not None
        assert watch.stops.startswith(f"{model} is answered by {other}, which {does} the temperature (")
        assert ";" not in watch.stops
    allowed = watcher(model=model, allowed=(model,))
    assert said(allowed, answer(other, temperature=temperature, label=model))
    assert allowed.stops is None


def test_who_may_ignore_the_temperature_may_be_led_to_another_that_does() -> None:
    model = parse_model("google:gemini-2.5-flash")
    plan = Plan(name="p", prompts=(), models=(model,), temperatures=(0.0,), repeat=1, seed=0, sampling={})
    for info, every, stops in (
        ({}, False, True),
        ({"temperature": "ignored"}, False, False),
        ({}, True, False),
    ):
        watch = watching(plan, {model.label: ModelInfo(details=info)}, (), every=every)
        said(watch, answer("gemini-3.8-flash", label=model.label))
        assert (watch.stops is not None) == stops


def test_failures_say_nothing() -> None:
    watch = watcher()
    failed = Failure(key=SampleKey("i", ASKED, 0.0, 0), kind="server", message="no")
    assert list(watch.add(failed)) == []
    assert list(watch.notes()) == []


def test_what_a_server_calls_itself_is_shown_in_one_short_line_without_commands() -> None:
    watch = watcher(model="openai:gpt-4.1-mini")
    lines = said(watch, answer("\x1b[2Jevil\n" * 200, "\x1b]0;x\x07" * 90), answer(DATED, "fp"))
    for line in [*lines, *watch.notes()]:
        assert line.isprintable()
        assert len(line) < 500


@given(
    st.lists(
        st.tuples(
            st.text(max_size=8) | st.none(), st.text(max_size=8) | st.none(), st.sampled_from([0.0, 1.0])
        ),
        max_size=40,
    )
)
def test_every_answer_is_counted(answers: list[tuple[str | None, str | None, float]]) -> None:
    seen, watch = Answerers(parse_model(ASKED)), watcher()
    for name, fingerprint, temperature in answers:
        seen.add(Answerer(name, fingerprint), temperature)
        list(watch.add(answer(name, fingerprint, temperature=temperature)))
    assert seen.whole == len(answers)
    assert sum(by.total() for by in seen.names().values()) == sum(name is not None for name, _, _ in answers)
    list(watch.notes())


def test_a_server_that_makes_up_a_fingerprint_for_every_answer_tells_nothing_by_it() -> None:
    seen = Answerers(parse_model(ASKED))
    for number in range(10_000):
        seen.add(Answerer(DATED, f"fp_{number}"), 0.0)
        assert len(seen.counts) <= 201
    assert seen.whole == 10_000
    assert seen.changed is None
    few = Answerers(parse_model(ASKED))
    for number in range(30):
        few.add(Answerer(DATED, f"fp_{number % 4}"), 0.0)
    assert few.changed == "fingerprint"


def info(ends: object) -> dict[str, ModelInfo]:
    return {"m": ModelInfo(details={} if ends is None else {"shutdown_date": ends})}


@pytest.mark.parametrize(
    ("today", "when"),
    [
        (date(2026, 12, 1), "in 44 days"),
        (date(2027, 1, 13), "in 1 day,"),
        (date(2027, 1, 14), "today"),
        (date(2027, 2, 1), "which is past"),
    ],
)
def test_a_model_that_ends_is_said_before_anything_is_asked(today: date, when: str) -> None:
    (line,) = ends_of(info("2027-01-14"), today=today)
    assert line.startswith("warning: m is switched off on 2027-01-14")
    assert when in line


def test_what_was_known_when_the_run_began_is_not_said_again() -> None:
    assert list(ends_of(info("2027-01-14"), info("2027-01-14"))) == []
    assert len(list(ends_of(info("2027-01-14"), info(None)))) == 1
    assert list(ends_of(info(None))) == []
    assert shutdown_date(None) is None
    assert shutdown_date(info("next spring")["m"]) is None
    assert shutdown_date(info(20270114)["m"]) is None
