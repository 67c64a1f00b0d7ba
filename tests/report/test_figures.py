"""The charts of a use case as data: what shares a frame, what comes first, what is marked, and what is said of it."""

import dataclasses

import pytest
from report_sample import Run, believable_run
from report_situations import situation

from tempkit.analysis import curves
from tempkit.decision import shipped, use_case
from tempkit.measures import JUDGED, MEASURES
from tempkit.report import Study, view
from tempkit.report.charts.against import Apart
from tempkit.report.charts.families import family
from tempkit.report.charts.figures import Line, all_charts, figures
from tempkit.report.charts.plot_labels import place_labels
from tempkit.report.charts.tradeoff_words import change
from tempkit.report.charts.vega_parts import SHAPES


@pytest.fixture(scope="module")
def page(sample: Run) -> dict:
    return view([sample.study])


def lines(study: Study) -> list[Line]:
    """Return the lines of the first use case."""
    (name,) = {study.scored[0].name}
    return [
        Line(
            label=scored.model.label,
            series=i,
            shape=i,
            scored=scored,
            found=next(
                each for each in study.decisions if (each.section, each.model) == (name, scored.model.label)
            ),
        )
        for i, scored in enumerate((s for s in study.scored if s.name == name), 1)
    ]


def test_every_measure_belongs_to_a_family() -> None:
    assert {family(name) for name in (*MEASURES, *JUDGED)} == {
        *("checks", "consistency", "diversity", "ideas", "peeperkorn", "degeneration", "logprobs", "judged"),
    }
    assert family("an imported score") == "elsewhere"


def test_a_measure_has_one_chart_with_a_line_for_each_model(page: dict) -> None:
    case = page["use_cases"][0]
    charts = {chart["name"]: chart for chart in all_charts(case["figures"])}
    assert len(charts) == len(all_charts(case["figures"]))
    assert {row["m"] for row in charts["Facts found"]["rows"]} == {"gguf:smollm2", "lab server"}
    assert [model["label"] for model in case["figures"]["legend"]] == ["gguf:smollm2", "lab server"]


def test_logprobs_of_two_kinds_never_share_a_chart(page: dict) -> None:
    charts = [c for c in all_charts(page["use_cases"][0]["figures"]) if c["measure"] == "mean_logprob"]
    assert [(c["name"], {row["m"] for row in c["rows"]}) for c in charts] == [
        ("Mean log-probability (raw)", {"gguf:smollm2"}),
        ("Mean log-probability (unknown)", {"lab server"}),
    ]


def test_scores_of_two_versions_never_share_a_chart(sample: Run) -> None:
    one, other = lines(sample.study)
    newer = dataclasses.replace(
        other.scored,
        tables=tuple(
            dataclasses.replace(table, version="2") if table.measure == "fact_recall" else table
            for table in other.scored.tables
        ),
    )
    found = figures([one, dataclasses.replace(other, scored=newer)], "x")
    charts = [chart for chart in all_charts(found) if chart["measure"] == "fact_recall"]
    assert [chart["name"] for chart in charts] == ["Facts found (1)", "Facts found (2)"]
    assert all(len({row["m"] for row in chart["rows"]}) == 1 for chart in charts)


def test_what_the_use_case_is_judged_by_comes_first(page: dict) -> None:
    lead = page["use_cases"][0]["figures"]["lead"]
    assert [(chart["measure"], chart["size"]) for chart in lead] == [
        ("fact_recall", "primary"),
        ("loop", "guard"),
        ("language_switch", "guard"),
        ("truncated", "guard"),
    ]
    groups = page["use_cases"][0]["figures"]["groups"]
    assert [group["title"] for group in groups][:3] == ["Facts and checks", "Consistency", "Diversity"]
    assert all(chart["size"] == "small" for group in groups for chart in group["charts"])


def test_without_a_known_use_case_the_first_measure_comes_first(hand: Run) -> None:
    found = view([dataclasses.replace(hand.study, decisions=())])["use_cases"][0]["figures"]
    assert [chart["measure"] for chart in found["lead"]] == ["fact_recall"]
    assert found["lead"][0]["marks"] == []
    assert found["tradeoff"] is None
    assert found["legend"] == []


def test_the_margin_is_measured_from_the_best_mean(sample: Run, page: dict) -> None:
    chart = page["use_cases"][0]["figures"]["lead"][0]
    bands = [mark for mark in chart["marks"] if mark["r"] == "margin"]
    found = [each for each in sample.study.decisions if each.section == "technical-documentation"]
    assert [mark["s"] for mark in bands] == [1, 2]
    for mark, each in zip(bands, found, strict=True):
        compared = [
            level.mean for level in each.temperatures if level.place not in ("ruled_out", "not_measured")
        ]
        assert mark["w"] == max(mean for mean in compared if mean is not None)
        assert mark["v"] == pytest.approx(mark["w"] - 0.05)
    assert "5 points" in chart["notes"][0]


def test_limits_stand_where_guard_rails_break(page: dict) -> None:
    lead = {chart["measure"]: chart for chart in page["use_cases"][0]["figures"]["lead"]}
    assert [(mark["r"], mark["v"]) for mark in lead["loop"]["marks"] if mark["v"] is not None] == [
        ("limit", 0.05)
    ]  # one for all models
    own = [mark for mark in lead["truncated"]["marks"] if mark["v"] is not None]
    first = {row["c"]: row["v"] for row in reversed(lead["truncated"]["rows"])}
    assert [(mark["r"], mark["s"]) for mark in own] == [("own limit", 1), ("own limit", 2)]
    assert [mark["v"] for mark in own] == pytest.approx([first[0] + 0.25, first[1] + 0.25])
    assert "25 points more than at the lowest temperature" in lead["truncated"]["notes"][0]


def test_what_guard_rails_rule_out_is_tinted_in_every_chart_and_faint() -> None:
    study = situation("cliff")
    (found,) = study.decisions
    assert found.cliff == 1.2
    case = view([study])["use_cases"][0]
    for chart in all_charts(case["figures"]):
        assert [mark["t"] for mark in chart["marks"] if mark["r"] == "cliff"] == [1.2]
        assert [row["f"] == 1 for row in chart["rows"]] == [row["t"] < 1.2 for row in chart["rows"]]
    assert (
        "Tinted from T\u00a0=\u00a01.2 on: ruled out by a guard-rail." in case["figures"]["lead"][0]["notes"]
    )


def test_a_floor_is_tinted_from_below() -> None:
    study = situation("any")
    (found,) = study.decisions
    rows = tuple(
        dataclasses.replace(level, place="ruled_out" if level.temperature < 0.4 else level.place)
        for level in found.temperatures
    )
    low = dataclasses.replace(found, floor=0.0, pick=0.4, temperatures=rows)
    (chart, *_) = view([dataclasses.replace(study, decisions=[low])])["use_cases"][0]["figures"]["lead"]
    assert [mark["t"] for mark in chart["marks"] if mark["r"] == "floor"] == [0.0]
    assert [row["t"] for row in chart["rows"] if row["f"] < 1] == [0.0]
    assert "Tinted up to T\u00a0=\u00a00: ruled out by a guard-rail." in chart["notes"]


def test_each_model_has_a_cliff_of_its_own(sample: Run) -> None:
    study = sample.study
    decisions = [
        dataclasses.replace(each, cliff=1.6 if each.model == "lab server" else 1.2)
        for each in study.decisions
    ]
    (chart, *_) = view([dataclasses.replace(study, decisions=decisions)])["use_cases"][0]["figures"]["lead"]
    assert [(mark["t"], mark["s"]) for mark in chart["marks"] if mark["r"] == "own cliff"] == [
        (1.2, 1),
        (1.6, 2),
    ]


def test_priors_are_marked_where_the_run_has_their_temperature(page: dict) -> None:
    chart = page["use_cases"][0]["figures"]["lead"][0]
    assert [(mark["t"], mark["d"]) for mark in chart["marks"] if mark["r"] == "prior"] == [
        (0, "a"),
        (0.4, "b"),
        (1, "a"),
    ]
    assert [prior["letter"] for prior in chart["priors"]] == ["a", "b"]
    assert all(prior["source"] and prior["says"] for prior in chart["priors"])


def test_a_prior_beyond_the_runs_temperatures_is_said_and_not_drawn(sample: Run) -> None:
    study = sample.study
    cold = [t for t in sample.plan.temperatures if t < 1]
    short = believable_cold(sample, cold)
    found = figures(lines(short), "x")["lead"][0]
    assert len(found["priors"]) == 2
    assert {mark["t"] for mark in found["marks"] if mark["r"] == "prior"} == {0, 0.4}
    assert len(study.decisions) == 4


def believable_cold(sample: Run, temperatures: list[float]) -> Study:
    """Return the sample as if only some temperatures had been asked for."""
    return dataclasses.replace(
        sample,
        plan=dataclasses.replace(sample.plan, temperatures=tuple(temperatures)),
        completions=tuple(c for c in sample.completions if c.key.temperature in temperatures),
        failures=(),
    ).study


def test_models_stand_side_by_side_at_their_temperature(page: dict) -> None:
    for row in page["use_cases"][0]["figures"]["lead"][0]["rows"]:
        assert 0 < abs(row["x"] - row["t"]) < 0.1
        assert (row["x"] < row["t"]) == (row["m"] == "gguf:smollm2")


def test_more_models_than_colours_are_told_apart_by_shape(sample: Run) -> None:
    studies = [
        dataclasses.replace(sample, facts=dataclasses.replace(sample.facts, name=f"run {i}")).study
        for i in range(4)
    ]
    legend = view(studies)["use_cases"][0]["figures"]["legend"]
    assert len(legend) == 8
    assert len({(each["series"], each["shape"]) for each in legend}) == 8
    assert {each["shape"] for each in legend} <= set(SHAPES)


def test_charts_and_tables_agree(page: dict) -> None:
    for case in page["use_cases"]:
        table = case["table"]
        measures = [*table["lead"], *(row for group in table["groups"] for row in group["rows"])]
        shown = {
            (measure["title"], measure["chart"], row["model"], t, cell["value"])
            for measure in measures
            for row in measure["rows"]
            for t, cell in zip(table["temperatures"], row["cells"], strict=True)
        }
        drawn = {
            (chart["name"], chart["id"], row["m"], f"{row['t']:g}", row["v"])
            for chart in all_charts(case["figures"])
            for row in chart["rows"]
        }
        assert table["models"] == ["gguf:smollm2", "lab server"]
        assert drawn
        assert drawn == {each for each in shown if each[-1] is not None}


# The trade-off


def test_the_trade_off_is_a_path_through_the_means(sample: Run, page: dict) -> None:
    plot = page["use_cases"][0]["figures"]["tradeoff"]
    assert (plot["axes"]["y"]["short"], plot["axes"]["x"]["short"]) == (
        "Facts found",
        "Mean distance between answers",
    )
    (scored, *_others) = sample.scored
    by_name = {curve.measure: curve for curve in curves(scored)}
    own = [row for row in plot["rows"] if row["c"] == 0]
    assert [row["o"] for row in own] == list(range(len(own)))
    for row in own:
        point = by_name["cosine_distance"].points[sample.plan.temperatures.index(row["t"])]
        assert (row["p"], row["pl"], row["ph"]) == (point.mean, point.low, point.high)
        assert row["d"] == f"{row['t']:g}"


def test_a_change_is_claimed_only_where_its_interval_leaves_out_zero() -> None:
    def clause(difference: float, low: float | None, high: float | None) -> str:
        apart = Apart(temperature=1.0, difference=difference, low=low, high=high, n=3)
        return change("Facts found", apart, "share")

    assert clause(0.2, 0.1, 0.3) == "Facts found: up by 20 points (10 to 30 points)"
    assert clause(-0.2, -0.3, -0.1) == "Facts found: down by 20 points (10 to 30 points)"
    assert clause(0.1, -0.1, 0.3).startswith("Facts found: no clear change (")
    assert clause(0.3, None, None).endswith(" in the mean of 3 questions, too few for an interval")
    assert change("Facts found", None, "share") == "Facts found: too few questions have a value at both"


def test_the_sentences_compare_with_the_pick_and_end_where_a_guard_rail_breaks(sample: Run) -> None:
    (one, *_others) = lines(sample.study)
    assert one.found is not None
    assert one.found.pick == 0.0

    def heads(pick: float | None) -> list[str]:
        rows = tuple(
            dataclasses.replace(level, place="ruled_out" if level.temperature > 1 else "open")
            for level in one.found.temperatures
        )
        found = dataclasses.replace(one.found, pick=pick, temperatures=rows)
        plot = figures([dataclasses.replace(one, found=found)], "x")["tradeoff"]
        assert [row["f"] == 1 for row in plot["rows"]] == [row["t"] <= 1 for row in plot["rows"]]
        return [each["head"].replace("\u00a0", " ") for each in plot["says"]]

    assert heads(0.0) == ["At T = 0.8 instead of 0, our pick:"]
    assert heads(0.4) == ["At T = 0 instead of 0.4, our pick:", "At T = 0.8 instead of 0.4, our pick:"]
    assert heads(None) == ["At T = 0.8 instead of 0:"]


def test_labels_keep_clear_of_each_other() -> None:
    rows = [{"p": 0.1 * i, "q": 0.0, "c": 0} for i in range(6)]
    axes = {"x": {"domain": (-1, 2)}, "y": {"domain": (-1, 1)}}
    place_labels(rows, axes)
    assert {row["w"] for row in rows} == {"n", "s"}  # the path runs from left to right


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_use_case_names_a_trade_off_of_known_measures(name: str) -> None:
    wanted = use_case(name).tradeoff
    assert wanted is not None
    assert {*wanted.qualities, *wanted.diversities} <= set(MEASURES)
    assert not {*wanted.qualities} & {*wanted.diversities}


def test_the_first_measures_with_values_are_drawn() -> None:
    run = believable_run()
    case = view([run.study])["use_cases"][1]
    assert case["name"] == "brainstorming"
    assert case["figures"]["tradeoff"]["axes"]["y"]["short"] == "Answers that change language"  # no checks
