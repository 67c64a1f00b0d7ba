"""`--use-case` and what a prompt's file names: kept with the run, found without the file, refused before anything is sent."""

import json
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, Cli

SHIPPED = ROOT / "tempkit/decision/shipped"
OWN = (SHIPPED / "technical-documentation.toml").read_text("utf-8")
OWN = OWN.replace('name = "technical-documentation"', 'name = "support mail"').replace(
    "margin = 0.05", "margin = 0.3", 1
)
WORDS = ("-m", "scripted:words", "-t", "0,1", "-n", "2", "--max-tokens", "12")
LISTED = ", ".join(sorted(path.stem for path in SHIPPED.glob("*.toml")))


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/mine.toml").write_text(OWN)
    (tmp_path / "sub/rows.yaml").write_text(
        "\n".join(f"- {{id: i{i}, n: {i}, facts: [the]}}" for i in range(6))
    )
    path = tmp_path / "sub/p.prompty"
    path.write_text(
        "---\nname: p\ninputs: [{name: n, kind: integer}]\n"
        "metadata: {tempkit: {use_case: mine.toml, data: rows.yaml}}\n---\nuser:\nSay {{ n }}.\n"
    )
    return path


def decided(cli: Cli, *args: str) -> list[dict[str, Any]]:
    done = cli("recommend", *args, "--json")
    assert done.code == 0, done.err
    found: list[dict[str, Any]] = json.loads(done.out)["decisions"]
    return found


def test_ones_own_use_case_judges_after_its_file_is_gone(cli: Cli, prompt: Path, tmp_path: Path) -> None:
    assert cli("run", "sub/p.prompty", *WORDS).code == 0
    (tmp_path / "sub/mine.toml").unlink()
    (found,) = decided(cli)
    assert (found["use_case"], found["section"], found["margin"]) == ("support mail", "support mail", 0.3)
    assert cli("report", "-o", "page.html").code == 0
    assert "support mail" in (tmp_path / "page.html").read_text()


def test_an_option_goes_before_what_the_prompt_names_and_is_kept(cli: Cli, prompt: Path) -> None:
    done = cli("run", "sub/p.prompty", *WORDS, "--use-case", "chatbot", "--json")
    assert [each["use_case"] for each in json.loads(done.out)["decisions"]] == ["chatbot"]
    assert [each["use_case"] for each in decided(cli)] == ["chatbot"]


def test_one_named_when_reading_holds_for_this_time(cli: Cli, prompt: Path) -> None:
    cli("run", "sub/p.prompty", *WORDS)
    assert [each["use_case"] for each in decided(cli, "--use-case", "chatbot")] == ["chatbot"]
    assert [each["use_case"] for each in decided(cli, "--use-case", "sub/mine.toml")] == ["support mail"]
    assert [each["use_case"] for each in decided(cli)] == ["support mail"]


def test_prompts_typed_by_hand_are_judged_together_by_the_one_named(cli: Cli) -> None:
    done = cli(
        "run", "Say a word.", "Say two words.", *WORDS, "--use-case", "technical-documentation", "--json"
    )
    (found,) = json.loads(done.out)["decisions"]
    assert (found["use_case"], found["section"]) == ("technical-documentation", "technical-documentation")


def test_prompts_that_name_none_are_judged_by_the_general_one(cli: Cli) -> None:
    done = cli("run", "Say a word.", *WORDS, "--json")
    (found,) = json.loads(done.out)["decisions"]
    assert (found["use_case"], found["section"]) == ("general", "inline-1")


def test_an_experiment_names_it_for_all_prompts(cli: Cli, prompt: Path, tmp_path: Path) -> None:
    (tmp_path / "sub/e.yaml").write_text(
        "prompts: [p.prompty]\nmodels: scripted:words\ntemperatures: [0, 1]\nrepeat: 1\nuse_case: mine.toml\n"
    )
    plan = json.loads(cli("run", "sub/e.yaml", "--dry-run", "--json").out)["plan"]
    assert plan["use_cases"] == {"p": "support mail"}
    plan = json.loads(cli("run", "sub/e.yaml", "--use-case", "code", "--dry-run", "--json").out)["plan"]
    assert plan["use_cases"] == {"p": "code"}
    assert "code" in cli("run", "sub/e.yaml", "--use-case", "code", "--dry-run").out


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (
            "chat",
            f"no use case 'chat' (did you mean 'chatbot'?); known: {LISTED}, or the path of a .toml file",
        ),
        ("poetry", f"no use case 'poetry'; known: {LISTED}, or the path of a .toml file"),
        ("none.toml", "none.toml: the use case cannot be read: No such file or directory"),
        ("big.toml", "big.toml: the use case is larger than 16 KiB"),
        ("deep.toml", "deep.toml: values are nested too deeply; copy one of those shipped and edit it"),
    ],
)
def test_an_unknown_one_is_refused_before_anything_is_sent(
    cli: Cli, tmp_path: Path, named: str, said: str
) -> None:
    (tmp_path / "big.toml").write_text("#" * 20_000)
    (tmp_path / "deep.toml").write_text("a = " + "[" * 15_000)
    (tmp_path / "p.prompty").write_text(
        f"---\nmetadata: {{tempkit: {{use_case: {named}}}}}\n---\nuser:\nHello.\n"
    )
    (tmp_path / "t.csv").write_text("item,model,temperature,x\nq,m,0,1\n")
    by_option = cli("run", "Say hello.", *WORDS, "--use-case", named)
    assert (by_option.code, by_option.out, by_option.err) == (2, "", f"error: {said}\n")
    in_file = cli("run", "p.prompty", *WORDS)
    assert (in_file.code, in_file.out, in_file.err) == (1, "", f"error: p.prompty:2: {said}\n")
    imported = cli("import", "t.csv", "--use-case", named)
    assert (imported.code, imported.err) == (2, f"error: {said}\n")
    assert not (tmp_path / "tempkit.db").exists()


def test_a_resumed_run_has_its_use_case_already(cli: Cli, prompt: Path) -> None:
    cli("run", "sub/p.prompty", *WORDS)
    done = cli("run", "--resume", "latest", "--use-case", "chatbot")
    assert (done.code, done.err) == (
        2,
        "error: --resume takes its plan from the store; leave out --use-case\n",
    )


def test_an_import_keeps_ones_own(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(OWN.replace('measure = "fact_recall"', 'measure = "accuracy"', 1))
    rows = [f"q{i},m,{t},{r},{(i + r + t) % 2}" for i in range(6) for t in (0, 1) for r in range(3)]
    (tmp_path / "exam.csv").write_text("\n".join(["item,model,temperature,replicate,accuracy", *rows]))
    done = cli("import", "exam.csv", "--use-case", "mine.toml")
    assert done.out.endswith("Decide: tempkit recommend exam\n")
    (tmp_path / "mine.toml").unlink()
    (found,) = decided(cli)
    assert (found["use_case"], found["measure"], found["margin"]) == ("support mail", "accuracy", 0.3)


def test_a_title_cannot_obey_in_a_terminal_nor_in_a_page(cli: Cli, tmp_path: Path) -> None:
    hostile = r'title = "\u001b[31m<script>alert(1)</script>[bold]"'
    lines = [hostile if line.startswith("title = ") else line for line in OWN.splitlines()]
    (tmp_path / "mine.toml").write_text("\n".join(lines))
    done = cli("run", "Say hello.", *WORDS, "--use-case", "mine.toml")
    assert done.code == 0
    assert "\x1b" not in done.out + cli("recommend").out
    assert "[bold]" in done.out
    assert cli("report", "-o", "page.html").code == 0
    assert "<script>alert(1)" not in (tmp_path / "page.html").read_text()
