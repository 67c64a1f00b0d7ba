"""Every command line on a page or in a help text is executed: here on `scripted:words`, those of `page_needs` in `test_commands_elsewhere`.

A page's model stands for any, so the scripted one takes its place. Files, runs and kept decisions that pages speak of are made
first, by `page_folder`; a new page whose commands need another file adds it there.
"""

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import click
import pytest
from page_commands import BLOCK, NAMES, PAGES, SHOWN, command, shell, tidy
from page_folder import RESULTS, here
from page_needs import ELSEWHERE
from support import ROOT, Cli

EXECUTED_BEFORE = {tidy(line) for line in shell(ROOT / "docs/tutorial.md") if line.startswith("tempkit ")}
"""By `test_tutorial.py`, on the real model."""

OTHERS = {
    "installs packages from a registry": (
        "pip install tempkit",
        "pip install 'tempkit[local]'",
        'pip install "tempkit[ray,local]"',
        *(
            f'pip install "tempkit[{extra}]"'
            for extra in ("postgres", "parquet", "anthropic", "google", "keyring")
        ),
        "pip install --force-reinstall --no-cache-dir --no-deps llama-cpp-python",
        "export CMAKE_ARGS=\"'-DCMAKE_C_FLAGS=-mno-amx-tile -mno-amx-int8 -mno-amx-bf16' '-DCMAKE_CXX_FLAGS=-mno-amx-tile -mno-amx-int8 -mno-amx-bf16'\"",
        "apt-get install chromium postgresql zsh fish tmux",
    ),
    "makes an environment, or runs the tests that this is one of": (
        "make demo",
        "make test",
        "make format",
        "make lint",
        "make docs",
        "make linkcheck",
        "make messages",
        "source .venv/bin/activate",
        "pytest tests/language tests/report/test_report_languages.py",
    ),
    "has a test of its own, test_examples.py": (
        "python examples/own_measure.py",
        "bash examples/gate.sh",
    ),
    "leaves a cluster running": ("ray start --head --port 6379", "ray start --address 10.0.0.1:6379"),
    "takes hours": ("python benchmarks/probe.py", "python benchmarks/probe_model.py"),
    "is another program, which may not be there": (
        """duckdb -c "select temperature, avg(\\"score.fact_recall\\") from 'answers.csv' group by 1 order by 1\"""",
        "sqlite3 FILE .recover",
    ),
    "writes to the keyring of whoever runs the tests": ("keyring set tempkit OPENAI_API_KEY",),
    "asks a cloud for a token": ("export GOOGLE_OAUTH_ACCESS_TOKEN=$(gcloud auth print-access-token)",),
}
"""Commands of other programs, by why they are not executed here."""

MENTIONED = {
    "tempkit choose": "questions.csv -m scripted:words",
    "tempkit db copy": "--to copy.db",
    "tempkit db merge": "laptop.db",
    "tempkit exact": "questions",
    "tempkit export": "latest -o answers.csv",
    "tempkit export --tokens": "latest -o tokens.jsonl",
    "tempkit probe": "scripted:words",
    "tempkit run": "questions.csv -m scripted:words",
    "tempkit run --allow-env NAME": "greeting.prompt -m scripted:words",
    "tempkit run --use-case": "chatbot questions.csv -m scripted:words",
    "tempkit run -q": "questions.csv -m scripted:words",
    "tempkit verify": "prompts/exam.prompty",
}
"""Commands of which prose gives the beginning, and an end for each."""

EXECUTED = [line for line in SHOWN if line not in ELSEWHERE | EXECUTED_BEFORE]
"""The others."""


def arguments_of(line: str) -> list[str]:
    return here(shlex.split(f"{line} {MENTIONED.get(line, '')}")[1:])


# What differs in its placeholders alone, such as `report RUN` and `report latest`, is executed once.
@pytest.mark.parametrize("line", {tuple(arguments_of(line)): line for line in EXECUTED}.values(), ids=str)
def test_a_command_does_what_it_is_shown_for(
    line: str, cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.launch", lambda _: 0)  # no browser is opened
    monkeypatch.setattr("tempkit.prompts.shipped_prompts", lambda: folder / "demo")
    arguments = arguments_of(line)
    if arguments[0] == "export" and "-o" in arguments:  # folders are made for it, or refused
        shutil.rmtree(folder / arguments[arguments.index("-o") + 1], ignore_errors=True)
    done = cli(*arguments)
    assert done.code in RESULTS, f"{SHOWN[line]}: {done.err}"
    assert done.out or done.err or "-q" in arguments


def test_every_command_has_the_options_that_it_is_shown_with() -> None:
    for line in SHOWN:
        _, name, *arguments = shlex.split(line)
        found = command(name)
        while isinstance(found, click.Group) and arguments and not arguments[0].startswith("-"):
            name, *arguments = arguments
            below = found.get_command(click.Context(found), name)
            assert below is not None, f"{SHOWN[line]}: {line}"
            found = below
        known = {option for each in found.params for option in (*each.opts, *each.secondary_opts)}
        assert {each for each in arguments if each.startswith("-") and each[1:]} <= known, (
            f"{SHOWN[line]}: {line}"
        )


def test_what_the_lists_name_is_shown() -> None:
    assert (ELSEWHERE | set(MENTIONED)) - set(SHOWN) == set()
    assert not ELSEWHERE & set(MENTIONED)
    assert len(EXECUTED) > 150


def test_commands_of_other_programs_are_known_and_what_they_name_is_there() -> None:
    programs = "pip|keyring|make|python|pytest|duckdb|sqlite3|apt-get|bash|export"
    shown = {
        re.sub(r"\s+# .*", "", line)
        for page in PAGES
        if page.name != "tutorial.md"  # typed into a shell as it is, by test_tutorial.py
        for line in shell(page)
        if not line.startswith("tempkit ")
    }
    for page in PAGES:
        prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
        shown.update(re.findall(rf"`((?:{programs}) [^`\n]*)`", prose))
    assert shown == {line for lines in OTHERS.values() for line in lines}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    for line in shown:
        assert line.removeprefix("make ") in targets or not line.startswith("make "), line
        assert set(re.findall(r"tempkit\[(\w+)\]", line)) <= set(extras), line
        assert all(
            (ROOT / name).exists() for name in re.findall(r"(?:tests|benchmarks|examples)/\S*", line)
        ), line


def test_every_command_is_shown_on_a_page() -> None:
    places = {
        line.split()[1] for line, found in SHOWN.items() if any(not each.endswith("--help") for each in found)
    }
    assert set(NAMES) - places == set()
