"""`tempkit.sweep`, `choose` and `Run`: strings and rows in, data frames and decisions out, in scripts and in notebooks."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import polars
import pytest
from support import Cli

import tempkit
from tempkit import plugins
from tempkit.errors import PluginError, PromptError, StoreError, UsageError
from tempkit.measures import MEASURES, Missing
from tempkit.store import Store
from tempkit.types import Completion

ROWS = [{"question": f"Say {n}.", "expected": "a|the|of", "id": f"q{n}"} for n in range(8)]
HOW: dict[str, Any] = {
    "temperatures": "0:2:1",
    "repeat": 3,
    "max_tokens": 24,
    "use_case": "technical-documentation",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def unplugged() -> Iterator[None]:
    before = dict(plugins._ADDED)
    yield
    plugins._ADDED.clear()
    plugins._ADDED.update(before)


def swept(**more: Any) -> tempkit.Run:
    return tempkit.sweep(ROWS, "scripted:words", **{**HOW, **more})


def test_a_sweep_of_rows_is_a_run_like_any_other(cli: Cli) -> None:
    run = swept(name="mine")
    assert repr(run) == "<tempkit.Run mine: finished, 72 of 72 answers>"
    plan = run.plan()
    assert plan.temperatures == (0, 1, 2)
    assert [item.key for item in plan.items][:2] == ["questions/q0", "questions/q1"]
    assert plan.items[0].facts == (("a", "the", "of"),)
    assert json.loads(plan.prompts[0].source.partition("\n")[0]) == ROWS[0]
    assert [each.name for each in tempkit.runs()] == ["mine"]
    assert tempkit.open_run("mine") == tempkit.open_run() == run
    shown = cli("show", "mine", "--json")
    assert shown.code == 0, shown.err


@pytest.mark.parametrize("library", [pandas, polars])
def test_rows_may_be_a_data_frame(library: Any) -> None:
    table = library.DataFrame({"Question": ["Say a.", "Say b."], "expected": ["the", None], "n": [1, 2]})
    prompt = tempkit.questions(table, "mine")
    assert [item.key for item in prompt.items] == ["mine/1", "mine/2"]
    assert [item.facts for item in prompt.items] == [(("the",),), ()]
    assert prompt.items[1].variables["n"] == 2
    assert type(prompt.items[1].variables["n"]) is int
    run = tempkit.sweep(table, "scripted:words", temperatures=0, repeat=1)
    assert run.record().completions == 2


def test_what_the_command_line_takes_is_taken(here: Path, cli: Cli) -> None:
    (here / "p.prompty").write_text("---\nname: p\n---\nuser:\nSay something.\n")
    (here / "e.yaml").write_text(
        "prompts: [p.prompty]\nmodels: ['scripted:words']\ntemperatures: [0]\nrepeat: 1\n"
    )
    (here / "q.csv").write_text("question,expected\nSay a.,the\nSay b.,of\n")
    runs = [
        tempkit.sweep("e.yaml", repeat=2),
        tempkit.sweep(here / "p.prompty", models=["scripted:words"], temperatures=[0, 1], repeat=1),
        tempkit.sweep(["Say a word.", "q.csv"], "scripted:words", temperatures="0,1", repeat=1),
    ]
    assert [run.record().completions for run in runs] == [2, 2, 6]
    done = cli("run", "e.yaml", "-n", "2", "--name", "typed", "--json")
    assert json.loads(done.out)["run"]["completions"] == 2
    assert [c.text for c in completions(runs[0])] == [c.text for c in completions(tempkit.open_run("typed"))]


def completions(run: tempkit.Run) -> list[Completion]:
    with Store.open("tempkit.db", reading=True) as store:
        return list(store.completions(run.id))


def test_frames_have_the_columns_of_an_export_and_its_values(cli: Cli) -> None:
    run = swept()
    assert cli("export", run.name, "-o", "all.csv").code == 0
    exported = pandas.read_csv("all.csv").drop(columns="format_version")  # which files alone need
    mine = run.answers("pandas")
    assert list(mine.columns) == list(exported.columns)
    assert mine["text"].tolist() == exported["text"].tolist()
    assert mine["score.fact_recall"].tolist() == pytest.approx(exported["score.fact_recall"].tolist())
    rows = run.answers("rows", messages=True)
    assert rows[0]["gen_ai.input.messages"][0]["parts"][0]["content"] == "Say 0."
    assert set(rows[0]) == {*exported.columns, "gen_ai.input.messages"}
    theirs = run.answers("polars")
    assert theirs["temperature"].to_list() == [row["temperature"] for row in rows]
    assert theirs.schema["thinking_tokens"] == polars.Int64, "an empty column has its type too"
    assert str(mine["thinking_tokens"].dtype) == "Int64"
    tokens = run.tokens("polars")
    assert tokens.height == sum(row["gen_ai.usage.output_tokens"] for row in rows)
    assert tokens["top"][0][0]["text"] == run.tokens("rows")[0]["top"][0]["text"]
    scores = run.scores("pandas")
    assert set(scores["status"]) <= {"ok", "missing"}
    by_hand = scores[(scores.measure == "fact_recall") & (scores.temperature == 0)]["value"].mean()
    assert by_hand == pytest.approx(mine[mine.temperature == 0]["score.fact_recall"].mean())


def test_failed_samples_are_rows_too() -> None:
    run = tempkit.sweep(ROWS, "scripted:words,fail_every=4", **HOW)
    table = run.answers("polars")
    assert table.filter(polars.col("status") == "failure").height == run.record().failures > 0
    assert table["text"].null_count() == run.record().failures


def test_a_frame_is_of_what_is_in_use_or_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    run = swept()
    monkeypatch.delitem(sys.modules, "polars")
    assert type(run.answers()).__module__.startswith("pandas")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.delitem(sys.modules, "pandas")
    assert isinstance(run.answers(), list)
    with pytest.raises(UsageError, match="pip install polars, or ask for rows"):
        run.answers("polars")
    with pytest.raises(UsageError, match="no 'numpy'"):
        run.answers("numpy")  # type: ignore[arg-type]


def test_a_run_decides_reports_and_is_shown() -> None:
    run = swept()
    found = run.decide()
    (only,) = found
    assert only.use_case == "technical-documentation"
    assert found.temperature in (0, 1, 2)
    assert found[0] is only
    assert f"Use {found.temperature:g}" in repr(found)
    page = run._repr_html_()
    assert page is not None
    assert "Because" in page
    assert "<script" not in page
    assert run.report("r.html").stat().st_size > 100_000
    assert "# Temperature report" in run.report("r.md").read_text()
    other = swept(name="other")
    assert "other" in run.report("both.html", beside=[other]).read_text()
    assert run.decide(measure="fact_recall", margin=0.5)[0].margin == 0.5
    assert run.export("a.jsonl").rows == 72
    assert run.measure().resume().topup(dry_run=True).run.id == run.id


def test_what_is_shown_in_a_notebook_is_escaped() -> None:
    evil = "<img src=x onerror=alert(1)>"
    toml = f'name = "evil"\ntitle = "{evil}"\nwants = "{evil}"\nwhy = "x"\ntie = "lowest"\ntie_why = "x"\n[[primary]]\nmeasure = "fact_recall"\nmargin = 0.05\nwhy = "x"\n'
    Path("evil.toml").write_text(toml)
    page = swept(use_case="evil.toml", name=evil).decide()._repr_html_()
    assert "<img" not in page
    assert "&lt;img" in page


def test_a_choice_in_a_running_loop_beside_other_work() -> None:
    async def cell() -> tuple[tempkit.Choice, int]:
        task = asyncio.ensure_future(
            tempkit.choose_async(
                ROWS, "scripted:words", max_tokens=24, use_case="technical-documentation", name="c"
            )
        )
        ticks = 0
        while not task.done():
            await asyncio.sleep(0.005)
            ticks += 1
        return task.result(), ticks

    choice, ticks = asyncio.run(cell())
    assert ticks > 1
    assert choice.run.record().status == "finished"
    assert choice.temperature is not None
    assert choice.grade in ("guess", "likely", "shown")
    assert f"{choice.temperature:g}" in choice._repr_html_()
    assert tempkit.open_run("c").decide().temperature == choice.temperature


def test_a_choice_may_be_by_a_measure() -> None:
    found = tempkit.choose(
        ROWS, "scripted:words", measure="distinct_share", margin=0.2, direction="higher", max_tokens=24
    )
    assert found.decisions[0].measure == "distinct_share"
    assert found.run.plan().design is not None


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: tempkit.sweep([], "scripted:words"), UsageError, "no prompts"),
        (lambda: tempkit.sweep("Say a."), UsageError, "no model"),
        (lambda: tempkit.sweep(ROWS, "words"), UsageError, "backend:name"),
        (lambda: tempkit.sweep([*ROWS, "Say a."], "scripted:words"), UsageError, r"tempkit\.questions"),
        (lambda: tempkit.questions([]), PromptError, "there are no rows"),
        (lambda: tempkit.questions(["Say a."]), PromptError, "row 1 is 'Say a.'"),  # type: ignore[list-item]
        (lambda: tempkit.questions([{"a": 1, "b": 2}]), PromptError, "no column of questions"),
        (lambda: tempkit.questions([{"question": "x"}, {"question": float("nan")}]), PromptError, "row 2: no question"),
        (lambda: swept(temperatures="warm"), UsageError, "not a number"),
        (lambda: swept(repeat=0), UsageError, "at least 1"),
        (lambda: swept(time_limit="soon"), UsageError, "time_limit must be a time"),
        (lambda: swept(budget_usd=-1), UsageError, "budget"),
        (lambda: swept(memory="4GB"), UsageError, "gguf"),
        (lambda: tempkit.open_run("nothere", db="none.db"), StoreError, "none.db"),
        (lambda: tempkit.choose(ROWS, "scripted:words", rubric="good"), UsageError, "judge"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_before_anything_is_stored(
    call: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        call()
    assert not Path("tempkit.db").exists()


def test_two_decisions_have_no_one_temperature() -> None:
    both = tempkit.sweep(ROWS, ["scripted:words", "scripted:words,label=again"], **HOW).decide()
    assert len(both) == 2
    with pytest.raises(ValueError, match="2 decisions"):
        _ = both.temperature


@pytest.mark.usefixtures("unplugged")
def test_a_measure_is_a_decorated_function_and_is_taken_anew_when_it_changes() -> None:
    @tempkit.add_measure(title="Letters", unit="letters", direction="higher", low=0)
    def letters(answer: Completion) -> float | None:
        """How many letters an answer has."""
        return None if "river" in answer.text else sum(c.isalpha() for c in answer.text)

    run = swept()
    table = run.answers("polars")
    expected = [None if "river" in text else sum(map(str.isalpha, text)) for text in table["text"]]
    assert table["score.letters"].to_list() == expected
    assert MEASURES["letters"].definition == "How many letters an answer has."
    assert run.decide(measure="letters", margin=5)[0].measure == "letters"

    @tempkit.add_measure(name="letters", title="Letters", unit="letters", direction="higher", low=0)
    def twice(answer: Completion) -> float | Missing:
        return (
            Missing("it is about a river")
            if "river" in answer.text
            else 2.0 * sum(c.isalpha() for c in answer.text)
        )

    again = run.answers("polars")
    assert again["score.letters"].to_list() == [None if value is None else 2 * value for value in expected]
    assert "it is about a river" in set(again["score_reason.letters"].to_list())
    assert "Letters" in run.report("r.html").read_text()


@pytest.mark.usefixtures("unplugged")
def test_a_measure_that_fails_says_which() -> None:
    @tempkit.add_measure(title="Broken")
    def broken(answer: Completion) -> float:
        raise ZeroDivisionError(answer.text)

    with pytest.raises(
        PluginError, match="the measure 'broken', which this program added, failed: ZeroDivisionError"
    ):
        swept().measure()
    with pytest.raises(UsageError, match="there is a measure 'perplexity' already"):
        tempkit.add_measure(title="x", name="perplexity")(broken)


@pytest.mark.usefixtures("unplugged")
def test_a_backend_an_exporter_and_a_use_case_of_the_program_s_own() -> None:
    from tempkit.backends.scripted import ScriptedBackend

    @tempkit.add_backend("mine")
    class Mine(ScriptedBackend):
        """Ours."""

    @tempkit.add_exporter("lines", suffixes=[".lines"])
    class Lines:
        def __init__(self, out: Any, columns: Any) -> None:
            self.out = out

        def write(self, row: Any) -> None:
            self.out.write(f"{row['temperature']:g}\n".encode())

        def close(self) -> None: ...

        def abandon(self) -> None: ...

    use_case = tempkit.add_use_case(
        'name = "any"\ntitle = "Any word"\nwants = "words"\nwhy = "x"\ntie = "lowest"\ntie_why = "x"\n'
        '[[primary]]\nmeasure = "fact_recall"\nmargin = 0.05\nwhy = "x"\n'
    )
    run = tempkit.sweep(ROWS, "mine:words", **{**HOW, "use_case": use_case.name})
    assert run.record().completions == 72
    assert run.export("t.lines").rows == 72
    assert Path("t.lines").read_text().split()[:3] == ["0", "0", "0"]
    assert run.decide()[0].use_case == "any"
    for taken in (
        lambda: tempkit.add_backend("scripted")(Mine),
        lambda: tempkit.add_exporter("csv", suffixes=[".csv"])(Lines),
        lambda: tempkit.add_use_case(
            Path(tempkit.__file__).with_name("decision").joinpath("shipped/chatbot.toml").read_text()
        ),
    ):
        with pytest.raises(UsageError, match="already"):
            taken()
    with pytest.raises(UsageError, match="no capabilities"):
        tempkit.add_backend("bad")(type("Bad", (), {}))
    with pytest.raises(UsageError, match="the use case"):
        tempkit.add_use_case("name = 3")


def test_importing_tempkit_imports_neither_frame_nor_numpy() -> None:
    code = (
        "import sys, tempkit; tempkit.sweep; print(sorted({'pandas', 'polars', 'altair'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
