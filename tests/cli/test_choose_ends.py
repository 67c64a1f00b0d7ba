"""What `tempkit choose` leaves behind: the temperature in the prompt's file, and all that was typed asked."""

import json
from pathlib import Path

from choosing_runs import query, questions, said
from support import Cli

from tempkit.prompts import kept_decision


def test_every_prompt_that_was_typed_can_be_asked(cli: Cli, tmp_path: Path) -> None:
    typed = [f"Say the {number}th word." for number in range(10)]
    done = cli(
        "choose",
        *typed,
        "-m",
        "scripted:words",
        "--for",
        "chatbot",
        "-t",
        "0,0.2,0.4",
        "--no-report",
        "--json",
    )
    found = said(done, 0, 4)
    assert found["stopped"] == {"chatbot": "data"}
    assert query(tmp_path, "select count(distinct item_id) from completion") == [(10,)]


def test_what_was_chosen_is_kept_in_the_prompts_file(cli: Cli, tmp_path: Path) -> None:
    prompt = questions(tmp_path)
    done = cli("choose", prompt, "-m", "scripted:words", "-t", "0,1.4", "--no-report", "--write")
    assert done.code == 0, done.err
    assert done.out.endswith("Kept 0 (likely) in p.prompty, and its record in p.decision.md\n")
    assert "temperature: 0," in (tmp_path / prompt).read_text()
    again = said(cli("choose", "--continue", "latest", "--no-report", "--write", "--json"))
    assert [(each["file"], each["written"]) for each in again["kept"]] == [("p.prompty", True)]
    checked = cli("decide", "latest", "p.prompty")
    assert checked.out == "p.prompty keeps this decision already\n", checked.err


def test_a_measure_named_is_kept_too(cli: Cli, tmp_path: Path) -> None:
    prompt = questions(tmp_path)
    by = ("--measure", "fact_recall", "--margin", "0.1")
    done = cli("choose", prompt, "-m", "scripted:words", "-t", "0,1.4", "--no-report", "--write", *by)
    assert done.code == 0, done.err
    kept = kept_decision(tmp_path / prompt)
    assert kept is not None
    assert (kept.measure, kept.margin, kept.use_case) == ("fact_recall", 0.1, None)


def test_nothing_is_asked_where_nothing_could_be_kept(cli: Cli, tmp_path: Path) -> None:
    done = cli("choose", "Say it.", "-m", "scripted:words", "--for", "general", "--write")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: --write keeps the temperature in .prompty files, and none of these prompts is one; leave it out\n"
    )
    assert not (tmp_path / "tempkit.db").exists()
    cli("choose", "Say it.", "-m", "scripted:words", "--for", "general", "-t", "0,1", "--no-report")
    done = cli("choose", "--continue", "latest", "--write")
    assert (done.code, done.out) == (2, "")


def test_without_a_temperature_nothing_is_kept_and_it_says_so(cli: Cli, tmp_path: Path) -> None:
    prompt = questions(tmp_path, fact="never said")
    before = (tmp_path / prompt).read_bytes()
    done = cli("choose", prompt, "-m", "scripted:words", "-t", "0,1", "--no-report", "--write", "--json")
    found = said(done, 5)
    assert found["kept"] == []
    assert "warning: there is no temperature to keep for technical-documentation yet\n" in done.err
    assert (tmp_path / prompt).read_bytes() == before


def test_each_file_keeps_the_temperature_for_its_use_case_on_the_model_that_leads(
    cli: Cli, tmp_path: Path
) -> None:
    questions(tmp_path, "a")
    questions(tmp_path, "b", use_case="chatbot")
    (tmp_path / "x.yaml").write_text(
        "prompts: [a.prompty, b.prompty]\ntemperatures: [0, 1.4]\n"
        "models: ['scripted:words', {model: 'scripted:words', label: second}]\n"
    )
    found = said(cli("choose", "x.yaml", "--write", "--no-report", "--json"), 0, 4)
    assert [each["file"] for each in found["kept"]] == ["a.prompty", "b.prompty"]
    picks = {(each["section"], each["model"]): each["pick"] for each in found["decisions"]}
    assert len(picks) == 4
    for each, section in zip(found["kept"], ("technical-documentation", "chatbot"), strict=True):
        assert each["decision"]["temperature"] in {pick for (of, _m), pick in picks.items() if of == section}
    assert json.dumps(found["decisions"])
