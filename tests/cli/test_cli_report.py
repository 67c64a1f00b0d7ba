"""`tempkit report` from outside: several runs, a summary on stdout, templates of one's own, and what it refuses."""

import json
from pathlib import Path

import pytest
from support import Cli

RUN = ("run", "Name a colour.", "-m", "scripted:words", "-t", "0,1", "-n", "2", "--use-case", "chatbot")


@pytest.fixture
def two(cli: Cli) -> None:
    """A database with the runs `before` and `after`."""
    for name in ("before", "after"):
        assert cli(*RUN, "--name", name).code == 0


@pytest.mark.usefixtures("two")
def test_several_runs_on_one_page(cli: Cli, tmp_path: Path) -> None:
    done = cli("report", "before", "after")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Report of before, after: reports/before+after.html (")
    page = (tmp_path / "reports" / "before+after.html").read_text()
    assert "scripted:words · before" in page
    assert "scripted:words · after" in page


@pytest.mark.usefixtures("two")
def test_json_names_every_run(cli: Cli, tmp_path: Path) -> None:
    told = json.loads(cli("report", "before", "after", "-o", "x.md", "--json").out)
    assert [run["name"] for run in told["runs"]] == ["before", "after"]
    assert all(len(run["id"]) == 8 for run in told["runs"])
    assert told["report"] == "x.md"
    assert told["bytes"] == (tmp_path / "x.md").stat().st_size


@pytest.mark.usefixtures("two")
def test_the_summary_goes_to_a_file_or_to_stdout(cli: Cli, tmp_path: Path) -> None:
    assert cli("report", "after", "-o", "x.md").code == 0
    printed = cli("report", "-o", "-")  # the latest
    assert (printed.code, printed.err) == (0, "")
    assert printed.out == (tmp_path / "x.md").read_text()
    assert printed.out.startswith("# Temperature report: `after`\n")
    assert not (tmp_path / "reports").exists()


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("before", "before"), "run 'before' is meant twice: name each run once"),
        (("after", "latest"), "run 'after' is meant twice: name each run once"),
        (
            ("-o", "-", "--json"),
            "-o - prints the summary, so there is nothing for --json: name a file, or leave out --json",
        ),
        (
            ("-o", "-", "--open"),
            "-o - prints the summary, so there is nothing for --open: name a file, or leave out --open",
        ),
        (("-o", "noext"), "a report is an HTML page or a Markdown summary; name it noext.html or noext.md"),
    ],
)
def test_what_makes_no_sense_is_refused(cli: Cli, args: tuple[str, ...], line: str) -> None:
    done = cli("report", *args)
    assert (done.code, done.err) == (2, f"error: {line}\n")
    said = json.loads(done.out)["error"]["message"] if "--json" in args else done.out
    assert said == (line if "--json" in args else "")


@pytest.mark.usefixtures("two")
def test_templates_by_option_or_environment(cli: Cli, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "summary.md.j2").write_text("mine: {{ view.title }}\n")
    assert cli("report", "-o", "-", "--templates", "own").out == "mine: after\n"
    assert cli("report", "-o", "-", env={"TEMPKIT_TEMPLATES": str(own)}).out == "mine: after\n"
    (own / "summary.md.j2").write_text("\n{{ view. }}")
    done = cli("report", "-o", "-", "--templates", "own")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: own/summary.md.j2:2: ")
    assert len(done.err.splitlines()) == 1


def test_templates_are_listed_without_a_database(cli: Cli) -> None:
    done = cli("report", "--list-templates")
    assert done.code == 0
    assert "cards.html.j2" in done.out
    assert "extra.css" in done.out
    told = json.loads(cli("report", "--list-templates", "--json").out)
    assert all(
        (Path(told["shipped"][name.endswith(".css")]) / name).exists()
        for name in told["files"]
        if name != "extra.css"
    )


@pytest.mark.usefixtures("two")
def test_the_language_by_option_or_environment(cli: Cli, tmp_path: Path) -> None:
    spanish = cli("report", "-o", "-", "--lang", "es")
    assert (spanish.code, spanish.err) == (0, "")
    assert spanish.out.startswith("# Informe de temperatura: `after`\n")
    assert cli("report", "-o", "-", env={"TEMPKIT_LANG": "es_ES.UTF-8"}).out == spanish.out
    assert cli("report", "-o", "-", "--lang", "en", env={"TEMPKIT_LANG": "es"}).out.startswith(
        "# Temperature report"
    )
    assert cli("report", "--lang", "es", "-o", "informe.html").code == 0
    page = (tmp_path / "informe.html").read_text("utf-8")
    assert '<html lang="es">' in page
    assert "Las respuestas, pregunta por pregunta" in page


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("args", [("report", "--lang", "tlh"), ("report", "-o", "x.md", "--lang", "tlh")])
def test_an_unknown_language_is_one_line(cli: Cli, tmp_path: Path, args: tuple[str, ...]) -> None:
    done = cli(*args)
    told = "error: there is no language 'tlh'; there are: en (English), es (español)\n"
    assert (done.code, done.out, done.err) == (2, "", told)
    assert not (tmp_path / "reports").exists()


@pytest.mark.usefixtures("two")
def test_data_stay_english_whatever_the_environment_says(cli: Cli) -> None:
    asked = ("recommend", "after", "--use-case", "chatbot", "--json")
    assert cli(*asked, env={"TEMPKIT_LANG": "es"}).out == cli(*asked).out
