"""`tempkit verify`: what it says of a decision follows what the model answers now, and it asks no more than that takes."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers.http_script import chat
from servers.loopback import Handler, Loopback
from support import Cli, CliResult

from tempkit.prompts import kept_decision

ROWS = 24
JUDGED = ("--measure", "fact_recall", "--margin", "0.1")


class ByTemperature(Loopback):
    """Answers each temperature with its own text."""

    def __init__(self) -> None:
        self.texts: Callable[[float], str] = lambda t: "red" if t == 1 else "blue"
        self.changes: dict[str, Any] = {}
        self.asked: list[float] = []
        owner = self

        class Answers(Handler):
            def do_POST(self) -> None:  # noqa: N802  (http.server calls it so)
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.asked.append(request["temperature"])
                text = json.dumps(chat(owner.texts(request["temperature"]), **owner.changes).body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self) -> None:  # noqa: N802  (http.server calls it so)
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()

        super().__init__(Answers)


@pytest.fixture
def server() -> Iterator[ByTemperature]:
    with ByTemperature() as running:
        yield running


def keep(cli: Cli, folder: Path, server: ByTemperature, *judged: str) -> Path:
    """Decide between 0.5, 1 and 1.5, of which only 1 is ever right, and keep it."""
    (folder / "rows.yaml").write_text("\n".join(f"- {{id: i{i}, n: {i}, facts: [red]}}" for i in range(ROWS)))
    path = folder / "p.prompty"
    path.write_text(
        "---\nname: p\ninputs: [{name: n, kind: integer}]\nmetadata:\n  tempkit:\n    data: rows.yaml\n---\nuser:\nSay {{ n }}.\n"
    )
    model = f"openai:m,base_url={server.url}/v1"
    done = cli("run", "p.prompty", "-m", model, "-t", "0.5,1,1.5", "-n", "1", "--logprobs", "0")
    assert done.code == 0, done.err
    done = cli("decide", "--write", *(judged or JUDGED))
    assert done.code == 0, done.err
    kept = kept_decision(path)
    assert kept is not None
    assert (kept.temperature, kept.snapshot, kept.fingerprint) == (1.0, "served-model", "fp_1")
    server.asked.clear()
    return path


@pytest.fixture
def kept(cli: Cli, tmp_path: Path, server: ByTemperature) -> Path:
    return keep(cli, tmp_path, server)


def verified(cli: Cli, *more: str) -> tuple[int, dict[str, Any]]:
    done = cli("verify", "p.prompty", "--json", *more)
    (found,) = json.loads(done.out)["files"]
    assert found["exit_code"] == done.code
    return done.code, found


def test_what_is_clear_ends_after_a_few_questions(cli: Cli, kept: Path, server: ByTemperature) -> None:
    code, found = verified(cli)
    assert (code, found["outcome"], found["stopped"], found["looks"]) == (0, "holds", "clear", 1)
    assert (found["questions_asked"], found["questions"]) == (6, ROWS)
    assert [each["temperature"] for each in found["neighbours"]] == [0.5, 1.5]
    assert sorted(server.asked) == [0.5] * 6 + [1.0] * 6 + [1.5] * 6
    assert "p.prompty: 1 still holds\n" in cli("verify", "p.prompty").out
    run = json.loads(cli("runs", "--json").out)["runs"][1]
    assert (run["name"], run["status"], run["completions"]) == ("verify-p", "interrupted", 18)


def test_a_neighbour_that_is_better_now_is_an_alarm(
    cli: Cli, kept: Path, server: ByTemperature, tmp_path: Path
) -> None:
    server.texts = lambda t: "red" if t == 1.5 else "blue"
    done = cli("verify", "p.prompty", "--junit", "out/v.xml", "--summary", "v.md")
    assert done.code == 6
    assert "p.prompty: 1 no longer holds\n" in done.out
    assert "1.5 is better by at least" in done.out
    root = ET.parse(tmp_path / "out/v.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("1", "1", "0")
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("type") == "no longer holds"
    assert "1.5 is better by at least" in (failure.text or "")
    assert "1 no longer holds" in (tmp_path / "v.md").read_text()


def test_what_stays_open_asks_all_and_says_which_of_the_two_it_is(
    cli: Cli, kept: Path, server: ByTemperature
) -> None:
    server.texts = lambda t: "red" if t else "blue"
    done = cli("verify", "p.prompty")
    assert done.code == 0
    assert "nothing is shown against 1, but too little for it" in done.out
    code, found = verified(cli)
    assert (code, found["outcome"], found["stopped"]) == (0, "open", "questions")
    assert (found["questions_asked"], found["looks"]) == (ROWS, 4)
    assert json.loads(cli("runs", "--json").out)["runs"][0]["status"] == "finished"


@pytest.mark.parametrize("changes", [{"model": "served-model-2"}, {"system_fingerprint": "fp_2"}])
def test_another_model_behind_the_name_is_said(
    cli: Cli, kept: Path, server: ByTemperature, changes: dict[str, str], tmp_path: Path
) -> None:
    server.changes = dict(changes)
    code, found = verified(cli, "--junit", "v.xml")
    assert (code, found["outcome"]) == (7, "holds")
    (new,) = changes.values()
    assert new in found["model_changed"]
    assert 'type="model changed"' in (tmp_path / "v.xml").read_text()
    server.texts = lambda t: "red" if t == 0.5 else "blue"
    code, found = verified(cli)
    assert (code, found["outcome"]) == (6, "broken")
    assert new in found["model_changed"]


def test_a_guard_rail_that_breaks_is_an_alarm(cli: Cli, tmp_path: Path, server: ByTemperature) -> None:
    (tmp_path / "mine.toml").write_text(
        "name = 'mine'\ntitle = 'Mine'\nwants = 'Facts.'\nwhy = 'So.'\ntie = 'lowest'\ntie_why = 'it repeats'\n"
        "[[primary]]\nmeasure = 'fact_recall'\nmargin = 0.1\nwhy = 'it is asked'\n"
        "[[guard]]\nmeasure = 'fact_recall'\nlimit = 0.5\nworse = 'below'\nwhy = 'facts'\n"
    )
    keep(cli, tmp_path, server, "--use-case", "mine.toml")
    code, found = verified(cli)
    assert (code, found["outcome"]) == (0, "holds")
    server.texts = lambda _t: "blue"
    code, found = verified(cli)
    assert (code, found["outcome"]) == (6, "broken")
    assert [each["verdict"] for each in found["guardrails"]] == ["broken"]
    assert "shown to be beyond its limit of 50 %" in cli("verify", "p.prompty").out


def test_the_budget_ends_it(cli: Cli, kept: Path, server: ByTemperature) -> None:
    server.texts = lambda _t: "red"
    code, found = verified(cli, "--budget-tokens", "60", "-j", "1")
    assert (code, found["outcome"], found["stopped"]) == (0, "open", "budget")
    assert 0 < len(server.asked) < 3 * ROWS
    assert found["questions_asked"] < ROWS


def test_fewer_questions_and_more_answers_can_be_asked_for(
    cli: Cli, kept: Path, server: ByTemperature
) -> None:
    code, found = verified(cli, "--items", "5", "-n", "2", "--seed", "3")
    assert (code, found["questions"]) == (0, 5)
    assert len(server.asked) == 5 * 3 * 2


def test_several_files_are_all_tested_and_share_the_rate(
    cli: Cli, kept: Path, server: ByTemperature, tmp_path: Path
) -> None:
    other = tmp_path / "q.prompty"
    other.write_text(kept.read_text().replace("name: p\n", "name: q\n"))
    done = cli("verify", "p.prompty", "q.prompty", "--json", "--summary", "s.md", "--junit", "v.xml")
    assert done.code == 0, done.err
    assert [each["file"] for each in json.loads(done.out)["files"]] == ["p.prompty", "q.prompty"]
    alone = verified(cli, "--false-alarms-per-year", "0.25")[1]["neighbours"]
    assert json.loads(done.out)["files"][0]["neighbours"] == alone
    assert len(ET.parse(tmp_path / "v.xml").findall("testsuite/testcase")) == 2


def test_the_summary_of_a_ci_job_is_added_to(cli: Cli, kept: Path, tmp_path: Path) -> None:
    (tmp_path / "step.md").write_text("before\n")
    (tmp_path / "other.md").write_text("before\n")
    step = {"GITHUB_STEP_SUMMARY": str(tmp_path / "step.md")}
    assert cli("verify", "p.prompty", "--summary", "step.md", env=step).code == 0
    assert cli("verify", "p.prompty", "--summary", "other.md", env=step).code == 0
    assert (tmp_path / "step.md").read_text().startswith("before\n## ")
    assert (tmp_path / "other.md").read_text().startswith("## ")


def test_a_server_that_fails_is_an_error_and_no_verdict(
    cli: Cli, kept: Path, server: ByTemperature, tmp_path: Path
) -> None:
    server.changes = {"choices": []}
    done = cli("verify", "p.prompty", "--items", "1", "--junit", "v.xml")
    assert done.code == 1
    assert "could not be tested" in done.out
    root = ET.parse(tmp_path / "v.xml").getroot()
    assert (root.get("failures"), root.get("errors")) == ("0", "1")


def refused(done: CliResult, code: int) -> str:
    assert (done.code, done.out) == (code, ""), done.err
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    return done.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("n.prompty",), 1, "n.prompty: prompt file not found"),
        (("rows.yaml",), 2, ".prompty files only"),
        (("bare.prompty",), 1, "keeps no decision; keep one with: tempkit decide RUN bare.prompty --write"),
        (("edited.prompty",), 1, "restore the temperature"),
        (("p.prompty", "--false-alarms-per-year", "0"), 2, "above 0 and below 52"),
        (("p.prompty", "--false-alarms-per-year", "52"), 2, "above 0 and below 52"),
        (("p.prompty", "--budget-usd", "0"), 2, "--budget-usd"),
        (("p.prompty", "--items", "0"), 2, "--items"),
        (("p.prompty", "-m", "smollm2"), 2, "must be backend:name"),
        (("p.prompty", "--junit", "."), 2, "--junit . is a folder; name a file in it"),
        (("p.prompty", "--summary", ""), 2, "--summary . is a folder; name a file in it"),
        (("p.prompty", "--junit", ".."), 2, "--junit .. is a folder; name a file in it"),
        (("key.prompty",), 2, "--allow-key-env OTHER_KEY"),
        (("lost.prompty",), 1, "decide again with --use-case FILE.toml"),
        (("many.prompty",), 2, "add -n 3"),
    ],
)
def test_what_cannot_be_tested_is_said_in_a_line(
    cli: Cli, kept: Path, server: ByTemperature, arguments: tuple[str, ...], code: int, said: str
) -> None:
    folder, text = kept.parent, kept.read_text()
    (folder / "bare.prompty").write_text("---\nname: bare\n---\nuser:\nHi\n")
    for name, old, new in (
        ("edited", "    temperature: 1\n      run", "    temperature: 1.5\n      run"),
        ("key", '/v1"', '/v1,api_key_env=OTHER_KEY"'),
        ("lost", "      policy: single", "      policy: single\n      use_case: mine"),
        ("many", "      policy: single", '      policy: "best-of:3"'),
    ):
        assert old in text
        (folder / f"{name}.prompty").write_text(text.replace(old, new))
    assert said in refused(cli("verify", *arguments), code)
    assert server.asked == []


def test_an_output_that_cannot_be_written_is_said(cli: Cli, kept: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = cli("verify", "p.prompty", "--junit", "file/v.xml")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("error: file/v.xml: cannot be written")
