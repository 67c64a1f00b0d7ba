"""`tempkit decide`: what is printed is what is written, what is written is what recommend says, and what cannot be kept is said."""

import json
import shutil
from pathlib import Path

import pytest
from support import Cli

from tempkit.prompts import kept_decision, load_prompt

FRONT = "name: p\nmodel:\n  options:\n    maxOutputTokens: 24  # short\ninputs: [{name: n, kind: integer}]\n"
OWN = "metadata:\n  tempkit:\n    use_case: technical-documentation\n    data: rows.yaml\n"


@pytest.fixture
def run(cli: Cli, tmp_path: Path) -> Path:
    """A run of six items whose scripted answers hold a fact now and then."""
    rows = "\n".join(f"- {{id: i{i}, n: {i}, facts: ['a|the|of']}}" for i in range(6))
    (tmp_path / "rows.yaml").write_text(rows)
    (tmp_path / "p.prompty").write_text(f"---\n{FRONT}{OWN}---\nuser:\nSay {{{{ n }}}}.\n")
    done = cli("run", "p.prompty", "-m", "scripted:words", "-t", "0,0.5,1", "-n", "3", "--max-tokens", "20")
    assert done.code == 0, done.err
    return tmp_path


def refused(cli: Cli, code: int, *command: str) -> str:
    done = cli(*command)
    assert (done.code, done.out) == (code, ""), done.err
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    return done.err


def test_without_write_the_changes_are_printed_and_nothing_changes(cli: Cli, run: Path) -> None:
    before = (run / "p.prompty").read_bytes()
    done = cli("decide")
    assert done.code == 0, done.err
    assert (run / "p.prompty").read_bytes() == before
    assert not (run / "p.decision.md").exists()
    added = [
        line[1:] for line in done.out.splitlines() if line.startswith("+") and not line.startswith("+++")
    ]
    assert not [line for line in done.out.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert cli("decide", "latest", "p.prompty", "--write").code == 0
    written = (run / "p.prompty").read_text().splitlines() + (run / "p.decision.md").read_text().splitlines()
    assert set(added) <= set(written)
    assert set((run / "p.prompty").read_text().splitlines()) - set(before.decode().splitlines()) <= set(added)


def test_what_is_kept_is_what_recommend_says(cli: Cli, run: Path) -> None:
    assert cli("decide", "p.prompty", "--write").code == 0
    (found,) = json.loads(cli("recommend", "--json").out)["decisions"]
    (shown,) = json.loads(cli("runs", "--json").out)["runs"]
    kept = kept_decision(run / "p.prompty")
    assert kept is not None
    assert (kept.temperature, kept.grade, kept.measure) == (found["pick"], found["grade"], found["measure"])
    assert (kept.scope, kept.margin, kept.policy) == (found["scope"], found["margin"], found["policy"])
    assert kept.at_worst == pytest.approx(found["regret_upper"], rel=1e-5)
    assert (kept.run, kept.model, kept.tried, kept.answers) == (
        shown["id"],
        "scripted:words",
        (0.0, 0.5, 1.0),
        3,
    )
    assert kept.sampling == {"max_tokens": 20}
    assert load_prompt(run / "p.prompty").suggested_temperature == found["pick"]
    assert "    maxOutputTokens: 24  # short\n" in (run / "p.prompty").read_text()
    record = (run / "p.decision.md").read_text()
    assert f"({shown['id']})" in record
    assert "tempkit verify p.prompty" in record


def test_writing_again_changes_nothing_and_another_decision_takes_its_place(cli: Cli, run: Path) -> None:
    assert cli("decide", "--write").code == 0
    first = [(run / name).read_bytes() for name in ("p.prompty", "p.decision.md")]
    again = cli("decide", "--write")
    assert (again.code, again.err) == (0, "")
    assert [(run / name).read_bytes() for name in ("p.prompty", "p.decision.md")] == first
    assert cli("decide", "--measure", "fact_recall", "--margin", "0.5", "--write").code == 0
    kept = kept_decision(run / "p.prompty")
    assert kept is not None
    assert (kept.margin, kept.use_case) == (0.5, None)
    assert (run / "p.prompty").read_text().count("decision:") == 1


def test_the_record_goes_where_it_is_asked_to_and_json_says_the_same(cli: Cli, run: Path) -> None:
    done = cli("decide", "--record", "docs/why.md", "--write", "--json")
    assert done.code == 0, done.err
    (found,) = json.loads(done.out)["files"]
    assert (found["file"], found["record"], found["written"]) == ("p.prompty", "docs/why.md", True)
    assert (run / "docs/why.md").read_text().startswith("# ")
    assert not (run / "p.decision.md").exists()
    kept = kept_decision(run / "p.prompty")
    assert kept is not None
    assert found["decision"] == kept.entries() | {"tried": list(kept.tried)}


def test_a_use_case_of_ones_own_is_kept_as_seen_from_the_prompt(cli: Cli, run: Path) -> None:
    toml = "name = 'mine'\ntitle = 'Mine'\nwants = 'Facts.'\nwhy = 'So.'\ntie = 'lowest'\ntie_why = 'it repeats'\n"
    (run / "cases").mkdir()
    (run / "cases/mine.toml").write_text(
        f"{toml}[[primary]]\nmeasure = 'fact_recall'\nmargin = 0.1\nwhy = 'it is asked'\n"
    )
    (run / "deep").mkdir()
    shutil.move(run / "p.prompty", run / "deep/p.prompty")
    shutil.copy(run / "rows.yaml", run / "deep/rows.yaml")
    done = cli("decide", "latest", "deep/p.prompty", "--use-case", "cases/mine.toml", "--write")
    assert done.code == 0, done.err
    kept = kept_decision(run / "deep/p.prompty")
    assert kept is not None
    assert (kept.use_case, kept.margin) == ("../cases/mine.toml", 0.1)


def test_a_prompt_that_has_changed_since_is_noted(cli: Cli, run: Path) -> None:
    path = run / "p.prompty"
    path.write_text(path.read_text().replace("Say", "Please say"))
    done = cli("decide", "--write")
    assert done.code == 0
    assert "is not as run p asked it any more" in done.err


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("decide", "latest", "q.prompty"), 1, "q.prompty: prompt file not found"),
        (("decide", "latest", "rows.yaml"), 2, ".prompty files only"),
        (("decide", "latest", "other.prompty"), 2, "has not asked this prompt"),
        (("decide", "latest", "p.prompty", "p.prompty"), 2, "named twice"),
        (("decide", "--model", "scripted:word"), 2, "did you mean 'scripted:words'"),
        (("decide", "nosuchrun"), 1, "no run 'nosuchrun'"),
        (("decide", "--measure", "fact_recall"), 2, "--measure needs --margin"),
    ],
)
def test_what_cannot_be_kept_is_said_in_a_line(
    cli: Cli, run: Path, command: tuple[str, ...], code: int, said: str
) -> None:
    (run / "other.prompty").write_text("---\nname: other\n---\nuser:\nHi\n")
    assert said in refused(cli, code, *command)


def test_a_typed_prompt_has_no_file(cli: Cli) -> None:
    assert cli("run", "Name a colour.", "-m", "scripted:words", "-t", "0,1", "-n", "2").code == 0
    assert "was typed" in refused(cli, 1, "decide")


def test_an_imported_run_is_not_known_well_enough(cli: Cli, tmp_path: Path) -> None:
    rows = [f"q{i},m,{t},{i % 2}" for i in range(6) for t in (0, 1)]
    (tmp_path / "s.csv").write_text("\n".join(["item,model,temperature,accuracy", *rows]) + "\n")
    done = cli("import", "s.csv")
    assert done.code == 0, done.err
    assert "was imported" in refused(cli, 1, "decide", "--measure", "accuracy", "--margin", "0.1")


def test_several_models_need_a_choice(cli: Cli, run: Path) -> None:
    assert (
        cli("run", "p.prompty", "-m", "scripted:words", "-m", "scripted:words,label=two", "-t", "0,1").code
        == 0
    )
    assert "--model LABEL" in refused(cli, 2, "decide")
    assert cli("decide", "--model", "two", "--write").code == 0
    kept = kept_decision(run / "p.prompty")
    assert kept is not None
    assert kept.model == "scripted:words,label=two"


def test_too_little_is_said_with_what_to_do(cli: Cli, run: Path) -> None:
    (run / "q.prompty").write_text("---\nname: q\n---\nuser:\nHi\n")
    assert cli("run", "q.prompty", "-m", "scripted:words", "-t", "0,1", "-n", "1").code == 0
    said = refused(cli, 1, "decide", "--scope", "items-like-these")
    assert "no temperature to keep" in said
    assert "tempkit recommend q" in said


def test_a_file_that_cannot_be_written_is_said(cli: Cli, run: Path) -> None:
    (run / "p.decision.md").mkdir()
    done = cli("decide", "--write")
    assert done.code == 1
    assert "p.decision.md" in done.err
    assert "decision:" not in (run / "p.prompty").read_text()
