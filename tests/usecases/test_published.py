"""Scores that others published: the decision names the temperatures that their authors found best, and says how sure that is."""

from pathlib import Path

import pytest

from tempkit.analysis import load_tables
from tempkit.decision.overrides import Asked
from tempkit.interchange.imports.import_run import import_table
from tempkit.store import Store

LI = Path(__file__).parents[1] / "published" / "li-2025.csv"

PUBLISHED = {"CR": 0.4, "CT": 0.7, "ICL": 0.4, "IF": 0.4, "MT": 0.1, "SUMM": 0.1}
"""The temperature of the best mean relative score, by ability: each score over its model's best one."""


@pytest.fixture(scope="module")
def decisions(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("li") / "tempkit.db") as store:
        run = import_table(store, LI, name="li").run
        asked = Asked(measure="accuracy", margin=0.02)
        return {each.model: each for each in asked.decide(load_tables(store, run))}


def test_every_ability_gets_a_temperature(decisions):
    assert decisions.keys() == PUBLISHED.keys()
    for each in decisions.values():
        assert each.pick is not None
        assert each.grade in ("shown", "likely", "guess")
        assert each.regret_upper is not None


def test_the_published_best_is_never_shown_to_be_worse(decisions):
    """Means of scores and of relative scores weigh models differently, so the pick may lie beside the published best."""
    for ability, each in decisions.items():
        assert each.at(PUBLISHED[ability]).regret_lower == 0
        assert each.at(PUBLISHED[ability]).place in ("within", "open")
        assert abs(each.pick - PUBLISHED[ability]) <= 0.6 + 1e-9


def test_summaries_are_settled_and_translation_loses_most_from_heat(decisions):
    assert (decisions["SUMM"].pick, decisions["SUMM"].grade) == (0.1, "shown")
    assert decisions["SUMM"].regret_upper <= 0.02
    assert decisions["MT"].pick == 0.1
    assert decisions["MT"].effect == "matters"
