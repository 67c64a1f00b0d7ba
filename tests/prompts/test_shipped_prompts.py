"""The prompts that come with tempkit: complete, paired by language, fair, and valid for Prompty's own reader."""

import re
from pathlib import Path

import pytest
from prompty.core import pipeline
from prompty.core.loader import load as prompty_load

from tempkit.measures.wording import contains, normalize
from tempkit.planning.experiment import build_plan, read_experiment
from tempkit.prompts.load import load_prompt
from tempkit.types import Prompt

FOLDER = Path(__file__).parents[2] / "prompts"
ITEMS = {"technical-documentation": 48, "chatbot": 14, "creative-writing": 14, "brainstorming": 32}
USE_CASES = tuple(ITEMS)
FILES = [f"{folder}{name}.prompty" for folder in ("", "es/") for name in USE_CASES]


@pytest.fixture(scope="module")
def prompts() -> dict[str, Prompt]:
    return {name: load_prompt(FOLDER / name) for name in FILES}


def test_every_file_is_known_here() -> None:
    assert sorted(p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*.prompty")) == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_prompt_says_what_it_is_for_and_has_its_items(prompts: dict[str, Prompt], name: str) -> None:
    prompt = prompts[name]
    language = "es" if name.startswith("es/") else "en"
    assert prompt.use_case == Path(name).stem
    assert prompt.language == language
    assert prompt.name == Path(name).stem + ("-es" if language == "es" else "")
    assert prompt.description
    assert prompt.suggested_temperature is None
    assert set(prompt.options) == {"max_tokens"}
    assert len(prompt.items) == ITEMS[prompt.use_case]
    assert len({m.content for item in prompt.items for m in item.messages if m.role == "user"}) == len(
        prompt.items
    )
    for item in prompt.items:
        assert [m.role for m in item.messages] == ["system", "user"]
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", item.key.partition("/")[2]), item.key
        assert not re.search(r"\s\s|\s$|^\s|[{}]", item.messages[1].content.replace("\n\n", " ")), item.key


@pytest.mark.parametrize("use_case", USE_CASES)
def test_both_languages_have_the_same_items(prompts: dict[str, Prompt], use_case: str) -> None:
    english, spanish = prompts[f"{use_case}.prompty"], prompts[f"es/{use_case}.prompty"]
    assert [i.key.partition("/")[2] for i in english.items] == [
        i.key.partition("/")[2] for i in spanish.items
    ]
    assert [len(i.facts) for i in english.items] == [len(i.facts) for i in spanish.items]
    assert [[c.type for c in i.checks] for i in english.items] == [
        [c.type for c in i.checks] for i in spanish.items
    ]
    assert english.options == spanish.options
    for one, other in zip(english.items, spanish.items, strict=True):
        assert one.messages[1].content != other.messages[1].content


@pytest.mark.parametrize("name", [f for f in FILES if "technical" in f])
def test_facts_cannot_be_had_by_repeating_the_question(prompts: dict[str, Prompt], name: str) -> None:
    for item in prompts[name].items:
        assert item.facts, item.key
        asked = [normalize(m.content) for m in item.messages]
        found = [w for fact in item.facts for w in fact for text in asked if contains(text, w)]
        assert not found, (item.key, found)


@pytest.mark.parametrize("name", [f for f in FILES if "chatbot" in f])
def test_a_chatbot_finds_its_facts_in_what_it_was_told_not_in_the_message(
    prompts: dict[str, Prompt], name: str
) -> None:
    for item in prompts[name].items:
        assert item.facts, item.key
        message = normalize(item.variables["message"])
        assert not [w for fact in item.facts for w in fact if contains(message, w)], item.key
        situation = normalize(item.variables["situation"])
        missing = [fact for fact in item.facts if not any(contains(situation, w) for w in fact)]
        assert not missing, (item.key, missing)


@pytest.mark.parametrize("name", FILES)
def test_no_wording_is_listed_twice_in_a_fact(prompts: dict[str, Prompt], name: str) -> None:
    for item in prompts[name].items:
        for fact in item.facts:
            assert len(set(fact)) == len(fact), (item.key, fact)


def test_the_list_check_of_brainstorming(prompts: dict[str, Prompt]) -> None:
    (check,) = prompts["brainstorming.prompty"].items[0].checks
    ideas = "1. a\n2. b\n3. c\n4. d\n"
    assert check.type == "regex"
    for last in ("5. e", "5) e", "**5.** e", "### 5: e"):
        assert re.search(check.value, ideas + last), last
    assert not re.search(check.value, ideas)
    assert not re.search(check.value, ideas + "It costs 5. Or so")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("row", [0, -1])
def test_prompty_reads_the_same_prompt(prompts: dict[str, Prompt], name: str, row: int) -> None:
    agent = prompty_load(FOLDER / name)
    prompt = prompts[name]
    assert agent.name == prompt.name
    assert agent.description == prompt.description
    assert agent.model is not None
    assert agent.model.options is not None
    assert agent.model.options.max_output_tokens == prompt.options["max_tokens"]
    item = prompt.items[row]
    assert [p.name for p in agent.inputs or []] == list(item.variables)
    theirs = pipeline.prepare(agent, dict(item.variables))
    assert [(m.role, "".join(part.value for part in m.parts)) for m in theirs] == [
        (m.role, m.content) for m in item.messages
    ]


def test_the_demos_experiment_can_be_planned() -> None:
    plan = build_plan(read_experiment(FOLDER / "demo.yaml"))
    assert [p.use_case for p in plan.prompts] == ["technical-documentation", "brainstorming"]
    assert all(len(p.items) == 12 for p in plan.prompts)
    assert len(plan.temperatures) == 4


def test_the_readme_counts_the_rows() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    counts = re.findall(r"^\| `([a-z-]+)\.prompty` \|.*\| (\d+) \|$", text, re.MULTILINE)
    assert {name: int(count) for name, count in counts} == ITEMS


def test_the_readmes_example_is_a_prompt(tmp_path: Path) -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    prompty, rows = re.findall(r"```(?:yaml)?\n(.*?)```", text, re.DOTALL)[:2]
    (tmp_path / "data").mkdir()
    (tmp_path / "data/units.yaml").write_text(rows, encoding="utf-8")
    path = tmp_path / "units.prompty"
    path.write_text(prompty, encoding="utf-8")
    (item,) = load_prompt(path).items
    assert item.key == "units/metres-in-a-kilometre"
    assert [m.role for m in item.messages] == ["system", "user"]
    assert len(item.facts) == len(item.checks) == 1
    assert prompty_load(path).name == "units"
