"""Settings beside temperature: what is read of them, which samples they get, and what a model recommends."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support import RECOMMENDING

from tempkit.adaptive import coarse_grid, designed, midpoints, sizes_of
from tempkit.backends import advice_for
from tempkit.decision import AS_THE_RUN_SAYS
from tempkit.errors import ExperimentError, ModelError, UsageError
from tempkit.planning import (
    Experiment,
    build_plan,
    check_plan,
    parse_arms,
    parse_model,
    read_experiment,
    sweeps,
)
from tempkit.planning import known_recommendation as recommendation
from tempkit.running import Limits, find_backends
from tempkit.types import Capabilities, Plan, SamplingParams

Write = Callable[[str, str], Path]

MODEL = parse_model("scripted:words")


def plan_of(*arms: str, **said: Any) -> Plan:
    given_ = {"prompts": ("Say hello.",), "models": (MODEL,), "temperatures": (0.0, 0.5), "repeat": 3, **said}
    return build_plan(Experiment(arms=arms, **given_))


@pytest.fixture
def recommended(write: Write, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have the capability table recommend something for the scripted model."""

    def put(values: str) -> None:
        path = write(f"table-{abs(hash(values))}.toml", RECOMMENDING % values)
        monkeypatch.setenv("TEMPKIT_CAPABILITIES", str(path))

    return put


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be recommended, or a temperature and what goes with it, as in 0.7,top_p=0.9"),
        ("recomended", "as in 0.7,top_p=0.9 (did you mean 'recommended'?)"),
        ("top_p=0.9", "must be recommended, or a temperature"),
        ("recommended,top_p=0.9", "recommended stands alone"),
        ("0.7", "sets nothing beside the temperature; name it with -t"),
        ("0:1:0.5,top_p=0.9", "temperature '0:1:0.5' is not a number"),
        ("-1,top_p=0.9", "temperature -1 is negative"),
        ("nan,top_p=0.9", "must be recommended, or a temperature"),
        ("0.7,top_p", "'top_p' must be a parameter and its value, as in top_p=0.9"),
        ("0.7,top_p=", "'top_p=' must be a parameter and its value"),
        ("0.7,top_p=2", "top_p must be a number above 0 and at most 1, not 2"),
        ("0.7,top_p=x", "top_p must be a number above 0 and at most 1, not 'x'"),
        ("0.7,top_k=1.5", "top_k must be a whole number of at least 0, not 1.5"),
        ("0.7,topp=0.9", "unknown sampling parameter 'topp' (did you mean 'top_p'?)"),
        ("1,reasoning_efort=low", "(did you mean 'reasoning_effort'?); known: top_p,"),
        (
            "1,reasoning_effort=Very High",
            "reasoning_effort must be a word such as low or high, not 'Very High'",
        ),
        ("1,reasoning_effort=low,reasoning_effort=high", "reasoning_effort is given twice"),
        ("0.7,top_p=0.9,top_p=0.8", "top_p is given twice"),
        ("0.7,max_tokens=5", "max_tokens is the same for all that is compared"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_arms([text])
    said = str(caught.value)
    assert said.startswith("--arm ")
    assert message in said
    assert "\n" not in said


def test_the_same_settings_twice_are_refused_however_they_are_written() -> None:
    with pytest.raises(UsageError, match=r"--arm '0.7,top_p=0.9' is given twice"):
        parse_arms(["0.7,top_p=0.9", "0.70, top_p=0.90"])


@given(
    temperature=st.integers(0, 400).map(lambda n: n / 100),
    top_p=st.none() | st.integers(1, 100).map(lambda n: n / 100),
    top_k=st.none() | st.integers(0, 1000),
    min_p=st.none() | st.integers(0, 100).map(lambda n: n / 100),
)
def test_what_is_written_is_what_is_sampled(
    temperature: float, top_p: float | None, top_k: int | None, min_p: float | None
) -> None:
    asked = {k: v for k, v in (("top_p", top_p), ("top_k", top_k), ("min_p", min_p)) if v is not None}
    assume(asked)
    (text,) = parse_arms([",".join([str(temperature), *(f"{k}={v}" for k, v in asked.items())])])
    assert parse_arms([text]) == (text,)
    plan = plan_of(text, sampling={"presence_penalty": 0.5, "top_p": 0.25})
    (label,) = plan.arms
    assert label == f"scripted:words @ {text}"
    assert plan.arms[label].temperature == temperature
    assert plan.sampling_of(label, "inline-1") == SamplingParams(
        **{"presence_penalty": 0.5, "top_p": 0.25, **asked}  # type: ignore[arg-type]
    )
    assert plan.sampling_of(MODEL.label, "inline-1") == SamplingParams(presence_penalty=0.5, top_p=0.25)


@given(
    grid=st.sets(st.integers(0, 8).map(lambda n: n / 4), min_size=1),
    at=st.lists(st.integers(0, 8).map(lambda n: n / 4), min_size=1, max_size=3, unique=True),
    repeat=st.integers(1, 4),
    models=st.integers(1, 2),
)
def test_an_arm_is_asked_at_its_own_temperature_and_no_other_model_there_for_its_sake(
    grid: set[float], at: list[float], repeat: int, models: int
) -> None:
    named = tuple(parse_model("scripted:words", f"m{n}") for n in range(models))
    plan = plan_of(
        *parse_arms([f"{t},top_k=5" for t in at]), models=named, temperatures=tuple(grid), repeat=repeat
    )
    assert plan.temperatures == tuple(sorted({*grid, *at}))
    for model in named:
        assert plan.asked_at(model.label) == plan.compared_at(model.label) == tuple(sorted(grid))
    assert len(plan.arms) == models * len(at)
    for label, arm in plan.arms.items():
        assert plan.asked_at(label) == plan.compared_at(label) == (arm.temperature,)
    assert plan.sample_count == models * repeat * (len(grid) + len(at))
    work = list(sweeps(plan))
    assert sum(len(sweep.samples) for sweep in work) == plan.sample_count
    drawn = {
        (sweep.model.label, sample.temperature, sample.replicate): sample.seed
        for sweep in work
        for sample in sweep.samples
    }
    for (label, temperature, replicate), seed in drawn.items():
        if label in plan.arms and temperature in grid:
            assert seed == drawn[plan.arms[label].of, temperature, replicate]
    for sweep in work:
        assert sweep.sampling.top_k == (5 if sweep.model.label in plan.arms else 0)


def test_the_first_round_of_a_choice_and_the_refinement_keep_an_arm_where_it_is() -> None:
    grid, finest = coarse_grid()
    full = plan_of("0.7,top_k=5", temperatures=grid)
    plan, _pool = designed(full, AS_THE_RUN_SAYS, finest=finest, repeat=None, samples=None, judged_by={})
    own, arm = sizes_of(plan, plan.prompts)
    assert sorted(own) == list(grid)
    assert list(arm) == [0.7]
    assert own[0.0] == arm[0.7]
    assert midpoints(sorted(arm), 0.7, finest=finest, excluded=()) == []
    assert midpoints(sorted(own), 0.8, finest=finest, excluded=()) == [0.6, 1.0]


def test_a_setting_that_the_model_cannot_honour_is_refused_before_anything_is_sent() -> None:
    plan = plan_of("0.7,top_k=5")
    can = {model.label: Capabilities(params=frozenset({"max_tokens"})) for model in plan.models}
    with pytest.raises(ModelError, match=r"scripted:words @ 0.7,top_k=5 cannot honour top_k=5"):
        check_plan(plan, can)
    low = {m.label: Capabilities(temperature_max=0.6, params=frozenset({"top_k"})) for m in plan.models}
    with pytest.raises(ModelError, match=r"takes temperatures from 0 to 0.6, not 0.7; change --arm"):
        check_plan(plan, low)


def test_an_effort_is_the_arms_own_and_goes_before_the_models() -> None:
    model = parse_model("openai:gpt-5.4,reasoning_effort=none")
    plan = plan_of("1,top_p=0.9,reasoning_effort=low", "1,reasoning_effort=high", models=(model,))
    plain, low, high = plan.models
    assert plain == model
    assert (low.label, high.label) == (
        "openai:gpt-5.4 @ 1,top_p=0.9,reasoning_effort=low",
        "openai:gpt-5.4 @ 1,reasoning_effort=high",
    )
    assert (low.options, high.options) == ({"reasoning_effort": "low"}, {"reasoning_effort": "high"})
    assert plan.arms[low.label].settings == "1, top_p=0.9, reasoning_effort=low"
    assert {s.model.label: s.model.options["reasoning_effort"] for s in sweeps(plan)} == {
        plain.label: "none",
        low.label: "low",
        high.label: "high",
    }


def test_an_effort_is_refused_where_the_backend_has_none() -> None:
    plan = plan_of("1,reasoning_effort=low")
    with pytest.raises(UsageError, match="scripted:words: unknown option 'reasoning_effort'"):
        find_backends(plan, Limits())


def test_a_label_that_is_taken_is_refused() -> None:
    other = parse_model("scripted:words", "scripted:words @ 0.7,top_k=5")
    with pytest.raises(UsageError, match="an arm would be called"):
        plan_of("0.7,top_k=5", models=(MODEL, other))


def test_where_nothing_is_recommended_the_places_are_named() -> None:
    with pytest.raises(UsageError) as caught:
        plan_of("recommended")
    assert str(caught.value) == (
        "no recommendation for scripted:words is known; looked in: the capability table (capabilities.toml, and your own "
        "rows). Write the settings out, as in --arm 0.7,top_p=0.9"
    )


def test_a_rows_recommendation_is_taken_as_far_as_the_model_can_honour_it(
    recommended: Callable[[str], None],
) -> None:
    recommended("temperature = 0.6, top_k = 20, repetition_penalty = 1.05, min_p = 0, mirostat_tau = 5")
    plan = plan_of("recommended")
    arm = plan.arms["scripted:words @ recommended"]
    # It takes no top_k; a min_p of 0 needs none; the tau is of a switch that is off.
    assert (arm.temperature, arm.sampling) == (0.6, {})
    assert arm.left_out == ("top_k=20", "repetition_penalty=1.05")
    assert arm.source == "its card, 2026-01-02"
    assert arm.recommended


def test_what_is_out_of_range_is_left_out_by_name_and_a_temperature_that_is_none_is_refused(
    recommended: Callable[[str], None],
) -> None:
    recommended("temperature = 1.0, top_p = 7, top_k = -1")
    found, _looked = recommendation(MODEL)
    assert found is not None
    assert (found.temperature, found.sampling, found.left_out) == (1.0, {}, ("top_p=7",))
    recommended("top_p = 1.0")
    found, _looked = recommendation(MODEL)
    assert found is not None
    assert found.temperature == 1.0
    assert found.source.endswith("it names no temperature, so 1 is taken")
    recommended("temperature = -0.5")
    with pytest.raises(UsageError, match=r"scripted:words recommends what cannot be used \(its card"):
        recommendation(MODEL)


def test_a_row_that_says_what_is_recommended_must_say_by_whom(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (RECOMMENDING % "temperature = 1.0").replace('recommended_by = "its card"', "")
    monkeypatch.setenv("TEMPKIT_CAPABILITIES", str(write("t.toml", text)))
    with pytest.raises(UsageError, match="recommended and recommended_by go together"):
        recommendation(MODEL)


def test_the_shipped_recommendation_for_gemini_3_is_found_through_its_backend() -> None:
    found, _looked, can = advice_for(parse_model("google:gemini-3-pro"))
    assert found is not None
    assert found.values == {"temperature": 1.0}
    assert can.recommended == found
    assert "https://" in found.source
    assert found.source.endswith("2026-11-27")


def test_an_experiment_file_names_arms_and_its_mistakes_have_their_line(write: Write) -> None:
    path = write("e.yaml", 'arms: [recommended, "0.7,top_p=0.90"]\n')
    assert read_experiment(path).arms == ("recommended", "0.7,top_p=0.9")
    assert read_experiment(write("one.yaml", "arms: recommended\n")).arms == ("recommended",)
    for text, message in (
        ("name: x\narms: [0.7]\n", "2: arm '0.7' sets nothing beside the temperature; name it with -t"),
        ("arms:\n- recommended\n- {top_p: 1}\n", "3: an arm must be recommended, or a text"),
        ("arms: [recommended, recommended]\n", "1: arm 'recommended' is given twice"),
    ):
        path = write("bad.yaml", text)
        with pytest.raises(ExperimentError) as caught:
            read_experiment(path)
        assert str(caught.value).startswith(f"{path}:{message}")


def test_the_command_line_goes_before_the_files_arms() -> None:
    base = Experiment(arms=("recommended",))
    assert Experiment(arms=("0.7,top_k=5",)).over(base).arms == ("0.7,top_k=5",)
    assert Experiment().over(base).arms == ("recommended",)
