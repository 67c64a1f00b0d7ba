"""The commands on pages that need more than the scripted model: executed on servers on loopback, the bundled model, PostgreSQL.

What a page calls `localhost`, `server` or `db` is there one of these; all other words of a command stay as they are.
"""

import json
import os
import re
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from page_commands import BLOCK
from page_folder import RESULTS
from page_needs import NEEDS
from servers.batches import BatchServer
from servers.embeddings import EmbeddingServer
from servers.http_script import ScriptedServer
from servers.judging import JudgeServer, parts
from servers.postgres import PostgresServer
from support import RECOMMENDING, ROOT, Cli, CliResult

from tempkit.report.rating.rating_page import sheet_digest

TRIED: list[str] = []
"""Of `NEEDS`, what has a test here."""

KEY = "sk-canary-0123456789abcdef"


def needing(what: str) -> pytest.MarkDecorator:
    """Try each command that needs this."""
    TRIED.append(what)
    return pytest.mark.parametrize("line", NEEDS[what])


Typed = Callable[..., CliResult]


@pytest.fixture
def typed(cli: Cli, folder: Path) -> Typed:
    """Execute a command of a page with other words in the places of some; it does what it is for."""

    def call(line: str, /, *more: str, swap: dict[str, str] | None = None, **env: str) -> CliResult:
        for old, new in (swap or {}).items():
            assert old in line
            line = line.replace(old, new)
        done = cli(*shlex.split(line)[1:], *more, env=env)
        assert done.code in RESULTS, f"{line}: {done.err}"
        assert done.out, f"{line}: {done.err}"
        assert KEY not in done.out + done.err
        return done

    return call


@pytest.fixture(autouse=True)
def loopback_is_openais(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that its key is sent there, and batches are known of."""
    monkeypatch.setattr("tempkit.backends.openai.presets._OFFICIAL", "127.0.0.1")


def served(url: str) -> dict[str, str]:
    """Return the environment in which OpenAI is on loopback."""
    return {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": KEY}


@needing("a key")
def test_with_a_key(line: str, typed: Typed, http_script: ScriptedServer) -> None:
    typed(line, **served(http_script.base_url))
    assert {each["temperature"] for each in http_script.requests} == {0, 0.25, 0.5, 0.75, 1}
    assert all(each["authorization"] == f"Bearer {KEY}" for each in http_script.headers)


@needing("a log of llm")
def test_on_a_log_of_llm(line: str, typed: Typed, folder: Path) -> None:
    log = folder / ".config/io.datasette.llm/logs.db"
    log.parent.mkdir(parents=True)
    columns = "id INTEGER, model TEXT, prompt TEXT, system TEXT, options_json TEXT, response TEXT, chat_id INTEGER, datetime_utc TEXT"
    with closing(sqlite3.connect(log)) as database:
        database.execute(f"CREATE TABLE logs ({columns})")
        database.execute(
            "INSERT INTO logs VALUES (1, 'm', 'a', NULL, '{\"temperature\": 1}', 'b', NULL, '2024')"
        )
        database.commit()
    assert "Imported 1 completions" in typed(line, swap={"~": str(folder)}).out


@needing("a batch API")
def test_on_a_batch_api(line: str, typed: Typed, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tempkit.backends.remote import batch_polling

    pace = batch_polling.Pace(first_s=0.05, longest_s=0.2, settle_s=0.3)
    monkeypatch.setattr(batch_polling, "PACE", pace)
    (folder / "experiment.yaml").write_text(
        "prompts: [questions.csv]\nmodels: [openai:gpt-5.4-mini]\ntemperatures: [0, 1]\n", encoding="utf-8"
    )
    own = {"anthropic:claude-haiku-4-5": "anthropic:claude-haiku-4-5,api_key_env=ANTHROPIC_API_KEY"}
    with BatchServer() as server:
        two = "anthropic" in line
        typed(line, *(("--items", "2") if two else ()), swap=own if two else {}, **server.env)
        assert {each.id.split("_")[0] for each in server.batches} == (
            {"batch", "msgbatch"} if two else {"batch"}
        )
        assert server.live <= 2  # a canary for each model, and nothing else


@pytest.fixture(scope="module")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes URLs of fresh databases."""
    server, numbers = PostgresServer(), count()
    try:
        server.start()
        yield lambda: server.schema(f"page{next(numbers)}")
    finally:
        server.remove()


def test_shards_of_one_postgresql_database(typed: Typed, cli: Cli, postgres: Callable[[], str]) -> None:
    url = postgres().replace("postgresql://", "postgresql+psycopg://")
    lines = NEEDS["a PostgreSQL server"]
    for line in lines:
        typed(line, swap={"postgresql+psycopg://tempkit@db/runs": url})
    (run,) = json.loads(cli("runs", "--json", "--db", url).out)["runs"]
    assert (len(lines), run["status"], run["completions"]) == (3, "finished", run["planned"])


TRIED.append("a PostgreSQL server")


@needing("a PostgreSQL server of somebody's")
def test_on_somebodys_postgresql(line: str, typed: Typed, cli: Cli, postgres: Callable[[], str]) -> None:
    url = postgres()
    if "merge" in line:
        assert cli("db", "copy", "neutral", "--to", url).code == 0
    done = typed(line, swap={"postgresql://me@server/runs": url})
    assert "s3cret" not in done.out + done.err


@needing("a run in parts")
def test_on_a_run_in_parts(line: str, typed: Typed, cli: Cli) -> None:
    assert cli("run", "experiment.yaml", "--shard", "2/3").code == 0
    typed(line, swap={"RUN": "latest", "K/N": "2/3"})


@needing("two models")
def test_on_two_models(line: str, typed: Typed) -> None:
    named = {"gguf:smollm2": "scripted:words", "gguf:/models/other.gguf": "scripted:words,label=other -t 0,1"}
    assert " on other" in typed(line, "--max-tokens", "6", swap=named).out


@needing("a model with more sampling parameters")
def test_with_arms(line: str, typed: Typed, folder: Path, http_script: ScriptedServer) -> None:
    page = (ROOT / "docs/capability-table.md").read_text(encoding="utf-8")
    (row,) = (body for kind, body in BLOCK.findall(page) if kind == "toml")
    recommending = RECOMMENDING.replace("scripted", "openai") % "temperature = 1.0, top_p = 0.5"
    (folder / "table.toml").write_text(recommending + row, encoding="utf-8")
    env = {"TEMPKIT_CAPABILITIES": "table.toml", **served(http_script.base_url)}
    swap = {"gguf:smollm2": "openai:words -t 0,1 --max-tokens 6 --no-probe"} if "gguf" in line else {}
    typed(line, swap=swap, **env)
    efforts = {each.get("reasoning_effort") for each in http_script.requests}
    shares = {each.get("top_p") for each in http_script.requests}
    assert efforts == ({None} if swap else {None, "low", "high"})
    assert shares >= ({0.5, 0.9} if "top_p" in line else {0.5} if swap else set())


@pytest.mark.engine
@needing("a GPU")
def test_with_what_a_gpu_takes(line: str, typed: Typed, bundled_gguf: Path) -> None:
    """Without one, layers that are to go there stay here."""
    typed(
        line, "-t", "0,1", "--max-tokens", "6", "--items", "2", swap={"/models/llama.gguf": str(bundled_gguf)}
    )


@needing("a server")
def test_on_a_server(line: str, typed: Typed, cli: Cli, http_script: ScriptedServer) -> None:
    places = {"http://localhost:8080/v1": http_script.base_url, "http://other:8000/v1": http_script.base_url}
    if "--resume" in line:
        places |= {"RUN": "latest", "URL": http_script.base_url}
        asked = ("-m", "openai:local", "--base-url", http_script.base_url, "-t", "0,1", "-n", "1")
        assert cli("run", "Say it.", *asked).code == 0
    limits = ("--items", "2") if "chatbot" in line else ()
    typed(line, *limits, swap={old: new for old, new in places.items() if old in line})
    assert http_script.seen


@pytest.mark.engine
def test_under_the_bundled_model(typed: Typed, cli: Cli) -> None:
    assert (
        cli("run", "questions.csv", "-m", "scripted:words", "-t", "0,1", "-n", "1", "--items", "3").code == 0
    )
    lines = {
        line.replace("MODEL", "gguf:smollm2").replace("RUN", "latest")
        for line in NEEDS["a model that reads given texts"]
    }
    for line in lines:
        assert "gguf:smollm2" in typed(line).out


TRIED.append("a model that reads given texts")


@pytest.mark.engine
@needing("an embedder")
def test_with_an_embedder(line: str, typed: Typed, bundled_gguf: Path) -> None:
    with EmbeddingServer() as server:
        places = {
            "RUN": "kept",
            "/path/to/embedding-model.gguf": str(bundled_gguf),
            "http://localhost:8080/v1": server.base_url,
        }
        typed(line, swap={old: new for old, new in places.items() if old in line}, **served(server.base_url))
        assert bool(server.texts) == ("gguf" not in line)


def longer(question: str) -> str:
    """What a judge says who likes long answers."""
    shown = parts(question)
    return "A" if len(shown["answer A"]) > len(shown["answer B"]) else "B"


@needing("a judge that agrees with itself")
def test_with_a_judge(line: str, typed: Typed, cli: Cli) -> None:
    model = ("-m", "scripted:words", "-t", "0,1.6", "--max-tokens", "60")
    with JudgeServer(longer) as server:
        env = served(f"{server.url}/v1")
        if "choose" in line:
            rest = (
                ()
                if "gguf" in line
                else ("openai:gpt-5.4-mini", "--for", "creative-writing", "stories.txt", *model[:2])
            )
            swap = {"gguf:smollm2": "scripted:words"} if "gguf" in line else {}
            typed(line, *rest, *model[2:], swap=swap, **env)
        else:
            assert cli("run", "stories.txt", *model, "--use-case", "creative-writing").code == 0
            judged = cli("judge", "latest", "-m", "openai:gpt-5.4-mini", "--pairs", "4", env=env)
            assert judged.code in RESULTS, judged.err
            rest = ("--pairs", "4") if "judge" in line else ()
            typed(line, *rest, **env)
        assert server.questions


def rated(page: Path, to: Path, rater: str) -> None:
    """Answer a page as somebody who likes long answers, and save that as the page would."""
    held = re.search(r'id="report-data">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    assert held is not None
    data = json.loads(held[1])
    answers = {
        pair["code"]: "left" if len(pair["left"]) > len(pair["right"]) else "right" for pair in data["pairs"]
    }
    saved = {"tempkit": "ratings", "version": 1, "sheet": data["sheet"], "digest": sheet_digest(held[1])}
    to.write_text(
        json.dumps({**saved, "rater": {"id": rater * 16, "name": rater}, "answers": answers}), "utf-8"
    )


@needing("people")
def test_with_people(line: str, typed: Typed, cli: Cli, folder: Path) -> None:
    asked = ("-m", "scripted:words", "-t", "0,0.7,1.3", "-n", "2", "--items", "8", "--max-tokens", "60")
    assert cli("run", "questions.csv", *asked, "--use-case", "creative-writing").code == 0
    if "-o" not in line:
        assert cli("rate", "-o", "pairs.html").code == 0
        for name, rater in (("ada", "a"), ("ben", "b")):
            rated(folder / "pairs.html", folder / f"{name}.json", rater)
    if "recommend" in line:
        assert cli("rate", "--import", "ada.json", "ben.json").code == 0
    typed(line)


@needing("a plug-in")
def test_with_plug_ins(line: str, cli_process: Cli, folder: Path) -> None:
    """In a process, as what is installed is looked for once in each."""
    page = (ROOT / "docs/plugins.md").read_text(encoding="utf-8")
    blocks = BLOCK.findall(page)
    sources, entries = ([body for kind, body in blocks if kind == wanted] for wanted in ("python", "toml"))
    for name, source, entry in zip(
        ("measure", "use_case", "exporter", "importer"), sources, entries, strict=True
    ):
        (folder / f"site/toy_{name}.dist-info").mkdir(parents=True)
        (folder / f"site/toy_{name}.py").write_text(source, encoding="utf-8")
        facts = folder / f"site/toy_{name}.dist-info"
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: toy_{name}\nVersion: 0.1\n")
        points = re.sub(r'project\.entry-points\."(.*)"', r"\1", entry).replace('"', "")
        (facts / "entry_points.txt").write_text(points)
    env = {"PYTHONPATH": f"{folder / 'site'}{os.pathsep}{ROOT}"}
    (folder / "answers.ltsv").write_text(
        "item=q\tmodel=m\ttemperature=0\ttext=answer\taccuracy=0.5", encoding="utf-8"
    )
    if "recommend" in line:
        assert cli_process("measure", "latest", env=env).code == 0
    done = cli_process(*shlex.split(line)[1:], env=env)
    assert done.code in RESULTS, f"{line}: {done.err}"
    assert done.out


@needing("five answers to each question")
def test_on_five_answers_to_each_question(line: str, typed: Typed, cli: Cli, folder: Path) -> None:
    rows = [f"q{n},m,{t},{r},{(n + t + r) % 2}" for n in range(6) for t in (0, 1) for r in range(5)]
    (folder / "five.csv").write_text(
        "\n".join(["item,model,temperature,replicate,accuracy", *rows]), encoding="utf-8"
    )
    assert cli("db", "rename", "exam", "one").code == 0
    assert cli("import", "five.csv", "--name", "exam").code == 0
    typed(line)


def test_nothing_is_left_out() -> None:
    assert sorted(TRIED) == sorted(NEEDS)
