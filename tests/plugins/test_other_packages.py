"""What docs/plugins.md adds, installed as another package would be, through the command line; and plug-ins that are at fault."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import PATIENCE_S, ROOT, Cli, CliResult

from tempkit.plugins import registered

PAGE = (ROOT / "docs/plugins.md").read_text(encoding="utf-8")
BLOCKS = dict(
    zip(
        ("measure", "use_case", "exporter", "importer"),
        zip(
            re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE),
            re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE),
            strict=True,
        ),
        strict=True,
    )
)
PROMPT = "---\nmetadata:\n  tempkit:\n    data: rows.yaml\n---\nuser:\n{{ ask }}\n"
ROWS = "".join(f"- ask: question {n}\n" for n in range(3))

Install = Callable[..., dict[str, str]]
Run = Callable[..., CliResult]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Put a package beside others as pip does, and return the environment that finds it: one file, and its metadata."""
    site = tmp_path / "site"

    def put(name: str, source: str, entries: str) -> dict[str, str]:
        site.mkdir(exist_ok=True)
        (site / f"{name}.py").write_text(source, encoding="utf-8")
        facts = site / f"{name}-0.1.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1\n")
        (facts / "entry_points.txt").write_text(entries)
        return {"PYTHONPATH": f"{site}:{ROOT}"}

    return put


def test_a_package_that_comes_or_goes_while_a_program_runs_is_noticed(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names() -> set[str]:
        return {entry.name for entry in registered("tempkit.toys")}

    (tmp_path / "site").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert names() == set()
    for count, name in enumerate(("one", "two"), 1):
        install(name, "", f"[tempkit.toys]\n{name} = {name}:thing\n")
        assert len(names()) == count
    assert names() == names() == {"one", "two"}
    shutil.rmtree(tmp_path / "site/one-0.1.dist-info")
    assert names() == {"two"}


@pytest.fixture
def toys(install: Install) -> dict[str, str]:
    """All of the page's examples, a package each."""
    env = {}
    for name, (source, entries) in BLOCKS.items():
        env = install(
            f"toy_{name}", source, re.sub(r'project\.entry-points\."(.*)"', r"\1", entries).replace('"', "")
        )
    return env


SWEEP = ("run", "ask.prompty", "-m", "scripted:words", "-t", "0,0.7,1.4", "-n", "4", "--name", "toys")


@pytest.fixture
def run(cli_process: Cli, tmp_path: Path) -> Run:
    _prompt(tmp_path)

    def call(*args: str, env: dict[str, str]) -> CliResult:
        return cli_process(*args, env=env)

    return call


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a run that was made and measured without any plug-in."""
    folder = tmp_path_factory.mktemp("swept")
    _prompt(folder)
    subprocess.run(
        [sys.executable, "-m", "tempkit", *SWEEP],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True, timeout=PATIENCE_S,
    )  # fmt: skip
    return folder / "tempkit.db"


def _prompt(folder: Path) -> None:
    (folder / "ask.prompty").write_text(PROMPT)
    (folder / "rows.yaml").write_text(ROWS)


@pytest.mark.slow
def test_the_examples_work_from_run_to_export(run: Run, toys: dict[str, str], tmp_path: Path) -> None:
    assert run(*SWEEP, "--use-case", "terse", env=toys).code == 0
    assert run("measure", "toys", env=toys).code == 0

    done = run("export", "toys", "-o", "answers.csv", env=toys)
    assert done.code == 0, done.err
    with (tmp_path / "answers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 36
    for row in rows:
        assert float(row["score.answer_letters"]) == sum(c.isalpha() for c in row["text"])

    done = run("recommend", "toys", "--json", env=toys)
    assert done.code == 0, done.err
    assert [(each["use_case"], each["measure"]) for each in json.loads(done.out)["decisions"]] == [
        ("terse", "answer_letters")
    ]
    done = run("recommend", "toys", "--measure", "answer_letters", "--margin", "5", env=toys)
    assert done.code == 0, done.err
    assert "Letters in an answer" in done.out
    assert re.search(r"\d letters\b", done.out)

    done = run("report", "toys", "-o", "report.html", env=toys)
    assert done.code == 0, done.err
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for told in (
        "Letters in an answer",
        "How many letters an answer has",
        "Short replies",
        "letters · mean over 3 questions",
    ):
        assert told in page, told
    done = run("report", "toys", "-o", "other.html", "--use-case", "general", env=toys)
    assert done.code == 0, done.err
    assert "Size of answers" in (tmp_path / "other.html").read_text(encoding="utf-8")  # the measure's family

    for options in (("-o", "answers.md"), ("-o", "other.txt", "--format", "markdown")):
        done = run("export", "toys", *options, env=toys)
        assert done.code == 0, done.err
        lines = (tmp_path / options[1]).read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("| run | prompt | use_case | item |")
        assert "score.answer_letters" in lines[0]
        assert len(lines) == 2 + 36
        assert lines[2].startswith("| toys | ask | terse |")


def test_a_run_is_judged_by_a_use_case_whose_package_is_gone(run: Run, toys: dict[str, str]) -> None:
    assert run(*SWEEP, "--use-case", "terse", env=toys).code == 0
    assert run("measure", "toys", env=toys).code == 0
    gone = {"PYTHONPATH": str(ROOT)}
    done = run("recommend", "toys", "--json", env=gone)
    assert done.code == 0, done.err
    assert [each["use_case"] for each in json.loads(done.out)["decisions"]] == ["terse"]


def test_a_table_of_another_packages_format_is_imported(
    run: Run, toys: dict[str, str], tmp_path: Path
) -> None:
    lines = [f"item=q\tmodel=m\ttemperature={t}\ttext=answer {t}\taccuracy=0.5" for t in (0, 1)]
    (tmp_path / "answers.ltsv").write_text("\n".join(lines), encoding="utf-8")
    done = run("import", "answers.ltsv", "--json", env=toys)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["run"]["name"], told["run"]["completions"], told["scores"]) == (
        "answers",
        2,
        {"accuracy": 2},
    )
    (tmp_path / "broken.ltsv").write_text("no sign\n", encoding="utf-8")
    done = run("import", "broken.ltsv", env=toys)
    assert done.code == 1
    assert "broken.ltsv: the importer 'ltsv' cannot read it" in done.err
    done = run("import", "answers.dbf", env=toys)
    assert ".parquet, " in done.err
    assert ", .ltsv; save it as one of these" in done.err


FAULTS = {
    "a package that cannot be imported": (
        "raise RuntimeError('no licence\\nfound')",
        "tempkit.measures",
        "letters = broken:LETTERS",
        "the measure 'letters' of the package broken 0.1 cannot be loaded: RuntimeError: no licence found",
    ),
    "a name that the module lacks": (
        "",
        "tempkit.measures",
        "letters = broken:LETTERS",
        "the measure 'letters' of the package broken 0.1 cannot be loaded: AttributeError: module 'broken' has no attribute 'LETTERS'",
    ),
    "something else": (
        "LETTERS = 7",
        "tempkit.measures",
        "letters = broken:LETTERS",
        "the measure 'letters' of the package broken 0.1 is no tempkit.measures.Measure, but of type int",
    ),
    "a name of tempkit's own": (
        BLOCKS["measure"][0],
        "tempkit.measures",
        "novelty = broken:ANSWER_LETTERS",
        "the measure 'novelty' of the package broken 0.1 has the name of one of tempkit's own (entry point group tempkit.measures)",
    ),
    "two names": (
        BLOCKS["measure"][0],
        "tempkit.measures",
        "letters = broken:ANSWER_LETTERS",
        "the measure 'letters' of the package broken 0.1 calls itself 'answer_letters'; a measure and its entry point have one name",
    ),
    "an exception at work": (
        BLOCKS["measure"][0].replace("float(sum(", "1 / (0 * sum("),
        "tempkit.measures",
        "answer_letters = broken:ANSWER_LETTERS",
        "the measure 'answer_letters' of the package broken 0.1 failed: ZeroDivisionError",
    ),
    "too few values": (
        BLOCKS["measure"][0].replace("in completions]", "in completions[1:]]"),
        "tempkit.measures",
        "answer_letters = broken:ANSWER_LETTERS",
        "the measure 'answer_letters' of the package broken 0.1 gave 3 values of 4 answers",
    ),
    "no number": (
        BLOCKS["measure"][0].replace("float(sum(", "float('nan') * (sum("),
        "tempkit.measures",
        "answer_letters = broken:ANSWER_LETTERS",
        "the measure 'answer_letters' of the package broken 0.1 gave nan, which is neither a finite number nor a Missing",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_measure_at_fault_is_told_in_one_line_that_names_its_package(
    fault: str, swept: Path, tmp_path: Path, run: Run, install: Install
) -> None:
    source, group, entry, told = FAULTS[fault]
    shutil.copy(swept, tmp_path)
    env = install("broken", source, f"[{group}]\n{entry}\n")
    done = run("measure", "toys", "--anew", env=env)
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith(f"error: {told}")
    assert done.err.endswith("; update the package, or remove it: pip uninstall broken\n")


@pytest.mark.parametrize(
    ("source", "group", "entry", "command", "told"),
    [
        (
            BLOCKS["exporter"][0].replace('suffixes=(".md",)', 'suffixes=(".csv",)'),
            "tempkit.exporters",
            "markdown = broken:MARKDOWN",
            ("export", "toys", "-o", "x.md"),
            "the exporter 'markdown' of the package broken 0.1 wants files that end in .csv, which are CSV",
        ),
        (
            BLOCKS["exporter"][0].replace("row.get(name", "row.got(name"),
            "tempkit.exporters",
            "markdown = broken:MARKDOWN",
            ("export", "toys", "-o", "x.md"),
            "the exporter 'markdown' of the package broken 0.1 failed: AttributeError",
        ),
        (
            BLOCKS["use_case"][0].replace("margin = 5", "margin = -5"),
            "tempkit.use_cases",
            "terse = broken:TERSE",
            ("recommend", "toys", "--use-case", "terse"),
            "the use case 'terse' of the package broken 0.1 cannot be used: broken:TERSE: the margin of 'answer_letters' must be above 0",
        ),
        (
            BLOCKS["use_case"][0],
            "tempkit.use_cases",
            "chatbot = broken:TERSE",
            ("recommend", "toys", "--use-case", "chatbot"),
            "the use case 'chatbot' of the package broken 0.1 has the name of one of tempkit's own",
        ),
    ],
)
def test_an_exporter_or_a_use_case_at_fault_is_told_the_same_way(
    source: str, group: str, entry: str, command: tuple[str, ...], told: str,
    swept: Path, tmp_path: Path, run: Run, install: Install,
) -> None:  # fmt: skip
    shutil.copy(swept, tmp_path)
    env = install("broken", source, f"[{group}]\n{entry}\n")
    done = run(*command, env=env)
    assert done.code == 1
    assert f"error: {told}" in done.err
    assert done.err.endswith("; update the package, or remove it: pip uninstall broken\n")
    assert "Traceback" not in done.err


def test_a_plugin_at_fault_is_not_imported_before_it_is_needed(run: Run, install: Install) -> None:
    env = install(
        "broken",
        "raise RuntimeError",
        "[tempkit.measures]\nx = broken:X\n[tempkit.use_cases]\ny = broken:Y\n",
    )
    for command in (("--help",), ("run", "--help"), ("models",), ("runs",)):
        done = run(*command, env=env)
        assert "broken" not in done.err, command


def test_two_packages_with_one_name_are_refused(run: Run, install: Install) -> None:
    install("first", BLOCKS["exporter"][0], "[tempkit.exporters]\nmarkdown = first:MARKDOWN\n")
    env = install("second", BLOCKS["exporter"][0], "[tempkit.exporters]\nmarkdown = second:MARKDOWN\n")
    done = run("export", "toys", "-o", "x.md", env=env)
    assert done.code == 1
    assert re.search(
        r"of the package (first|second) 0.1 has the name of one of the package (first|second) 0.1", done.err
    )


def test_a_format_that_there_is_not_is_told_with_those_that_there_are(run: Run, toys: dict[str, str]) -> None:
    done = run("export", "toys", "-o", "x.txt", "--format", "markdwn", env=toys)
    assert done.code == 2
    assert "no format 'markdwn' (did you mean 'markdown'?); known: csv, jsonl, parquet, " in done.err
    done = run("export", "toys", "-o", "x.txt", env=toys)
    assert "end it in .csv, .jsonl, .parquet or .md, or say which with --format" in done.err
