"""Every command line on a page or in a help text is tried: executed on `scripted:words`, or listed here with what it would need.

A page's model stands for any, so the scripted one takes its place. Files, runs and kept decisions that pages speak of are made
first, in `_furnish`; a new page whose commands need another file adds it there.
"""

import re
import shlex
import shutil
from pathlib import Path

import click
import pyarrow
import pytest
import yaml
from page_commands import BLOCK, NAMES, PAGES, SHOWN, command, shell, tidy
from pyarrow import parquet
from support import ROOT, Cli

EXECUTED_BEFORE = {tidy(line) for line in shell(ROOT / "docs/tutorial.md") if line.startswith("tempkit ")}
"""By `test_tutorial.py`, on the real model."""

NEEDS = {
    "a key": ("tempkit run promptfooconfig.yaml -t 0:1:0.25",),
    "a log of llm": ("tempkit import '~/.config/io.datasette.llm/logs.db'",),
    "a batch API": (
        "tempkit run experiment.yaml --batch",
        "tempkit run prompts/chatbot.prompty -m openai:gpt-5.4-mini -m anthropic:claude-haiku-4-5 -t 0:1:0.25 -n 20 --batch",
    ),
    "a PostgreSQL server": (
        "tempkit run experiment.yaml --shard 1/3 --db postgresql+psycopg://tempkit@db/runs",
        "tempkit run experiment.yaml --shard 2/3 --db postgresql+psycopg://tempkit@db/runs",
        "tempkit run experiment.yaml --shard 3/3 --db postgresql+psycopg://tempkit@db/runs",
    ),
    "a PostgreSQL server of somebody's": (
        "tempkit db merge postgresql://me@server/runs",
        "tempkit db copy --to postgresql://me@server/runs",
    ),
    "a run in parts": ("tempkit run --resume RUN --shard K/N",),
    "two models": ("tempkit choose questions.csv -m gguf:smollm2 -m gguf:/models/other.gguf",),
    "a model with more sampling parameters": (
        "tempkit choose questions.csv -m gguf:smollm2 --arm recommended",
        "tempkit choose questions.csv -m gguf:smollm2 --arm recommended --arm 0.7,top_p=0.9",
        "tempkit run 'Name a colour.' -m openai:gpt-7-sol -t 1 --arm 1,reasoning_effort=low --arm 1,reasoning_effort=high -n 20",
    ),
    "a GPU": (
        "tempkit run prompts/chatbot.prompty -m gguf:/models/llama.gguf,n_gpu_layers=-1,cache_type=q8_0 --memory 6GB",
    ),
    "a server": (
        "tempkit models openai:llama --base-url http://localhost:8080/v1",
        "tempkit probe openai:llama --base-url http://localhost:8080/v1 --json",
        "tempkit run prompts/chatbot.prompty -m openai:local --base-url http://localhost:8080/v1",
        "tempkit run --resume latest --base-url http://other:8000/v1",
        "tempkit run --resume RUN --base-url URL",
    ),
    "a model that reads given texts": (
        "tempkit measure RUN --reference MODEL",
        "tempkit measure RUN --reference gguf:smollm2",
        "tempkit measure latest --reference gguf:smollm2",
    ),
    "an embedder": (
        "tempkit measure RUN --embedder gguf:/path/to/embedding-model.gguf",
        "tempkit measure RUN --embedder openai:nomic-embed-text --base-url http://localhost:8080/v1",
        "tempkit measure RUN --embedder openai:text-embedding-3-small",
        "tempkit measure latest --embedder openai:nomic --base-url http://localhost:8080/v1",
        "tempkit measure latest --embedder openai:text-embedding-3-small",
    ),
    "a judge that agrees with itself": (
        "tempkit choose stories.txt -m gguf:smollm2 --judge openai:gpt-5.4-mini --for creative-writing",
        "tempkit judge latest -m openai:gpt-5.4-mini --dry-run",
        "tempkit recommend latest --measure preference --margin 0.05",
    ),
    "people": (
        "tempkit rate --import ada.json ben.json",
        "tempkit rate latest -o pairs.html -t 0,0.7,1.3 --use-case creative-writing",
        "tempkit recommend latest --measure human_preference --margin 0.1",
    ),
    "a plug-in": (
        "tempkit export latest -o answers.md",
        "tempkit import answers.ltsv",
        "tempkit recommend latest --measure answer_letters --margin 5",
    ),
    "a run that was asked for": (
        "tempkit decide exam prompts/exam.prompty --measure accuracy --margin 0.05 --write",
        "tempkit recommend exam --measure accuracy --margin 0.05 --policy best-of:5 --scope these-items",
    ),
}
"""By what they would need: commands that are taken apart only, with every option and value checked."""

ELSE = {
    "make demo",
    "make test",
    "source .venv/bin/activate",
    "pip install tempkit",
    "python examples/own_measure.py",
    "bash examples/gate.sh",
    "pip install --force-reinstall --no-cache-dir --no-deps llama-cpp-python",
}
"""Lines of shell blocks that call something else; examples have tests of their own."""

RUNS = ("exam-1", "exam-2", "before", "after", "neutral", "llama-cpp-defaults", "facts-and-ideas")
"""Runs that pages name."""

PLACEHOLDERS = {
    "RUN": "latest",
    "K/N": "1/2",
    "FILE": "exam.csv",
    "USE-CASE": "brainstorming",
    "LABEL": "scripted:words",
    "MODEL": "scripted:words",
    "FOLDER": "templates",
    "COMMAND": "run",
}
MODEL = re.compile(r"(gguf|openai|anthropic|together|fireworks|native):\S+|NAME$")
RESULTS = {0, 4, 5, 6, 7}
"""Exit codes of a command that did what it is for: twelve words settle no question."""


PARSED_ONLY = {line for lines in NEEDS.values() for line in lines}


def whole(line: str) -> bool:
    """Whether a command names what it works on: prose also says just `tempkit run`, or an option of it."""
    _, name, *arguments = shlex.split(line)
    ends = any(
        each in {"--import", "--compare", "--list-columns", "--list-templates", "--resume"}
        for each in arguments
    )
    wanting = (
        name in {"run", "choose", "report", "export", "rate"} and arguments and arguments[0].startswith("-")
    )
    if name == "db":
        return arguments[0] in {"path", "info", "size", "check", "vacuum"} or len(arguments) > 1
    return name == "runs" or (bool(arguments) and (ends or not wanting))


EXECUTED = [line for line in SHOWN if whole(line) and line not in PARSED_ONLY | EXECUTED_BEFORE]
"""The others."""


def _furnish(cli: Cli, folder: Path) -> None:
    """Make the files, runs and decisions that the pages' commands work on."""
    for name in ("prompts", "examples"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("brainstorming", "chatbot"):
        data = folder / f"prompts/data/{name}.yaml"
        data.write_text(
            yaml.safe_dump(yaml.safe_load(data.read_text(encoding="utf-8"))[:6]), encoding="utf-8"
        )
    shutil.copy(ROOT / "tests/published/li-2025.csv", folder)
    choosing = (ROOT / "docs/choosing-a-temperature.md").read_text(encoding="utf-8")
    (mail,) = (body for kind, body in BLOCK.findall(choosing) if kind == "toml" and "[[primary]]" in body)
    questions = [f"Say word {n}.,the|of|answer" for n in range(6)]
    scores = [f"q{n},m,{t},{(n + t) % 2}" for n in range(6) for t in (0, 1)]
    chat = '{"input": [{"role": "user", "content": "Say the."}], "ideal": "the"}\n'
    log = '{"eval": {"task": "t", "model": "m/x"}, "plan": {"config": {"temperature": 0}}, "samples": [{"id": 1, "epoch": 1, "output": {"choices": [{"message": {"content": "the"}}]}}]}'
    texts = {
        "my-mail.toml": mail,
        "my-use-case.toml": mail,
        "questions.csv": "\n".join(["question,expected", *questions]),
        "more.csv": "question,expected\nSay one more.,the\n",
        "stories.txt": "Tell a story.\nTell a sad story.\n",
        "exam.csv": "\n".join(["item,model,temperature,accuracy", *scores]),
        "published.csv": "Problem ID,LLM,Temp,Score,Author\n1,m,0,0.5,x\n1,m,1,0.7,x\n",
        "experiment.yaml": "name: parts\nprompts: [questions.csv]\nmodels: [scripted:words]\ntemperatures: [0, 1]\n",
        "promptfooconfig.yaml": "prompts: ['Say {{ word }}.']\nproviders: [openai:gpt-4.1-mini]\ntests: [{vars: {word: [the, of]}, assert: [{type: icontains, value: the}]}]\n",
        "registry/evals/sums.yaml": "sums.v1: {class: 'evals.elsuite.basic.match:Match', args: {samples_jsonl: sums/samples.jsonl}}\n",
        "registry/data/sums/samples.jsonl": chat,
        "samples.jsonl": chat,
        "greeting.prompt": "---\ninput: {default: {name: Ada}}\n---\nGreet {{name}}.\n",
        "rows.csv": "name\nAda\n",
        "shop.prompty": "---\nname: shop\n---\nuser:\nGreet me.\n",
        "logs/a.json": log,
        "templates/extra.css": ":root { --accent: teal }\n",
        "own.prompty": "---\nname: own\nmetadata: {tempkit: {use_case: technical-documentation, data: rows.yaml}}\n"
        "inputs: [{name: n, kind: integer}]\n---\nuser:\nSay {{ n }}.\n",
    }
    rows = "\n".join(f"- {{id: i{n}, n: {n}, facts: ['a|the|of']}}" for n in range(9))
    texts |= {"rows.yaml": rows, "prompts/rows.yaml": rows}
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    parquet.write_table(pyarrow.table({"question": ["Say the."]}), folder / "questions.parquet")
    for name in ("my.prompty", "moods.prompty", "prompts/exam.prompty"):
        (folder / name).write_text(texts["own.prompty"].replace("own", Path(name).stem), encoding="utf-8")
    asked = ("-m", "scripted:words", "-t", "0,0.7,1.3", "-n", "4", "--max-tokens", "9")
    made = [
        cli("choose", "questions.csv", *asked[:2], "--max-tokens", "6", "--name", "questions", "--no-report"),
        *(cli("run", "questions.csv", *asked, "--name", name) for name in RUNS),
        cli("import", "exam.csv"),
        cli("import", "li-2025.csv"),
        cli("run", "prompts/exam.prompty", *asked, "--name", "kept", "--items", "6"),
        cli("decide", "kept", "--write"),
        cli("run", "my.prompty", *asked, "--name", "my", "--items", "6"),
        cli("decide", "my", "--write"),
        cli("export", "my", "-o", "answers.csv"),
        cli("export", "my", "-o", "dataset", "--format", "huggingface"),
        *(
            cli("db", "copy", "my", "--to", name)
            for name in ("laptop.db", "desktop.db", "part-1.db", "part-2.db")
        ),
    ]
    assert [(each.code, each.err) for each in made if each.code not in RESULTS] == []


@pytest.fixture
def folder(
    cli: Cli, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder with all that the pages' commands work on, a test's own; nobody asks the bundled model how coherent answers are."""
    monkeypatch.setattr("tempkit.api.reference_choice._is_installed", lambda: False)
    made = tmp_path_factory.getbasetemp() / "pages"
    if not made.exists():
        _furnish(cli, tmp_path)
        shutil.copytree(tmp_path, made)
    else:
        shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


SHORT = {"run": ("--max-tokens", "6", "--items", "4"), "choose": ("--max-tokens", "6", "-t", "0,1")}
"""Limits that are added to a command that has none of its own."""


def _here(arguments: list[str]) -> list[str]:
    """Put the scripted model in the place of each model, and what there is in that of each placeholder."""
    named = [
        "scripted:words" if MODEL.match(each) else PLACEHOLDERS.get(each, each).replace("*", "exam")
        for each in arguments
    ]
    asks = "-m" in named and "--arm" not in named
    limits = SHORT.get(named[0], ()) if asks else ()
    return [
        *named,
        *(
            part
            for option, value in zip(limits[::2], limits[1::2], strict=True)
            if option not in named
            for part in (option, value)
        ),
    ]


# What differs in its placeholders alone, such as `report RUN` and `report latest`, is executed once.
@pytest.mark.parametrize(
    "line", {tuple(_here(shlex.split(line))): line for line in EXECUTED}.values(), ids=str
)
def test_a_command_does_what_it_is_shown_for(
    line: str, cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.launch", lambda _: 0)  # no browser is opened
    arguments = _here(shlex.split(line)[1:])
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
        if whole(line):
            found.make_context(name, [PLACEHOLDERS.get(each, each) for each in arguments])
        else:
            known = {option for each in found.params for option in each.opts}
            assert {each for each in arguments if each.startswith("-")} <= known, f"{SHOWN[line]}: {line}"


def test_what_is_not_executed_is_still_shown_and_is_the_smaller_part() -> None:
    assert PARSED_ONLY - set(SHOWN) == set()
    assert len(EXECUTED) > 90 > 40 > len(PARSED_ONLY)


def test_other_lines_of_shell_blocks_are_known() -> None:
    lines = {
        re.sub(r"\s+# .*", "", line) for page in PAGES for line in shell(page) if page.name != "tutorial.md"
    }
    others = {line for line in lines if not line.startswith(("tempkit ", "duckdb ", "export CMAKE_ARGS="))}
    assert others == ELSE


def test_every_command_is_shown_on_a_page() -> None:
    places = {
        line.split()[1] for line, found in SHOWN.items() if any(not each.endswith("--help") for each in found)
    }
    assert set(NAMES) - places == set()
