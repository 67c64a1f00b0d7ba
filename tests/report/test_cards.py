"""The cards at the top of the page: the decision in the words of `tempkit recommend`, its numbers as a table, and two answers."""

import dataclasses
from typing import Any

import msgspec
import pytest
from report_sample import Run
from report_situations import CASES, GRID, situation

from tempkit.analysis import compare
from tempkit.decision.prose import could_cost, other_scope, place_word, usable_pick, words
from tempkit.i18n.languages import language
from tempkit.report import Study, render, view


def cards(study: Study) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = view([study])["cards"]
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_card_says_what_the_terminal_says(name: str) -> None:
    study = situation(name)
    for card, found in zip(cards(study), study.decisions, strict=True):
        said = words(found, name)
        assert (card["verdict"], card["word"], card["marks"]) == (said.verdict, said.grade, said.marks)
        assert card["first"] == list(said.first)
        for part in ("because", "risk", "next"):
            shown, whole = card[part], list(getattr(said, part))
            assert shown == whole[: len(shown)], "the most important ones are shown at once"
            assert bool(shown) == bool(whole)
        lines = [command["line"] for command in card["commands"]]
        assert lines == list(dict.fromkeys(command.line for command in said.commands))
        assert card["other"] == other_scope(found)
        everything = [
            *card["first"],
            *card["because"],
            *card["risk"],
            *card["next"],
            card["other"],
            *card["more"],
        ]
        wanted = [*said.first, *said.because, *said.risk, *said.next, *said.more]
        assert sorted(everything) == sorted(wanted), "nothing is left out, and nothing said twice"


def test_the_situations_are_what_their_names_say() -> None:
    grades = {name: [found.grade for found in situation(name).decisions] for name in CASES}
    assert grades["winner"] == grades["any"] == ["shown"]
    assert grades["guess"] == grades["few"] == ["guess"]
    assert grades["nothing"] == ["none"]
    (cliff,) = situation("cliff").decisions
    assert cliff.cliff == 1.2
    assert len({found.pick for found in situation("two").decisions}) == 2
    assert situation("general").decisions[0].variety is not None


@pytest.mark.parametrize("name", CASES)
def test_the_table_holds_the_decision_s_numbers(name: str) -> None:
    study = situation(name)
    for card, found in zip(cards(study), study.decisions, strict=True):
        both = [each for each in (found, found.variety) if each is not None and each.measure]
        assert len(card["standing"]) == len(both)
        for table, each in zip(card["standing"], both, strict=True):
            assert [row["temperature"] for row in table["rows"]] == ["0", "0.4", "0.8", "1.2", "1.6"]
            for row, level in zip(table["rows"], each.temperatures, strict=True):
                assert row["place"] == level.place
                assert row["cost"] == could_cost(level, each.unit)
                assert row["chosen"] == (level.temperature == usable_pick(each))
                other = place_word(level.place, level.inside_limits)
                assert row["verdict"] == ("our pick" if row["chosen"] else other)


def test_the_scale_is_one_for_all_rows() -> None:
    found = situation("winner").decisions[0]
    table = cards(situation("winner"))[0]["standing"][0]
    known = [level for level in found.temperatures if level.low is not None and level.high is not None]
    low = min(level.low for level in known if level.low is not None)
    high = max(level.high for level in known if level.high is not None)
    for row, level in zip(table["rows"], found.temperatures, strict=True):
        assert level.mean is not None
        assert row["at"] == pytest.approx(100 * (level.mean - low) / (high - low), abs=0.01)
        assert row["low"] <= row["at"] <= row["high"]
    best = max(level.mean or 0.0 for level in found.temperatures)
    band = table["band"]
    assert band["x"] + band["width"] == pytest.approx(100 * (best - low) / (high - low), abs=0.02)
    assert band["width"] == pytest.approx(100 * found.margin / (high - low), abs=0.02)


def test_temperatures_that_all_score_the_same_have_a_scale() -> None:
    study = situation("any")
    (found,) = study.decisions
    rows = tuple(dataclasses.replace(level, mean=1.0, low=None, high=None) for level in found.temperatures)
    same = dataclasses.replace(found, temperatures=rows)
    (table,) = cards(dataclasses.replace(study, decisions=[same]))[0]["standing"]
    assert [row["at"] for row in table["rows"]] == [50.0] * len(GRID)
    assert table["caption"] == "Facts found: mean over 150 questions"


def test_a_decision_without_a_measure_has_no_table() -> None:
    study = situation("nothing")
    (found,) = study.decisions
    bare = dataclasses.replace(found, measure=None, temperatures=())
    (card,) = cards(dataclasses.replace(study, decisions=[bare]))
    assert card["standing"] == []


def test_the_general_card_has_both_ends() -> None:
    (card,) = cards(situation("general"))
    (found,) = situation("general").decisions
    assert found.variety is not None
    assert card["title"] == "General, inline-1"
    assert [table["measure"] for table in card["standing"]] == [
        "Agreement with the consensus",
        "Mean distance between answers",
    ]
    chosen = [row["temperature"] for table in card["standing"] for row in table["rows"] if row["chosen"]]
    assert chosen == [f"{found.pick:g}", f"{found.variety.pick:g}"]
    assert all(temperature in card["verdict"] for temperature in chosen)


def test_two_use_cases_are_compared_above_their_cards() -> None:
    data = view([situation("two")])
    assert data["between"][0].startswith("Two settings: 0 for Technical documentation")
    page = render([situation("two")])
    assert page.index("Two settings") < page.index('id="card-1"') < page.index('id="card-2"')


def test_titles_are_those_of_the_use_cases_in_the_page_s_language() -> None:
    assert [case["title"] for case in view([situation("two")])["use_cases"]] == [
        "Technical documentation",
        "Brainstorming",
    ]
    with language("es"):
        data = view([situation("two")])
    assert [case["title"] for case in data["use_cases"]] == ["Documentación técnica", "Lluvia de ideas"]
    assert [card["title"] for card in data["cards"]] == ["Documentación técnica", "Lluvia de ideas"]
    assert view([situation("general")])["use_cases"][0]["title"] is None, (
        "its prompt has a name and no use case"
    )


def test_the_examples_are_of_the_item_nearest_to_the_mean_difference() -> None:
    study = situation("cliff")
    shown = cards(study)[0]["examples"]
    table = study.scored[0].table("fact_recall")
    assert table is not None
    apart = table.values.means[:, GRID.index(1.2)] - table.values.means[:, 0]
    assert shown["item"] == table.items[abs(apart - apart.mean()).argmin()]
    assert [(a["temperature"], a["why"]) for a in shown["answers"]] == [
        ("0", "our pick"),
        ("1.2", "where a guard-rail breaks"),
    ]
    assert [a["text"] for a in shown["answers"]] == [
        f"answer 0 to {shown['item']} at 0",
        f"answer 0 to {shown['item']} at 1.2",
    ]


def test_without_a_cliff_the_other_example_is_the_farthest_behind() -> None:
    shown = cards(situation("any"))[0]["examples"]
    assert shown["answers"][1]["why"] == "the worst"


def test_a_page_without_any_answer_has_no_example() -> None:
    study = situation("any")
    bare = compare(study.comparison.run, study.comparison.plan, {}, (), ())
    assert cards(dataclasses.replace(study, comparison=bare))[0]["examples"] is None


def test_the_card_is_on_the_page_before_everything_else() -> None:
    page = render([situation("two")])
    assert page.index('id="answer"') < page.index('id="use-case-1"')
    assert page.index('class="verdict') < page.index("planned answers came back"), "counts are in the method"


def test_a_prompt_that_names_no_use_case_has_a_card(hand: Run) -> None:
    (card,) = cards(hand.study)
    assert card["title"] == "General, p"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_hostile_names_are_shown_as_text(name: str) -> None:
    study = situation("any")
    (found,) = study.decisions
    profile = msgspec.structs.replace(found.profile, title=name, tie_why=name)
    run = dataclasses.replace(study.comparison.run, name=name)
    comparison = dataclasses.replace(study.comparison, run=run)
    page = render(
        [
            dataclasses.replace(
                study, comparison=comparison, decisions=[dataclasses.replace(found, profile=profile)]
            )
        ]
    )
    assert name not in page
    assert "alert(1)" in page
