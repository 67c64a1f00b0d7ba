"""Use cases as files: those shipped, one's own, and what is said of a wrong one."""

from pathlib import Path

import pytest

from tempkit.decision import profile as profiles
from tempkit.decision import read_profile, shipped, use_case
from tempkit.errors import UsageError
from tempkit.measures import MEASURES

SHIPPED = Path(__file__).parents[2] / "tempkit" / "decision" / "shipped"
PROMPTS = Path(__file__).parents[2] / "prompts"


def test_eight_use_cases_come_along_and_one_for_prompts_that_name_none():
    assert set(shipped()) == {
        *("technical-documentation", "chatbot", "creative-writing", "brainstorming"),
        *("extraction", "code", "summarization", "translation"),
        "general",
    }


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_use_case_names_known_measures_and_gives_its_reasons(name):
    profile = use_case(name)
    assert profile.name == name == (SHIPPED / f"{name}.toml").stem
    counted = [*profile.primary, *([profile.variety] if profile.variety else [])]
    assert {part.measure for part in (*counted, *profile.guard)} <= set(MEASURES)
    for primary in counted:
        assert (primary.direction or MEASURES[primary.measure].direction) in ("higher", "lower")
    for guard in profile.guard:
        assert MEASURES[guard.measure].scope == "completion"
        assert guard.limit > 0
    for text in (
        profile.wants,
        profile.why,
        profile.tie_why,
        *(part.why for part in (*counted, *profile.guard)),
    ):
        assert len(text.split()) >= 3
    for prior in profile.prior:
        assert prior.source


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_use_case_can_decide_and_start_on_prompts_without_references(name):
    """Its last measure asks for no facts, checks, lists, logprobs or second model, and a prior says where to start."""
    profile = use_case(name)
    last = profile.primary[-1]
    assert MEASURES[last.measure].needs <= {"text", "embedder", "others", "exemplar"}
    assert profile.start is not None
    assert 0 <= profile.start.temperatures[0] <= 1


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_measure_that_nonsense_or_a_steady_error_can_win_has_its_caveat(name):
    profile = use_case(name)
    for primary in (*profile.primary, *([profile.variety] if profile.variety else [])):
        if primary.measure in ("consensus", "cosine_distance"):
            assert primary.note.endswith(".")


def test_only_the_general_use_case_has_two_ends():
    assert [name for name, profile in shipped().items() if profile.variety] == ["general"]


def test_answers_are_used_one_at_a_time_unless_a_use_case_is_known_for_more():
    assert {name: each.policies[1:] for name, each in shipped().items() if each.policies[1:]} == {
        "code": ("best-of:5",),
        "extraction": ("all-of:5",),
    }
    assert {each.policies[0] for each in shipped().values()} == {"single"}


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


LEAST = """
name = "mine"
title = "Mine"
wants = "Answers."
why = "Because."
tie = "lowest"
tie_why = "it is mine"
{more}
[[primary]]
measure = "fact_recall"
margin = 0.05
why = "as I say"
{parts}
"""


def written(folder: Path, more: str = "", parts: str = "") -> Path:
    path = folder / "mine.toml"
    path.write_text(LEAST.format(more=more, parts=parts))
    return path


def test_what_is_left_out_asks_for_single_answers_without_a_start(tmp_path):
    profile = read_profile(written(tmp_path))
    assert profile.policies == ("single",)
    assert (profile.start, profile.variety, profile.primary[0].note) == (None, None, "")


def test_policies_a_start_a_note_and_the_measure_of_variety_are_read(tmp_path):
    parts = """
    note = "mind the gap"
    [variety]
    measure = "vendi"
    margin = 0.1
    why = "a tenth of an answer"
    direction = "higher"
    [[prior]]
    says = "Hot"
    source = "somebody"
    temperatures = [0.2, 1.0]
    [[prior]]
    says = "Cold"
    source = "somebody else"
    temperatures = [0]
    start = true
    """
    profile = read_profile(written(tmp_path, 'policies = ["best-of:5", "single"]', parts))
    assert profile.policies == ("best-of:5", "single")
    assert profile.primary[0].note == "mind the gap"
    assert profile.variety is not None
    assert (profile.variety.measure, profile.variety.direction) == ("vendi", "higher")
    assert profile.start is not None
    assert (profile.start.says, profile.start.temperatures) == ("Cold", (0.0,))


START = '[[prior]]\nsays = "x"\nsource = "y"\nstart = true\ntemperatures = '


@pytest.mark.parametrize(
    ("more", "parts", "said"),
    [
        ("policies = []", "", "policies must name at least one way to use answers"),
        ('policies = ["best-of"]', "", "'best-of' does not say how answers are used: single, best-of:K"),
        ('policies = ["single", "all-of:1"]', "", "with K from 2 to 100"),
        ('policies = ["single", "single"]', "", "policies names 'single' more than once"),
        ("policies = [5]", "", "Expected `str`, got `int`"),
        ("", f"{START}[]", "start = true must name one temperature, not 0"),
        ("", f"{START}[0, 1]", "start = true must name one temperature, not 2"),
        ("", f"{START}[-1]", "must be 0 or above"),
        ("", f"{START}[nan]", "must be 0 or above"),
        ("", f"{START}[0]\n{START}[0.5]", "only one [[prior]] can have start = true"),
        ("", '[variety]\nmeasure = "vendi"\nmargin = 0.1', "missing required field `why` - at `$.variety`"),
        (
            "",
            '[variety]\nmeasure = "vendi"\nmargin = nan\nwhy = "so"',
            "margin of 'vendi' must be above 0 - at `$.variety`",
        ),
        ("", '[[variety]]\nmeasure = "vendi"', "Expected `object | null`, got `array`"),
    ],
)
def test_a_wrong_field_is_said_in_one_line(tmp_path, more, parts, said):
    path = written(tmp_path, more, parts)
    with pytest.raises(UsageError) as caught:
        use_case(str(path))
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_note_is_shown_in_the_language_and_none_stays_none(tmp_path, monkeypatch):
    parts = 'note = "mind"\n[variety]\nmeasure = "vendi"\nmargin = 0.1\nwhy = "a tenth"\nnote = "far"'
    monkeypatch.setattr(
        profiles, "_as_written", lambda: {"mine": read_profile(written(tmp_path, parts=parts))}
    )
    monkeypatch.setattr(profiles, "gettext", lambda text: f"<{text}>")
    found = shipped()["mine"]
    assert (found.primary[0].note, found.primary[0].why) == ("<mind>", "<as I say>")
    assert found.variety is not None
    assert (found.variety.note, found.variety.why) == ("<far>", "<a tenth>")
    monkeypatch.setattr(profiles, "_as_written", lambda: {"mine": read_profile(written(tmp_path))})
    assert shipped()["mine"].primary[0].note == ""


def test_an_unknown_name_gets_the_nearest_one_and_the_list():
    with pytest.raises(UsageError, match="did you mean 'chatbot'"):
        use_case("chat-bot")
    with pytest.raises(UsageError, match=r"nothing\.toml: the use case cannot be read"):
        use_case("nothing.toml")


def test_what_can_decide_is_known_and_whether_it_takes_a_reference_model(tmp_path):
    assert {name for name, each in shipped().items() if each.needs_reference} == {
        "creative-writing",
        "general",
    }
    assert shipped()["general"].measures == (
        *("consensus", "cosine_distance"),
        *("loop", "language_switch", "truncated", "incoherence"),
    )
    varied = '[variety]\nmeasure = "incoherence"\nmargin = 1\nwhy = "so"'
    assert read_profile(written(tmp_path, parts=varied)).needs_reference
    assert not read_profile(written(tmp_path)).needs_reference
