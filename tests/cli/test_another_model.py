"""A server that becomes another model, or another state of one, in the middle of a run: it is said while it runs, on cards, in reports."""

import html
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from servers.switching import SwitchingServer
from support import Cli

DATED, LATER, IGNORING = "gpt-4.1-mini-2025-04-14", "gpt-4.1-mini-2026-02-01", "gemini-3.8-flash"
JUDGED = ("--measure", "fact_recall", "--margin", "0.1")
ROWS = 16


@pytest.fixture
def server() -> Iterator[SwitchingServer]:
    with SwitchingServer() as running:
        yield running


@pytest.fixture
def label(tmp_path: Path, server: SwitchingServer) -> str:
    """Write a prompt of a few questions, of which 0.5 answers half and 1 all, and return how the model is named."""
    (tmp_path / "rows.yaml").write_text(
        "\n".join(f"- {{id: i{i}, n: {i}, facts: [red]}}" for i in range(ROWS))
    )
    (tmp_path / "p.prompty").write_text(
        "---\nname: p\ninputs: [{name: n, kind: integer}]\nmetadata:\n  tempkit:\n    data: rows.yaml\n---\nuser:\nSay {{ n }}.\n"
    )
    server.text = lambda temperature, number: "red" if temperature or number % 2 else "blue"
    return f"openai:gpt-4.1-mini,base_url={server.url}/v1"


def run(cli: Cli, label: str, *more: str, code: int = 0) -> str:
    """Ask every question twice at two temperatures, 64 answers in all; return what was said on stderr."""
    done = cli("run", "p.prompty", "-m", label, "-t", "0,1", "-n", "2", "--logprobs", "0", "-j", "2", *more)
    assert done.code == code, done.err
    return done.err


def recommended(cli: Cli) -> dict[str, Any]:
    done = cli("recommend", *JUDGED, "--json")
    assert done.code == 0, done.err
    (found,) = json.loads(done.out)["decisions"]
    return dict(found)


def note(decision: dict[str, Any], code: str) -> dict[str, Any]:
    (found,) = [each for each in decision["notes"] if each["code"] == code]
    return dict(found)


def counts(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "tempkit.db")) as connection:
        return dict(connection.execute("select response_model, count(*) from completion group by 1"))


def test_one_model_all_through_is_nothing_to_speak_of(cli: Cli, server: SwitchingServer, label: str) -> None:
    assert "warning" not in run(cli, label)
    found = recommended(cli)
    assert (found["pick"], found["grade"]) == (1.0, "shown")
    assert not {"another_model", "changed_in_run", "changed_with_temperature"} & {
        each["code"] for each in found["notes"]
    }


def test_another_fingerprint_in_mid_run_is_said_and_counted(
    cli: Cli, server: SwitchingServer, label: str
) -> None:
    server.then = {"system_fingerprint": "fp_2"}
    said = run(cli, label)
    assert said.count("changed: its fingerprint is fp_2 now, and was fp_1 before") == 1
    assert re.search(r"fp_1 \(50 answers: \d+ at 0, \d+ at 1\) and fp_2 \(14 answers: ", said)
    found = recommended(cli)
    changed = note(found, "changed_in_run")
    assert (changed["by"], [(part["name"], part["n"]) for part in changed["parts"]]) == (
        "fingerprint",
        [("fp_1", 50), ("fp_2", 14)],
    )
    assert sum(each["n"] for part in changed["parts"] for each in part["temperatures"]) == 64
    assert found["grade"] == "shown"
    assert "The model's fingerprint changed during the run: fp_1 (50 answers" in cli("recommend", *JUDGED).out


def test_another_snapshot_in_mid_run_is_said_and_kept_apart_from_the_first(
    cli: Cli, server: SwitchingServer, label: str, tmp_path: Path
) -> None:
    server.then = {"model": LATER}
    said = run(cli, label)
    assert f"it answers as {LATER} now, and answered as {DATED} before" in said
    assert "which is not" not in said
    assert note(recommended(cli), "changed_in_run")["by"] == "name"
    assert counts(tmp_path) == {DATED: 50, LATER: 14}
    done = cli("decide", *JUDGED)
    assert "so a later change cannot be told from that" in done.err


def test_another_model_than_was_asked_takes_the_proof_from_a_decision(
    cli: Cli, server: SwitchingServer, label: str
) -> None:
    server.then = {"model": "gpt-4o-2024-08-06"}
    said = run(cli, label)
    assert said.count("is answered by gpt-4o-2024-08-06, which is not gpt-4.1-mini") == 1
    found = recommended(cli)
    another = note(found, "another_model")
    assert (another["names"], another["n"], another["whole"]) == (["gpt-4o-2024-08-06"], 14, 64)
    assert another["ignoring"] == []
    assert found["grade"] == "likely"
    assert {each["grade"] for each in found["scopes"].values()} == {"likely"}
    assert cli("recommend", *JUDGED, "--require", "shown").code == 4


def test_a_few_answers_by_another_model_are_said_and_change_no_grade(
    cli: Cli, server: SwitchingServer, label: str
) -> None:
    server.then, server.after = {"model": "gpt-4o-2024-08-06"}, 61
    run(cli, label)
    found = recommended(cli)
    assert note(found, "another_model")["n"] == 3  # less than 5 in a hundred
    assert found["grade"] == "shown"


def test_a_model_that_changes_with_the_temperature_is_said_first(
    cli: Cli, server: SwitchingServer, label: str
) -> None:
    server.then, server.by = {"model": LATER}, lambda temperature, number: temperature == 1
    run(cli, label)
    found = recommended(cli)
    changed = note(found, "changed_with_temperature")
    assert {part["name"]: part["temperatures"] for part in changed["parts"]} == {
        DATED: [{"temperature": 0.0, "n": 32}],
        LATER: [{"temperature": 1.0, "n": 32}],
    }
    assert found["grade"] == "guess"
    said = " ".join(cli("recommend", *JUDGED).out.split())
    assert "The model changed with the temperature, so what looks like the one may be the other:" in said
    assert f"{DATED} (32 answers, 32 at 0)" in said
    assert f"{LATER} (32 answers, 32 at 1)" in said


def test_where_the_other_model_ignores_the_temperature_the_run_stops_keeps_all_and_goes_on(
    cli: Cli, server: SwitchingServer, label: str, tmp_path: Path
) -> None:
    server.then = {"model": IGNORING}
    said = run(cli, label, code=1)
    last = said.strip().splitlines()[-1]
    assert f"is answered by {IGNORING}, which ignores the temperature (" in last
    assert "so nothing more is asked" in last
    assert "go on with: tempkit run --resume p" in last
    assert "--allow-ignored-temperature" in last
    kept = counts(tmp_path)
    assert kept[DATED] == 50
    assert 1 <= kept[IGNORING] <= 4  # what was under way
    assert f"{sum(kept.values())} of 64 samples stored" in last
    before = server.answered
    # It is still another model: a few more are asked, to see that.
    again = cli("run", "--resume", "latest", "-j", "1")
    assert again.code == 1
    assert server.answered - before <= 3
    shown = json.loads(cli("show", "--json").out)
    assert shown["run"]["status"] == "interrupted"
    # It answers itself again.
    server.then = {}
    done = cli("run", "--resume", "latest", "-j", "2")
    assert done.code == 0, done.err
    assert sum(counts(tmp_path).values()) == 64
    assert note(recommended(cli), "another_model")["ignoring"] == [IGNORING]


def test_who_allows_an_ignored_temperature_has_it_all(
    cli: Cli, server: SwitchingServer, label: str, tmp_path: Path
) -> None:
    server.then = {"model": IGNORING}
    said = run(cli, label, "--allow-ignored-temperature")
    assert f"is answered by {IGNORING}, which is not gpt-4.1-mini" in said
    assert counts(tmp_path) == {DATED: 50, IGNORING: 14}
    assert f"{IGNORING} is known not to go by the temperature." in " ".join(
        cli("recommend", *JUDGED).out.split()
    )


def test_a_change_between_a_run_and_what_is_added_to_it_is_a_change_within_the_run(
    cli: Cli, server: SwitchingServer, label: str
) -> None:
    server.text = lambda temperature, number: "red" if number % 3 else "blue"
    run(cli, label, "-j", "1")  # in their order, so that always the same are right
    server.first["system_fingerprint"] = "fp_9"
    done = cli("topup", "latest", "-n", "1", *JUDGED)
    assert done.code == 0, done.err
    assert server.answered > 64
    assert "fp_1 (64 answers: 32 at 0, 32 at 1) and fp_9 (" in done.err


def test_the_rounds_of_choose_are_watched_as_one_run(
    cli: Cli, server: SwitchingServer, label: str, tmp_path: Path
) -> None:
    server.after, server.then = 50, {"model": LATER}
    server.text = lambda temperature, number: "red" if number % 3 else "blue"
    done = cli(
        "choose", "p.prompty", "-m", label, "-t", "0,1", "--no-report", "--max-tokens", "20", "-j", "2", "--json", *JUDGED,
        "--require", "guess",
    )  # fmt: skip
    found = json.loads(done.out)
    assert found["run"]["completions"] > 50
    assert done.err.count(f"it answers as {LATER} now, and answered as {DATED} before") == 1
    (decision,) = found["decisions"]
    codes = {each["code"] for each in decision["notes"]}
    assert {"changed_in_run", "changed_with_temperature"} & codes


def test_choose_stops_where_the_other_model_ignores_the_temperature(
    cli: Cli, server: SwitchingServer, label: str, tmp_path: Path
) -> None:
    server.after, server.then = 20, {"model": IGNORING}
    done = cli("choose", "p.prompty", "-m", label, "-t", "0,1", "--no-report", "-j", "2", *JUDGED)
    assert "Stopped early: " in done.out
    assert f"is answered by {IGNORING}, which ignores the temperature" in " ".join(done.out.split())
    assert counts(tmp_path)[DATED] == 20
    assert server.answered <= 24


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_report_says_who_answered_and_when_the_model_ends(
    cli: Cli, server: SwitchingServer, label: str, tmp_path: Path, lang: str
) -> None:
    server.then = {"model": "<b>gpt-4o</b>", "system_fingerprint": "fp_2"}
    server.listed = [{"id": "gpt-4.1-mini", "shutdown_date": "2027-01-14"}]
    said = run(cli, label)
    assert "is switched off on 2027-01-14" in said.splitlines()[0]
    done = cli("report", "-o", "r.html", "--lang", lang, *JUDGED)
    assert done.code == 0, done.err
    page = (tmp_path / "r.html").read_text()
    assert "<b>gpt-4o</b>" not in page
    text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
    assert re.search(rf"{DATED} \(50 \w+, \d+ \w+ 0 \w+ \d+ \w+ 1\)", text)
    assert "<b>gpt-4o</b> (14 " in text
    assert text.count("2027-01-14") >= 3  # on the card, among the model's facts, among the caveats
    if lang == "en":
        assert "14 of 64 answers are by <b>gpt-4o</b>, where gpt-4.1-mini was asked" in text


def test_show_says_who_answered_and_when_the_model_ends(
    cli: Cli, server: SwitchingServer, label: str
) -> None:
    server.then = {"system_fingerprint": "fp_2"}
    server.listed = [{"id": "gpt-4.1-mini", "shutdown_date": "2027-01-14"}]
    run(cli, label)
    said = " ".join(cli("show").out.split())
    assert "The model's fingerprint changed during the run: fp_1 (50 answers" in said
    assert "switches this model off on 2027-01-14" in said
    (model,) = json.loads(cli("show", "--json").out)["models"]
    assert model["shutdown_date"] == "2027-01-14"
    assert [(each["name"], each["fingerprint"]) for each in model["answered_by"]] == [
        (DATED, "fp_1"),
        (DATED, "fp_2"),
    ]
    assert sum(at["n"] for each in model["answered_by"] for at in each["temperatures"]) == 64


def test_verify_says_why_it_asked_no_further(cli: Cli, server: SwitchingServer, label: str) -> None:
    run(cli, label)
    assert cli("decide", "--write", *JUDGED).code == 0
    server.first = {"model": IGNORING}
    done = cli("verify", "p.prompty", "--json", "-j", "1")
    (found,) = json.loads(done.out)["files"]
    assert (done.code, found["stopped"]) == (7, "model")
    assert IGNORING in found["model_changed"]
    assert "when another model answered" in " ".join(cli("verify", "p.prompty", "-j", "1").out.split())
