"""`tempkit import` of other programs' logs: inspect's and llm's, honest ones and hostile ones."""

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from support import Cli

from tempkit.store import Store

OLD = "CREATE TABLE logs (id INTEGER PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, options_json TEXT, response TEXT, chat_id INTEGER, datetime_utc TEXT)"
NEW = """CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, resolved_model TEXT, prompt TEXT, system TEXT, options_json TEXT, response TEXT,
  reasoning TEXT, conversation_id TEXT, duration_ms INTEGER, datetime_utc TEXT, input_tokens INTEGER, output_tokens INTEGER);
CREATE TABLE prompt_fragments (response_id TEXT, fragment_id INTEGER)"""


def head(temperature: float | None) -> dict[str, Any]:
    config = {} if temperature is None else {"temperature": temperature, "max_tokens": 20}
    return {"version": 2, "eval": {"task": "quiz", "model": "openai/gpt-4o"}, "plan": {"config": config}}


def sample(name: int, epoch: int, **more: Any) -> dict[str, Any]:
    answer = {"role": "assistant", "content": f"answer {name}", "source": "generate"}
    return {
        "id": name, "epoch": epoch, "input": "What?",
        "messages": [{"role": "user", "content": "What?", "source": "input"}, answer],
        "output": {"model": "gpt-4o-x", "time": 1.5, "choices": [{"message": answer, "stop_reason": "max_tokens" if name else "stop"}], "usage": {"input_tokens": 3, "output_tokens": 2}},
        "scores": {"match": {"value": "C" if name else "I"}, "size": {"value": 3}, "odd": {"value": "?"}},
        **more,
    }  # fmt: skip


def log(path: Path, temperature: float | None, samples: list[dict[str, Any]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps(head(temperature)))
        for each in samples:
            archive.writestr(f"samples/{each['id']}_epoch_{each['epoch']}.json", json.dumps(each))


def test_a_folder_of_logs_is_one_run(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    samples = [sample(name, epoch) for name in (0, 1) for epoch in (1, 2)]
    log(tmp_path / "logs/a.eval", 0.0, samples)
    (tmp_path / "logs/b.json").write_text(json.dumps({**head(0.7), "samples": samples}))
    log(tmp_path / "logs/c.eval", None, samples)
    done = cli("import", "logs")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "Imported 8 completions, 8 of match, 8 of size as run logs."
    assert done.err.splitlines() == [
        'warning: logs/a.eval: samples/0_epoch_1.json: not carried over: scores of odd that are no number: "?" (8 times)',
        "warning: logs/c.eval: samples/0_epoch_1.json: not carried over: samples of a log that says no temperature (4 times)",
    ]
    with Store.open(str(tmp_path / "tempkit.db")) as store:
        run = store.find_run("logs")
        plan = store.load_plan(run.id)
        found = list(store.completions(run.id))
    assert (plan.temperatures, plan.repeat, [m.name for m in plan.models]) == (
        (0.0, 0.7),
        2,
        ["openai/gpt-4o"],
    )
    assert {c.key.item for c in found} == {"quiz/0", "quiz/1"}
    one = next(c for c in found if c.key.item == "quiz/1" and c.key.temperature == 0.7)
    assert (one.text, one.finish_reason, one.latency_s, one.input_tokens) == ("answer 1", "length", 1.5, 3)
    assert (one.response_model, one.params["max_tokens"]) == ("gpt-4o-x", 20)


def with_tokens(name: int, epoch: int, *tokens: Any) -> dict[str, Any]:
    found = sample(name, epoch)
    found["output"]["choices"][0]["logprobs"] = {"content": list(tokens)}
    return found


def test_the_probabilities_of_tokens_come_with_their_answers(cli: Cli, tmp_path: Path) -> None:
    other = [{"token": "answer", "logprob": -0.5, "bytes": [97]}, {"token": "An", "logprob": -2}]
    good = (
        {"token": "answer", "logprob": -0.5, "top_logprobs": other},
        {"token": " 0", "logprob": -9999.0, "top_logprobs": None},
    )
    bad = [None, {"token": "a", "logprob": None}, {"token": "a", "logprob": True}, {"token": "a", "logprob": 0.5}, {"token": "a", "logprob": -1e300},
           {"logprob": -1}, {"token": "a", "logprob": -1, "top_logprobs": 3}, {"token": "a", "logprob": -1, "top_logprobs": [{"token": 1}]}]  # fmt: skip
    samples = [with_tokens(0, 1, *good), sample(1, 1)] + [
        with_tokens(n, 1, good[0], each) for n, each in enumerate(bad, 2)
    ]
    samples.append(sample(99, 1))
    samples[-1]["output"]["choices"][0]["logprobs"] = [1]
    log(tmp_path / "a.eval", 0.7, samples)
    done = cli("import", "a.eval")
    assert done.code == 0, done.err
    assert f"as a token of it has none that can be read ({len(bad)} times)" in done.err
    assert "not carried over: log-probabilities that are no list of tokens" in done.err
    with Store.open(str(tmp_path / "tempkit.db")) as store:
        answers = {a.key.item: a for a in store.completions(store.find_run("a").id, tokens=True)}
    first = answers.pop("quiz/0")
    assert first.logprob_kind == "unknown"
    assert [(t.text, t.logprob, t.top) for t in first.tokens] == [
        ("answer", -0.5, (("answer", -0.5), ("An", -2.0))),
        (" 0", -9999.0, ()),
    ]
    assert all(a.tokens == () and a.logprob_kind == "none" for a in answers.values())


def test_what_an_import_leaves_out_stays_with_the_run(cli: Cli, tmp_path: Path) -> None:
    log(tmp_path / "a.eval", 0.0, [sample(name, 1) for name in range(3)])
    done = cli("import", "a.eval", "--name", "kept")
    said = 'a.eval: samples/0_epoch_1.json: not carried over: scores of odd that are no number: "?" (3 times)'
    assert done.err.splitlines() == [f"warning: {said}"]
    assert json.loads(cli("show", "kept", "--json").out)["left_out"] == [said]
    assert said in " ".join(cli("show", "kept").out.split())
    (tmp_path / "t.csv").write_text("item,model,temperature,mine\nq,m,0,1\n")
    assert cli("import", "t.csv").code == 0
    assert json.loads(cli("show", "t", "--json").out)["left_out"] == []


def test_what_a_configuration_leaves_out_stays_with_the_run(cli: Cli, tmp_path: Path) -> None:
    tests = "".join(
        f"  - {{assert: [{{type: {kind}}}]}}\n"
        for kind in ("python", "cost", "latency", "rouge-n", "bleu", "webhook")
    )
    (tmp_path / "promptfooconfig.yaml").write_text(
        f"description: one; two\nprompts: [Hi there]\ntests:\n{tests}"
    )
    done = cli("run", "promptfooconfig.yaml", "-m", "scripted:words", "-t", "0", "-n", "1", "--name", "hi")
    assert done.code == 0, done.err
    kept = json.loads(cli("show", "hi", "--json").out)["left_out"]
    assert [line.split(": ", 1)[1] for line in kept] == [
        *(
            f"not carried over: the assertion {kind}"
            for kind in ("python", "cost", "latency", "rouge-n", "bleu", "webhook")
        ),
    ]
    shown = cli("show", "hi").out
    assert "promptfooconfig.yaml:8: not carried over: the assertion bleu" in shown
    assert "and 1 thing more is not carried over; --json has them all" in shown


def test_a_sample_that_failed_is_a_failure(cli: Cli, tmp_path: Path) -> None:
    log(tmp_path / "a.eval", 0.5, [sample(0, 1), sample(1, 1, output={}, error={"message": "out of time"})])
    assert cli("import", "a.eval").out.startswith("Imported 1 completions")
    assert json.loads(cli("show", "a", "--json").out)["run"]["failed"] == 1


def test_members_compressed_by_zstandard(cli: Cli, tmp_path: Path) -> None:
    """Built by hand: Python writes such archives from 3.14 on only."""
    members = {"header.json": head(0.5), "samples/1_epoch_1.json": sample(1, 1)}
    with zipfile.ZipFile(tmp_path / "a.eval", "w") as archive:
        for name, value in members.items():
            packed = pyarrow.compress(json.dumps(value).encode(), codec="zstd", asbytes=True)
            archive.writestr(name, packed)
    data = bytearray((tmp_path / "a.eval").read_bytes())
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        start = data.find(mark)
        while start >= 0:
            data[start + at : start + at + 2] = (93).to_bytes(2, "little")
            start = data.find(mark, start + 4)
    (tmp_path / "a.eval").write_bytes(bytes(data))
    done = cli("import", "a.eval")
    assert (done.code, done.out.splitlines()[0]) == (
        0,
        "Imported 1 completions, 1 of match, 1 of size as run a.",
    ), done.err


@pytest.mark.parametrize("schema", ["old", "new"])
def test_the_log_of_llm(cli: Cli, tmp_path: Path, schema: str) -> None:
    with closing(sqlite3.connect(tmp_path / "logs.db")) as database:
        database.executescript(OLD if schema == "old" else NEW)
        for n, (prompt, options) in enumerate((p, t) for p in "ab" for t in (0, 1, 1, None)):
            said = json.dumps({} if options is None else {"temperature": options, "seed": 3})
            if schema == "old":
                values: tuple[Any, ...] = (
                    n,
                    "gpt-4",
                    prompt,
                    None,
                    said,
                    f"text {n}",
                    None,
                    f"2024-01-0{n + 1}",
                )
            else:
                values = (
                    f"id{n}",
                    "gpt-4",
                    "gpt-4-x",
                    prompt,
                    "Be brief.",
                    said,
                    f"text {n}",
                    "hm",
                    f"c{n}",
                    250,
                    f"2024-01-0{n + 1}",
                    4,
                    5,
                )
            table = "logs" if schema == "old" else "responses"
            database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)
        database.commit()
    before = (tmp_path / "logs.db").read_bytes()
    done = cli("import", "logs.db", "--name", "mine")
    assert (done.code, done.out.splitlines()[0]) == (0, "Imported 6 completions as run mine."), done.err
    assert "not carried over: answers that say no temperature (2 times)" in done.err
    assert (tmp_path / "logs.db").read_bytes() == before
    with Store.open(str(tmp_path / "tempkit.db")) as store:
        found = list(store.completions(store.find_run("mine").id))
    cells = sorted((c.key.temperature, c.key.replicate) for c in found)
    assert cells == [(0, 0), (0, 0), (1, 0), (1, 0), (1, 1), (1, 1)]
    assert len({c.key.item for c in found}) == 2
    if schema == "new":
        assert (found[0].latency_s, found[0].output_tokens, found[0].thinking, found[0].seed) == (
            0.25,
            5,
            "hm",
            3,
        )


def test_answers_after_another_conversation_are_another_item(cli: Cli, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "logs.db")) as database:
        database.execute(OLD)
        rows = [
            (1, "m", "hi", None, '{"temperature": 1}', "x", 1, "1"),
            (2, "m", "hi", None, '{"temperature": 1}', "y", 1, "2"),
        ]
        database.executemany("INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        database.commit()
    done = cli("import", "logs.db")
    assert done.code == 0, done.err
    assert "the messages before an answer" in done.err
    with Store.open(str(tmp_path / "tempkit.db")) as store:
        assert len({c.key.item for c in store.completions(store.find_run("logs").id)}) == 2


def items_of_llm(
    cli: Cli, folder: Path, answers: dict[str, tuple[str, str]], script: str
) -> tuple[dict[str, str], str]:
    """Import a log of llm's newer schema; return each answer's item by its text, and what was said.

    Args:
        cli: Runs the command.
        folder: Where to.
        answers: Prompt and conversation by an answer's id, in this order; the text is the id.
        script: What else the database is given.
    """
    with closing(sqlite3.connect(folder / "logs.db")) as database:
        database.executescript(f"{NEW};\nALTER TABLE responses ADD COLUMN schema_id TEXT;\n")
        for n, (name, (prompt, conversation)) in enumerate(answers.items()):
            database.execute(
                "INSERT INTO responses (id, model, prompt, options_json, response, conversation_id, datetime_utc) VALUES (?, 'm', ?, ?, ?, ?, ?)",
                (name, prompt, '{"temperature": 1}', name, conversation, f"2026-01-{n + 1:02}"),
            )
        database.executescript(script)
        database.commit()
    done = cli("import", "logs.db")
    assert done.code == 0, done.err
    with Store.open(str(folder / "tempkit.db")) as store:
        return {c.text: c.key.item for c in store.completions(store.find_run("logs").id)}, done.err


def test_answers_in_different_forms_are_of_different_questions(cli: Cli, tmp_path: Path) -> None:
    script = "UPDATE responses SET schema_id = id WHERE id IN ('s', 't')"
    items, said = items_of_llm(cli, tmp_path, {name: ("Q", name) for name in "abst"}, script)
    assert items["a"] == items["b"]
    assert len(set(items.values())) == 3
    assert "fragments, attachments, schemas and tools of a prompt; answers are one item only where" in said


def test_fragments_are_told_apart_by_their_order(cli: Cli, tmp_path: Path) -> None:
    script = """ALTER TABLE prompt_fragments ADD COLUMN "order" INTEGER;
    INSERT INTO prompt_fragments VALUES ('a', 1, 0), ('a', 2, 1), ('b', 2, 0), ('b', 1, 1), ('c', 2, 1), ('c', 1, 0);"""
    items, _said = items_of_llm(cli, tmp_path, {name: ("Q", name) for name in "abc"}, script)
    assert items["a"] == items["c"] != items["b"]


def test_results_of_tools_are_asked_and_calls_of_tools_answered(cli: Cli, tmp_path: Path) -> None:
    script = """CREATE TABLE tool_calls (id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, arguments TEXT, tool_call_id TEXT);
    CREATE TABLE tool_results (id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, output TEXT, tool_call_id TEXT, exception TEXT);
    INSERT INTO tool_calls (response_id, tool_id, name, arguments, tool_call_id) VALUES ('a1', 1, 'get', '{}', 'x'), ('b1', 1, 'get', '{}', 'y');
    INSERT INTO tool_results (response_id, tool_id, name, output, tool_call_id) VALUES ('a2', 1, 'get', 'sunny', 'x'), ('b2', 1, 'get', 'rain', 'y');
    UPDATE responses SET response = 'in words' WHERE id = 'c1';
    INSERT INTO tool_calls (response_id, tool_id, name, arguments, tool_call_id) VALUES ('d1', 1, 'get', '{}', 'z');
    UPDATE responses SET response = '' WHERE id = 'd1';"""
    answers = {
        "a1": ("weather?", "a"),
        "a2": ("", "a"),
        "b1": ("weather?", "b"),
        "b2": ("", "b"),
        "c1": ("weather?", "c"),
        "d1": ("weather?", "d"),
    }
    items, said = items_of_llm(cli, tmp_path, answers, script)
    assert items["a1"] == items["b1"] == items["in words"] == items[""]
    assert items["a2"] != items["b2"]
    assert "not carried over: calls of tools in an answer (2 times)" in said
    assert "not carried over: calls of tools in an answer, which has no text beside them" in said


def test_results_of_tools_are_told_apart_by_what_is_attached_to_them(cli: Cli, tmp_path: Path) -> None:
    script = """CREATE TABLE tool_results (id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, output TEXT, tool_call_id TEXT);
    CREATE TABLE tool_results_attachments (tool_result_id INTEGER, attachment_id TEXT, "order" INTEGER, PRIMARY KEY (tool_result_id, attachment_id));
    INSERT INTO tool_results (id, response_id, name, output) VALUES (1, 'a', 'draw', 'done'), (2, 'b', 'draw', 'done'), (3, 'c', 'draw', 'done'), (4, 'd', 'draw', 'done');
    INSERT INTO tool_results_attachments VALUES (1, 'x', 0), (2, 'x', 0), (3, 'y', 0);"""
    items, _said = items_of_llm(cli, tmp_path, {name: ("", name) for name in "abcd"}, script)
    assert items["a"] == items["b"]
    assert len(set(items.values())) == 3


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps(head(1.0)))
        archive.writestr("samples/1_epoch_1.json", b'{"id": "' + b"0" * 40_000_000 + b'"}')
    return made.getvalue()


def archive_of(**members: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_json", ".json"), text)
    return made.getvalue()


HEAD = json.dumps(head(1.0))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.eval", b"no archive", "a.eval: no log that can be read"),
        ("a.eval", archive_of(x="1"), "a.eval: no log of inspect: neither header.json"),
        ("a.eval", archive_of(header_json="{"), "a.eval: header.json: not JSON"),
        ("a.eval", archive_of(header_json="[]"), "a.eval: header.json: must be an object"),
        ("a.eval", archive_of(header_json='{"eval": {}}'), "a.eval: the log names no model"),
        ("a.eval", archive_of(header_json=HEAD), "a.eval: nothing to import: there is no sample in it"),
        ("a.eval", archive_of(header_json=HEAD, samples__1_json="{}"), "a.eval: samples/1.json: a sample needs an id"),
        ("a.eval", archive_of(header_json=HEAD, samples__1_json="[" * 5000), "a.eval: samples/1.json: not JSON"),
        ("a.eval", archive_of(header_json=HEAD, samples__1_json='{"id": 1, "output": 3}'), "a.eval: samples/1.json: must be an object"),
        ("a.eval", archive_of(header_json=HEAD, samples__1_json='{"id": "\\ud800"}'), "a.eval: samples/1.json: "),
        ("a.eval", bomb(), "a.eval: samples/1_epoch_1.json: unpacks to more than 16 MiB"),
        ("a.json", b'[{"a": 1}]', "a.json: no log of inspect; of other JSON write one object a line"),
        ("a.json", b'{"eval": {"model": "m"}, "samples": 3}', "a.json: samples must be a list"),
        ("a.db", b"no database at all, but long enough to be read as one" * 20, "a.db: no log of llm that can be read"),
        ("a.db", b"", "a.db: no log of llm: it has neither"),
    ],
)  # fmt: skip
def test_a_log_that_cannot_be_read_ends_in_one_line(
    cli: Cli, tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    done = cli("import", name)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert done.err.startswith(f"error: {message}")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("CREATE TABLE responses (id TEXT)", "the table responses has no columns model, prompt and response"),
        ("CREATE VIEW responses AS SELECT 1 AS model, 2 AS prompt, 3 AS response", "it has neither a table responses nor logs"),
        (f"{OLD}; INSERT INTO logs VALUES (1, 'm', x'00ff', NULL, '{{}}', 'r', NULL, '1')", "logs 1: prompt is no text"),
        (f"{OLD}; INSERT INTO logs VALUES (1, 'm', 'p', NULL, '{{', 'r', NULL, '1')", "logs 1: options_json: not JSON"),
        (f"{OLD}; INSERT INTO logs VALUES (1, 'm', 'p', NULL, '[1]', 'r', NULL, '1')", "logs 1: options_json is no object"),
        (f"{OLD}; INSERT INTO logs VALUES (1, 'm', 'p', NULL, '{{\"temperature\": \"hot\"}}', 'r', NULL, '1')", "temperature"),
    ],
)  # fmt: skip
def test_a_database_of_another_shape_ends_in_one_line(
    cli: Cli, tmp_path: Path, script: str, message: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.executescript(script)
    done = cli("import", "a.db")
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert "a.db: " in done.err
    assert message in done.err


def test_a_folder_without_logs_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert cli("import", "x").err.startswith("error: x: a folder is imported where it holds logs of inspect")
