"""Use cases as files: those shipped, one's own, and what is said of a wrong one."""

from pathlib import Path

import pytest

from tempkit.errors import UsageError
from tempkit.measures import MEASURES
from tempkit.usecases import read_profile, shipped, use_case

SHIPPED = Path(__file__).parents[2] / "tempkit" / "usecases" / "shipped"
PROMPTS = Path(__file__).parents[2] / "prompts"


def test_the_eight_use_cases_come_along():
    assert set(shipped()) == {
        *("technical-documentation", "chatbot", "creative-writing", "brainstorming"),
        *("extraction", "code", "summarization", "translation"),
    }


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_use_case_names_known_measures_and_gives_its_reasons(name):
    profile = use_case(name)
    assert profile.name == name == (SHIPPED / f"{name}.toml").stem
    assert {part.measure for part in (*profile.primary, *profile.guard)} <= set(MEASURES)
    for primary in profile.primary:
        assert (primary.direction or MEASURES[primary.measure].direction) in ("higher", "lower")
    for guard in profile.guard:
        assert MEASURES[guard.measure].scope == "completion"
        assert guard.limit > 0
    for text in (
        profile.wants,
        profile.why,
        profile.tie_why,
        *(part.why for part in (*profile.primary, *profile.guard)),
    ):
        assert len(text.split()) >= 3
    for prior in profile.prior:
        assert prior.source


def test_the_shipped_prompts_name_shipped_use_cases():
    named = {
        line.split(":")[1].strip()
        for path in PROMPTS.rglob("*.prompty")
        for line in path.read_text().splitlines()
        if line.strip().startswith("use_case:")
    }
    assert named == {"technical-documentation", "chatbot", "creative-writing", "brainstorming"}


def test_a_copy_can_be_edited(tmp_path):
    mine = tmp_path / "mine.toml"
    text = (SHIPPED / "chatbot.toml").read_text().replace('name = "chatbot"', 'name = "mine"')
    mine.write_text(text.replace("margin = 0.05", "margin = 0.1"))
    profile = use_case(str(mine))
    assert (profile.name, profile.primary[0].margin) == ("mine", 0.1)
    assert profile == read_profile(mine)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("margin = 0.05", "margin = 0", "margin of 'fact_recall' must be above 0"),
        ("margin = 0.05", 'margin = "small"', "Expected `float`, got `str`"),
        ("margin = 0.05", "margins = 0.05", "unknown field `margins`"),
        ('tie = "lowest"', 'tie = "coolest"', "Invalid enum value 'coolest'"),
        ('tie = "lowest"', "", "missing required field `tie`"),
        ("[[primary]]", "[[primary", "line"),
    ],
)
def test_a_wrong_file_is_named_with_the_place(tmp_path, old, new, said):
    mine = tmp_path / "mine.toml"
    mine.write_text((SHIPPED / "chatbot.toml").read_text().replace(old, new, 1))
    with pytest.raises(UsageError) as caught:
        use_case(str(mine))
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{mine}: ")


def test_an_unknown_name_gets_the_nearest_one_and_the_list():
    with pytest.raises(UsageError, match="did you mean 'chatbot'"):
        use_case("chat-bot")
    with pytest.raises(UsageError, match=r"nothing\.toml: the use case cannot be read"):
        use_case("nothing.toml")
