"""`tempkit.api`: what the commands do, from a program, with real files and real answers of the scripted backend."""

import json
from pathlib import Path

import pytest
from servers.judging import JudgeServer, is_upwards, parts
from support import Cli

import tempkit
from tempkit import api
from tempkit.decision import as_data
from tempkit.errors import ReportError, StoreError, UsageError
from tempkit.planning.experiment import Experiment, parse_model
from tempkit.running import RunResult
from tempkit.store import Store

PROMPT = (
    "---\nname: p\nmodel: {options: {maxOutputTokens: 24}}\ninputs: [{name: n, kind: integer}]\n"
    "metadata: {tempkit: {use_case: technical-documentation, data: rows.yaml}}\n---\nuser:\nSay {{ n }}.\n"
)


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a database is to be, beside a prompt with eight items whose scripted answers hold a fact now and then."""
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(f"- {{id: i{i}, n: {i}, facts: ['a|the|of']}}" for i in range(8))
    (tmp_path / "rows.yaml").write_text(rows)
    (tmp_path / "p.prompty").write_text(PROMPT)
    return tmp_path / "runs.db"


def experiment(model: str = "scripted:words") -> Experiment:
    return Experiment(
        prompts=("p.prompty",), models=(parse_model(model),), temperatures=(0.0, 1.0, 2.0), repeat=3
    )


@pytest.fixture
def ran(db: Path) -> RunResult:
    return api.run(experiment(), db=db)


def looks(db: Path, run: str) -> int:
    with Store.open(db) as store:
        return len(store.looks(store.find_run(run).id))


def test_the_functions_are_named_in_one_place_and_there() -> None:
    assert tempkit.api is api
    assert all(callable(getattr(api, name)) for name in api.__all__ if not name.isupper())
    with pytest.raises(AttributeError, match="attribute nothing"):
        _ = api.nothing


def test_a_run_is_stored_and_measured_and_decides(db: Path, ran: RunResult) -> None:
    assert (ran.run.status, ran.stored) == ("finished", 72)
    counts: list[tuple[str, int, int]] = []
    done = api.measure(ran.run, db=db, on_progress=lambda *count: counts.append(count))
    assert (done.blocks, done.renewed) == (8, 8)
    assert counts == [("measuring", n, 8) for n in range(9)]
    assert api.measure("p", db=db).renewed == 0
    (found,) = api.recommend("latest", db=db)
    assert (found.use_case, found.looks, looks(db, "p")) == ("technical-documentation", 1, 1)
    (other,) = api.recommend(
        "p", db=db, measure="truncated", margin=0.5, direction="higher", scope="these_items", policy="single"
    )
    assert (other.measure, other.scope) == ("truncated", "these_items")


def test_an_experiment_file_or_a_plan_is_run_alike_and_costs_are_known_before(db: Path) -> None:
    Path("x.yaml").write_text(
        "prompts: [p.prompty]\nmodels: ['scripted:words']\ntemperatures: [0, 1, 2]\nrepeat: 3\n"
    )
    (expected,) = api.estimate("x.yaml")
    assert (expected.model, expected.tokens[0] > 0) == ("scripted:words", True)
    assert not db.exists()
    by_file = api.run("x.yaml", db=db)
    by_plan = api.run(tempkit.build_plan(experiment()), db=db)
    with Store.open(db) as store:
        one, other = (
            [(c.key, c.text) for c in store.completions(each.run.id)] for each in (by_file, by_plan)
        )
    assert sorted(one) == sorted(other)


def test_failures_are_noted_and_done_again(db: Path) -> None:
    notes: list[str] = []
    broken = api.run(experiment("scripted:words,fail_every=3"), db=db, on_note=notes.append)
    assert broken.run.failures > 0
    assert notes == [f"{broken.run.failures} failed: scripted failure"]
    assert api.resume(broken.run, db=db).stored == 0
    again = api.resume("latest", db=db, retry_errors=True)
    assert again.stored == broken.run.failures
    assert again.run.completions > broken.run.completions


def test_what_looks_like_a_template_is_noted(db: Path) -> None:
    notes: list[str] = []
    typed = Experiment(
        prompts=("Say {{ n }}.",), models=(parse_model("scripted:words"),), temperatures=(0.0,), repeat=1
    )
    api.run(typed, db=db, on_note=notes.append)
    assert len(notes) == 1
    assert notes[0].startswith("warning: ")
    assert "is sent as it stands" in notes[0]


def test_a_report_is_a_page_or_a_summary_or_goes_into_an_open_file(
    db: Path, ran: RunResult, tmp_path: Path
) -> None:
    page = api.report(db=db)
    assert page == Path("reports/p.html")
    assert "<!doctype html>" in page.read_text(encoding="utf-8")[:50].lower()
    summary = api.report(ran.run, db=db, output="p.md")
    with (tmp_path / "open.md").open("wb") as file:
        api.report_to(file, "p", db=db)
        assert not file.closed
    assert (tmp_path / "open.md").read_bytes() == summary.read_bytes()
    spanish = api.report("p", db=db, output="es.md", lang="es").read_text(encoding="utf-8")
    assert spanish != summary.read_text(encoding="utf-8")
    assert looks(db, "p") == 1


def test_a_report_that_cannot_be_written_is_no_look_at_the_data(db: Path, ran: RunResult) -> None:
    Path("file").write_text("")
    with pytest.raises(ReportError, match="cannot be written"):
        api.report("p", db=db, output="file/p.md")
    assert looks(db, "p") == 0


def test_what_is_exported_comes_back_as_the_same_run(db: Path, ran: RunResult) -> None:
    counts: list[tuple[str, int, int]] = []
    done = api.export(ran.run, output="p.jsonl", db=db, on_progress=lambda *count: counts.append(count))
    assert ([run.name for run in done.runs], done.format, done.rows) == (["p"], "jsonl", 72)
    assert [counts[8], counts[-1]] == [("measuring", 8, 8), ("exporting", 72, 72)]
    with Path("open.jsonl").open("wb") as file:
        assert api.export_to(file, "p", db=db).rows == 72
    assert Path("open.jsonl").read_bytes() == Path("p.jsonl").read_bytes()
    back = api.import_("p.jsonl", db="other.db", name="back", use_case="technical-documentation")
    assert (back.run.name, back.run.imported, back.completions) == ("back", True, 72)
    (here,) = api.recommend("p", db=db)
    (there,) = api.recommend("back", db="other.db")
    assert [(row.temperature, row.samples) for row in there.temperatures] == [
        (row.temperature, row.samples) for row in here.temperatures
    ]


def test_columns_of_an_import_may_have_other_names(db: Path) -> None:
    Path("s.csv").write_text("Problem ID,model,temperature,good,junk\na,m,0,0.5,x\nb,m,1,0.7,y\n")
    done = api.import_("s.csv", db=db, columns={"item": "Problem ID"}, skip=["junk"])
    assert (done.run.name, dict(done.scores)) == ("s", {"good": 2})
    notes: list[str] = []
    assert api.export("s", output="s-again.csv", db=db, on_note=notes.append).rows == 0
    assert len(notes) == 1
    assert notes[0].startswith("warning: s holds imported scores")
    with pytest.raises(UsageError, match="no use case"):
        api.import_("s.csv", db="never.db", columns={"item": "Problem ID"}, use_case="nothere")
    assert not Path("never.db").exists()


def test_a_judge_is_asked_once_and_its_grades_decide(
    db: Path, ran: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")

    def grade_by_length(question: str) -> str:
        grade = min(5, max(1, round(len(parts(question)["answer"].split()) / 4)))
        return str(grade if is_upwards(question) else 6 - grade)

    with JudgeServer(grade_by_length) as server:
        expected = api.judge_outline("p", model=server.model, db=db, rubric="Long.")
        assert server.bodies == []
        found = api.judge("p", model=server.model, db=db, rubric="Long.")
        assert found.questions == found.answered_now == expected.questions == len(server.questions)
        again = api.judge("p", model=server.model, db=db, rubric="Long.")
        assert (again.answered_before, again.answered_now) == (found.questions, 0)
    (decision,) = api.recommend("p", db=db, measure="rubric", margin=0.1)
    assert decision.measure == "rubric"
    assert any(row.mean is not None for row in decision.temperatures)
    with pytest.raises(UsageError, match="rubric is empty"):
        api.judge("p", model="scripted:words", db=db, rubric=" ")
    with pytest.raises(UsageError, match="at least 1"):
        api.judge("p", model="scripted:words", db=db, pairs=0)


def test_top_ups_say_what_they_draw_first_and_draw_it(db: Path, ran: RunResult) -> None:
    lines: list[str] = []
    dry = api.topup("p", db=db, more=2, dry_run=True, on_plan=lines.append)
    assert [each.says for each in dry.rounds] == lines
    assert (dry.drawn, dry.run.completions, looks(db, "p")) == (False, 72, 1)
    done = api.topup("p", db=db, more=2)
    assert done.drawn
    assert done.run.completions == 72 + sum(each.samples for each in done.rounds)
    (found,) = done.decisions
    assert found.looks == 2


def test_an_open_store_stays_open_and_is_not_opened_again(db: Path, ran: RunResult) -> None:
    with Store.open(db) as store:
        (one,) = api.recommend(ran.run, db=store)
        (other,) = api.recommend(ran.run.id, db=store)
        assert as_data(one) == as_data(other)
        assert store.find_run("latest").id == ran.run.id


def test_what_is_wrong_is_an_error_of_tempkits_and_nothing_is_printed(
    db: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StoreError, match="no database"):
        api.recommend(db=db)
    api.run(experiment(), db=db)
    with pytest.raises(StoreError, match="no run"):
        api.measure("nothere", db=db)
    with pytest.raises(UsageError, match="policy"):
        api.recommend(db=db, policy="nonsense:9")
    with pytest.raises(UsageError, match="meant twice"):
        api.report(["p", "latest"], db=db)
    with pytest.raises(UsageError, match="no run is named"):
        api.report([], db=db)
    with pytest.raises(UsageError, match="name it with embedder"):
        api.measure(db=db, embedder_options={"base_url": "http://127.0.0.1"})
    assert capfd.readouterr() == ("", "")


def test_a_command_says_what_its_function_returns(cli: Cli, db: Path) -> None:
    done = cli("run", "p.prompty", "-m", "scripted:words", "-t", "0,1,2", "-n", "3", "--db", "runs.db")
    assert done.code == 0, done.err
    asked = ("--measure", "truncated", "--margin", "0.5", "--scope", "these-items")
    printed = json.loads(cli("recommend", *asked, "--json", "--db", "runs.db").out)["decisions"]
    found = api.recommend(db=db, measure="truncated", margin=0.5, scope="these_items")
    assert printed == json.loads(json.dumps([as_data(each) for each in found]))
    measured = json.loads(cli("measure", "--json", "--db", "runs.db").out)
    done_again = api.measure(db=db)
    assert (measured["blocks"], measured["measured"]) == (done_again.blocks, done_again.renewed)
    exported = cli("export", "-o", "-", "--format", "csv", "--db", "runs.db").out
    api.export(output="same.csv", db=db)
    assert exported == Path("same.csv").read_bytes().decode()
    assert cli("report", "-o", "-", "--db", "runs.db").out == api.report(db=db, output="same.md").read_text(
        encoding="utf-8"
    )
