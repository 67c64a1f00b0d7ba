"""Which use case a plan's prompts name, and what is kept of one's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

import tempkit
from tempkit.decision.profile import read_profile, shipped
from tempkit.decision.use_case_names import build_plan, profile_of, read_experiment, resolved
from tempkit.errors import ExperimentError, PromptError, TempkitError, UsageError
from tempkit.planning.experiment import Experiment, parse_model
from tempkit.types import Plan

Write = Callable[[str, str], Path]

SHIPPED = Path(__file__).parents[2] / "tempkit/decision/shipped"
OWN = (SHIPPED / "chatbot.toml").read_text("utf-8").replace('name = "chatbot"', 'name = "support mail"')


def prompt(use_case: str = "", *, name: str = "p") -> str:
    named = f"    use_case: {use_case}\n" if use_case else "    language: en\n"
    return f"---\nname: {name}\nmetadata:\n  tempkit:\n{named}---\nuser:\nHello.\n"


def planned(*prompts: str, use_case: str | None = None) -> Plan:
    return build_plan(Experiment(prompts=prompts, models=(parse_model("scripted:words"),), use_case=use_case))


def refusal(*prompts: str, use_case: str | None = None) -> TempkitError:
    with pytest.raises(TempkitError) as caught:
        planned(*prompts, use_case=use_case)
    assert str(caught.value).isprintable()
    return caught.value


def test_names_of_shipped_ones_stay_as_they_are(write: Write) -> None:
    write("a.prompty", prompt("chatbot", name="a"))
    write("b.prompty", prompt(name="b"))
    plan = planned("a.prompty", "b.prompty", "Say hello.")
    assert [each.use_case for each in plan.prompts] == ["chatbot", None, None]
    assert plan.use_cases == {}


def test_ones_own_is_found_beside_the_prompt_and_kept_as_its_text(write: Write, tmp_path: Path) -> None:
    write("sub/p.prompty", prompt("mine.toml"))
    write("sub/mine.toml", OWN)
    plan = planned("sub/p.prompty")
    assert [each.use_case for each in plan.prompts] == ["support mail"]
    assert plan.use_cases == {"support mail": OWN}
    mine = read_profile(Path("sub/mine.toml"))
    (tmp_path / "sub/mine.toml").unlink()
    assert profile_of("support mail", plan.use_cases["support mail"]) == mine


def test_an_absolute_path_and_one_upwards_are_found_too(write: Write, tmp_path: Path) -> None:
    write("mine.toml", OWN)
    write("sub/a.prompty", prompt("../mine.toml", name="a"))
    write("sub/b.prompty", prompt(f"{tmp_path}/mine.toml", name="b"))
    plan = planned("sub/a.prompty", "sub/b.prompty")
    assert [each.use_case for each in plan.prompts] == ["support mail"] * 2
    assert plan.use_cases == {"support mail": OWN}


def test_an_option_goes_over_all_prompts(write: Write) -> None:
    write("a.prompty", prompt("chatbot", name="a"))
    write("mine.toml", OWN)
    assert [each.use_case for each in planned("a.prompty", "Say hello.", use_case="code").prompts] == [
        "code"
    ] * 2
    plan = planned("a.prompty", "Say hello.", use_case="mine.toml")
    assert [each.use_case for each in plan.prompts] == ["support mail"] * 2
    assert plan.use_cases == {"support mail": OWN}


def test_a_copy_that_kept_its_name_goes_before_the_one_shipped(write: Write) -> None:
    edited = (SHIPPED / "chatbot.toml").read_text("utf-8").replace("margin = 0.05", "margin = 0.2", 1)
    write("mine.toml", edited)
    write("p.prompty", prompt("mine.toml"))
    plan = planned("p.prompty")
    assert plan.prompts[0].use_case == "chatbot"
    own = profile_of("chatbot", plan.use_cases["chatbot"])
    assert own is not None
    assert own.primary[0].margin == 0.2
    assert shipped()["chatbot"].primary[0].margin != 0.2


@pytest.mark.parametrize(
    ("other", "at"),
    [("chatbot", "b.prompty:5"), ("other.toml", "b.prompty:5"), ("sub/../other.toml", "b.prompty:5")],
)
def test_two_use_cases_of_one_name_are_refused(write: Write, other: str, at: str) -> None:
    copy = (SHIPPED / "chatbot.toml").read_text("utf-8")
    write("mine.toml", copy + "# mine\n")
    write("other.toml", copy)
    write("sub/x", "")
    write("a.prompty", prompt("mine.toml", name="a"))
    write("b.prompty", prompt(other, name="b"))
    assert str(refusal("a.prompty", "b.prompty")) == (
        f"{at}: two different use cases are named 'chatbot'; rename one (name = ...)"
    )


LIST = f"known: {', '.join(shipped())}, or the path of a .toml file"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("chat-bot", f"no use case 'chat-bot' (did you mean 'chatbot'?); {LIST}"),
        ("support-mail", f"no use case 'support-mail'; {LIST}"),
        ("none.toml", "none.toml: the use case cannot be read: No such file or directory"),
        ("bad.toml", "bad.toml: Object missing required field `name`; copy one of those shipped and edit it"),
    ],
)
def test_what_is_not_there_is_refused_by_option_and_in_a_file(write: Write, named: str, said: str) -> None:
    write("bad.toml", "")
    write("a.prompty", prompt("chatbot", name="a"))
    write("b.prompty", prompt(named, name="b"))
    by_option = refusal("a.prompty", use_case=named)
    assert isinstance(by_option, UsageError)
    assert str(by_option) == said
    in_file = refusal("a.prompty", "b.prompty")
    assert isinstance(in_file, PromptError)
    assert str(in_file) == f"b.prompty:5: {said}"


def test_an_experiment_that_names_none_that_there_is_says_where(write: Write) -> None:
    path = write("sub/e.yaml", "name: x\nuse_case: chat\n")
    with pytest.raises(ExperimentError) as caught:
        read_experiment(path)
    assert str(caught.value) == f"sub/e.yaml:2: no use case 'chat' (did you mean 'chatbot'?); {LIST}"
    with pytest.raises(ExperimentError, match=r"^sub/e\.yaml:1: sub/none\.toml: the use case cannot be read"):
        read_experiment(write("sub/e.yaml", "use_case: none.toml\n"))
    write("sub/mine.toml", OWN)
    assert read_experiment(write("sub/e.yaml", "use_case: mine.toml\n")).use_case == "sub/mine.toml"
    assert read_experiment(write("e.yaml", "name: x\n")).use_case is None


def test_the_line_is_that_of_the_name_and_not_of_a_word_in_the_text(write: Write) -> None:
    write(
        "p.prompty",
        "---\ndescription: no use_case here\nmetadata: {tempkit: {use_case: chat}}\n---\nuser:\nHi.\n",
    )
    assert str(refusal("p.prompty")).startswith("p.prompty:3: no use case 'chat'")


def test_a_hostile_name_is_shown_without_its_control_characters(write: Write) -> None:
    write("p.prompty", prompt('"\\x1b[31mred.toml"'))
    assert "\x1b" not in str(refusal("p.prompty"))


def test_an_empty_name_is_none(write: Write) -> None:
    write("p.prompty", prompt('""'))
    assert planned("p.prompty").prompts[0].use_case is None
    assert planned("p.prompty", use_case="").prompts[0].use_case is None


def test_the_python_api_plans_alike(write: Write) -> None:
    write("p.prompty", prompt("mine.toml"))
    write("mine.toml", OWN)
    plan = tempkit.build_plan(Experiment(prompts=("p.prompty",), models=(parse_model("scripted:words"),)))
    assert plan.use_cases == {"support mail": OWN}


def test_a_section_without_a_name_and_one_with_an_unknown_name_have_no_profile() -> None:
    assert profile_of(None, None) is None
    assert profile_of("of another tempkit", None) is None
    assert profile_of("chatbot", None) == shipped()["chatbot"]
    with pytest.raises(UsageError, match="the run's use case 'mine': Object missing required field `name`"):
        profile_of("mine", "")


def test_a_shipped_one_has_no_text_to_keep() -> None:
    assert resolved("chatbot") == ("chatbot", None)
