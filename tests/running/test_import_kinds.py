"""Tables as they come, in every format: a value that cannot be read is named by row and column, and nothing is stored."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet
from tables_written import FORMATS, place, written

from tempkit.errors import TempkitError, UsageError
from tempkit.interchange.exports import export
from tempkit.interchange.imports.column_names import naming
from tempkit.interchange.imports.import_run import import_table
from tempkit.store import Store
from tempkit.types import Completion, TokenLogprob

Row = dict[str, Any]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "tempkit.db") as opened:
        yield opened


def refusal(store: Store, path: Path, **options: Any) -> str:
    with pytest.raises(TempkitError) as caught:
        import_table(store, path, **options)
    assert store.runs() == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def texts(store: Store, run: str) -> list[tuple[str, float, int, str]]:
    return [(c.key.item, c.key.temperature, c.key.replicate, c.text) for c in store.completions(run)]


GOOD: Row = {"item": "q", "model": "m", "temperature": "0", "replicate": "0", "text": "blue", "x": "1"}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("temperature", "0_7", "temperature '0_7' is not a number; write it without marks between its digits"),
        ("temperature", "0,7", "temperature '0,7' is not a number; it has a decimal comma: write 0.7"),
        ("temperature", "٠.٧", "temperature '٠.٧' is not a number; write it in the digits 0 to 9"),
        ("temperature", "0.7.1", "temperature '0.7.1' is not a number; "),
        ("temperature", "nan", "temperature 'nan' is not a finite number"),
        ("temperature", "-inf", "temperature '-inf' is not a finite number"),
        ("temperature", "1e400", "temperature '1e400' is not a finite number"),
        ("temperature", "0x1", "temperature '0x1' is not a number; "),
        ("temperature", "-1", "temperature -1 is negative"),
        ("temperature", "True", "temperature 'True' is not a number; "),
        ("replicate", "1_0", "replicate '1_0' is no whole number from 0"),
        ("replicate", "1.5", "replicate '1.5' is no whole number from 0"),
        ("replicate", "-1", "replicate '-1' is no whole number from 0"),
        ("replicate", "٣", "replicate '٣' is no whole number from 0"),
        ("replicate", "1e30", "replicate '1e30' is no whole number from 0"),
        ("x", "0,5", "'x' is '0,5', not a number; it has a decimal comma: write 0.5"),
        ("x", "1.234,5", "'x' is '1.234,5', not a number; write it without marks between its digits"),
        ("x", "1_000", "'x' is '1_000', not a number; write it without marks between its digits"),
        ("x", "90%", "'x' is '90%', not a number; leave out the %"),
        ("x", "۵", "'x' is '۵', not a number; write it in the digits 0 to 9"),
        ("x", "1e400", "'x' is '1e400', not a finite number; leave the cell empty"),
        ("x", "-Infinity", "'x' is '-Infinity', not a finite number; "),
        ("x", "n/a", "'x' is 'n/a', not a number; leave the cell empty where there is none, or leave the column out with --skip x"),
        ("item", None, "no item; every row needs item, model and temperature"),
        ("model", None, "no model; every row needs item, model and temperature"),
        ("temperature", None, "no temperature; every row needs item, model and temperature"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read(
    store: Store, tmp_path: Path, form: str, column: str, value: str, said: str
) -> None:
    path = written(tmp_path, form, [GOOD, {**GOOD, "item": "r", column: value}, {**GOOD, "item": "s"}])
    assert refusal(store, path).startswith(f"{place(path, 2)}: {said}")


@pytest.mark.parametrize("form", FORMATS)
def test_numbers_in_the_ways_they_are_written(store: Store, tmp_path: Path, form: str) -> None:
    ways = {
        "1e-1": 0.1,
        "+0.5": 0.5,
        " 0.25 ": 0.25,
        ".5": 0.5,
        "5.": 5.0,
        "-0": 0.0,
        "007": 7.0,
        "1E2": 100.0,
    }
    rows = [
        {"item": f"q{i}", "model": "m", "temperature": way, "replicate": "0.0", "x": way}
        for i, way in enumerate(ways)
    ]
    run = import_table(store, written(tmp_path, form, rows)).run
    found = {score.item: (score.temperature, score.value) for score in scores(store, run.id)}
    assert found == {f"q{i}": (value, value) for i, value in enumerate(ways.values())}
    assert all(math.copysign(1, temperature) == 1 for temperature, _ in found.values())


def scores(store: Store, run: str) -> list[Any]:
    return list(store.scores(run))


@pytest.mark.parametrize("form", ["jsonl", "parquet", "yaml"])
@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("temperature", [0.7], "'temperature' is [0.7], not a number"),
        ("temperature", True, "temperature 'True' is not a number"),
        ("text", ["blue"], "'text' is ['blue'], not a text"),
        ("text", True, "'text' is True, not a text"),
        ("item", ["q"], "'item' is ['q'], not a text"),
        ("model", True, "'model' is True, not a text"),
        ("x", [1], "'x' is [1], not a number"),
    ],
)
def test_a_value_of_another_type(
    store: Store, tmp_path: Path, form: str, column: str, value: Any, said: str
) -> None:
    path = written(tmp_path, form, [{**GOOD, column: value}])
    assert refusal(store, path).startswith(f"{place(path, 1)}: {said}")


@pytest.mark.parametrize("form", FORMATS)
def test_one_sample_in_two_rows(store: Store, tmp_path: Path, form: str) -> None:
    rows = [GOOD, {**GOOD, "item": "r"}, {**GOOD, "temperature": "0.0"}]
    path = written(tmp_path, form, rows)
    assert refusal(store, path) == (
        f"{place(path, 3)}: the same sample as {place(path, 1)}; number them in a replicate column"
    )


@pytest.mark.parametrize("form", FORMATS)
def test_temperatures_that_arithmetic_has_parted_are_one_and_said(
    store: Store, tmp_path: Path, form: str
) -> None:
    rows: list[Row] = [
        {"item": item, "model": "m", "temperature": repr(temperature), "x": "1"}
        for item in "ab"
        for temperature in (0.7, 0.7000000000000001, 0.1 + 0.2, 0.3, 0.30000000000000010, 1.0)
    ]
    path = written(tmp_path, form, rows)
    done = import_table(store, path)
    assert done.run.temperatures == (0.3, 0.7, 1.0)
    assert done.scores == {"x": 12}
    assert [note.split(" is ")[0] for note in done.notes] == [
        f"{place(path, 3)}: temperature 0.30000000000000004",
        f"{place(path, 5)}: temperature 0.3000000000000001",
        f"{place(path, 2)}: temperature 0.7000000000000001",
    ]
    assert done.notes[-1].endswith(f" is taken as 0.7, which stands at {place(path, 1)}")


@pytest.mark.parametrize("form", FORMATS)
def test_temperatures_that_nothing_could_show_apart_are_refused(
    store: Store, tmp_path: Path, form: str
) -> None:
    path = written(tmp_path, form, [GOOD | {"temperature": "0.7"}, GOOD | {"temperature": "0.70000001"}])
    assert refusal(store, path) == (
        f"{place(path, 2)}: temperature 0.70000001 and 0.7 at {place(path, 1)} would both be shown as 0.7; write them alike"
    )


def test_one_such_temperature_alone_is_kept(store: Store, tmp_path: Path) -> None:
    done = import_table(store, written(tmp_path, "csv", [GOOD | {"temperature": "0.30000000000000004"}]))
    assert (done.run.temperatures, done.notes) == ((0.1 + 0.2,), ())


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_text_is_an_answer(store: Store, tmp_path: Path, form: str) -> None:
    words = ("blue", "", "", "", "blue", "red", "", "red")
    rows = [
        {"item": "ab"[i // 4], "model": "m", "temperature": str(i // 2 % 2), "text": text}
        for i, text in enumerate(words)
    ]
    path = written(tmp_path, form, rows)
    done = import_table(store, path)
    assert done.completions == 8
    assert [text for *_, text in texts(store, done.run.id)] == list(words)
    said = f"{path}: 4 of 8 texts are empty and count as empty answers; leave the column out with --skip text"
    assert [note[: len(said)] for note in done.notes] == ([said] if form in ("csv", "tsv") else [])


@pytest.mark.parametrize("form", ["jsonl", "parquet", "yaml"])
def test_a_text_that_is_not_there_is_no_answer(store: Store, tmp_path: Path, form: str) -> None:
    rows = [GOOD, {**GOOD, "item": "r", "text": None}, {**GOOD, "item": "s", "text": ""}]
    done = import_table(store, written(tmp_path, form, rows))
    assert [(item, text) for item, *_, text in texts(store, done.run.id)] == [("q", "blue"), ("s", "")]
    assert done.scores == {"x": 3}
    assert done.run.planned == done.run.completions == 2


@pytest.mark.parametrize("form", FORMATS)
def test_texts_stay_as_they_are(store: Store, tmp_path: Path, form: str) -> None:
    words = (
        "=1+1",
        "'quoted",
        "@SUM(A1)",
        "a,b;c\td|e",
        '"q"',
        "two\nlines",
        " blanks ",
        "0.7",
        "NaN",
        "null",
        "None",
        "é日🌡",
    )
    rows = [{**GOOD, "item": str(i), "text": text} for i, text in enumerate(words)]
    done = import_table(store, written(tmp_path, form, rows))
    assert [text for *_, text in texts(store, done.run.id)] == list(words)


@pytest.mark.parametrize("form", FORMATS)
def test_other_names_of_columns(store: Store, tmp_path: Path, form: str) -> None:
    row = {
        "Problem ID": "p1",
        "LLM": "gpt",
        "Temp": "0.5",
        "Trial": "2",
        "Response": "blue",
        "Correct?": "true",
        "Notes": "good",
    }
    path = written(tmp_path, form, [row])
    header = f"{path}" if form == "parquet" else f"{path}:1"
    assert refusal(store, path) == (
        f'{header}: no column item, model or temperature; did you mean --map item="Problem ID" --map model=LLM --map temperature=Temp?'
    )
    required = ["item=Problem ID", "model=LLM", "temperature=Temp"]
    assert refusal(store, path, naming=naming(required)).startswith(
        f"{place(path, 1)}: 'Response' is 'blue', not a number; leave the cell empty where there is none, or leave the column out with --skip Response"
    )
    given = naming([*required, "replicate=Trial", "text=Response", "correct=Correct?"], ["Notes"])
    done = import_table(store, path, naming=given)
    assert texts(store, done.run.id) == [("p1", 0.5, 2, "blue")]
    assert done.scores == {"correct": 1}


@pytest.mark.parametrize(
    ("maps", "skipped", "said"),
    [
        (["item"], [], "--map 'item' must be COLUMN=\"Their Name\", e.g. item=\"Problem ID\""),
        (["=x"], [], "--map '=x' must be COLUMN"),
        (["item=x", "model=x"], [], "--map names the column 'x' twice"),
        (["item=x", "item=y"], [], "--map says 'item' twice"),
        (["item=x"], ["x"], "--map and --skip both name the column 'x'"),
    ],
)  # fmt: skip
def test_mappings_that_make_no_sense(maps: list[str], skipped: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        naming(maps, skipped)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("form", FORMATS)
def test_mappings_of_columns_that_are_not_there(store: Store, tmp_path: Path, form: str) -> None:
    path = written(tmp_path, form, [GOOD])
    header = f"{path}" if form == "parquet" else f"{path}:1"
    assert refusal(store, path, naming=naming(["y=name of mine"])) == (
        f"{header}: --map names a column 'name of mine', and there is none; there are: item, model, temperature, replicate, text, x"
    )
    assert refusal(store, path, naming=naming([], ["txt"])).startswith(
        f"{header}: --skip names a column 'txt', and there is none (did you mean 'text'?)"
    )
    assert refusal(store, path, naming=naming(["item=x"])).startswith(
        f"{header}: with --map item=x two columns would be 'item'; leave the other out with --skip item"
    )
    done = import_table(store, path, naming=naming(["item=x"], ["item"]))
    assert texts(store, done.run.id) == [("1", 0.0, 0, "blue")]


@pytest.mark.parametrize("sign", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_spreadsheets_csv_is_recognised_and_said(
    store: Store, tmp_path: Path, sign: str, encoding: str
) -> None:
    path = tmp_path / "sheet.csv"
    lines = [("item", "model", "temperature", "text"), ("q", "m", "0.5", "a, b and é")]
    path.write_bytes("\r\n".join(sign.join(line) for line in lines).encode(encoding))
    done = import_table(store, path)
    assert texts(store, done.run.id) == [("q", 0.5, 0, "a, b and é")]
    names = {";": "semicolons", "\t": "tabs", "|": "bars"}
    assert done.hints == (f"{path}: read with {names[sign]} between cells",)


def test_an_encoding_that_is_not_said_is_named(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("item,model,temperature,text\nq,m,0,café\n".encode("cp1252"))
    assert refusal(store, path) == (
        f"{path}:2: data file is not UTF-8 text; save it as UTF-8"
        " (it seems to be Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 converts it)"
    )


def test_a_decimal_comma_between_commas_is_guessed_at(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("item,model,temperature,x\nq,m,0,7,1\n")
    assert refusal(store, path) == (
        f"{path}:2: 5 cells under 4 columns; if 0,7 is one number, write it with a point; a text that holds a ',' needs quotes around it"
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xlsx", b"PK\x03\x04", "save the sheet as CSV UTF-8"),
        ("t.json", b"[]", "write one object a line and call it .jsonl"),
        ("t.csv.gz", b"\x1f\x8b", "decompress it first"),
        (
            "t.pkl",
            b"",
            "a table must be one of .csv, .tsv, .tab, .jsonl, .ndjson, .yaml, .yml, .parquet, .eval, .json, .db, .sqlite, .sqlite3",
        ),
        ("t.csv", b"PK\x03\x04\x00", "data file is not text: it seems to be an Excel workbook"),
        ("t.csv", b"PAR1\x00", "data file is not text: it seems to be a Parquet file"),
        ("t.parquet", b"item,model\n", "not a Parquet file that can be read: "),
        ("t.parquet", b"PAR1\x00\x00PAR1", "not a Parquet file that can be read: "),
    ],
)
def test_files_that_are_no_tables(store: Store, tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert said in refusal(store, path)


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "parquet"])
def test_a_million_columns_are_refused(store: Store, tmp_path: Path, form: str) -> None:
    count = 20_000 if form == "parquet" else 100_000
    path = written(tmp_path, form, [{**GOOD, **{f"c{i}": "1" for i in range(count)}}])
    said = refusal(store, path)
    assert f"{count + 6:,} " in said
    assert "may have 1,000" in said


def test_columns_that_come_one_a_row_are_refused(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(json.dumps({**GOOD, "replicate": i, f"c{i}": 1}) for i in range(2000)))
    assert refusal(store, path) == f"{path}:995: more than 1,000 columns; leave out what is not needed"


def test_one_value_in_every_row_of_parquet_is_refused(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    text = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 5000, pyarrow.int32()), ["x" * 2**20])
    columns = {
        "item": [str(i) for i in range(5000)],
        "model": ["m"] * 5000,
        "temperature": [0.5] * 5000,
        "text": text,
    }
    parquet.write_table(pyarrow.table(columns), path)
    assert path.stat().st_size < 2**21
    assert "bytes; give a smaller table" in refusal(store, path)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_a_file_without_an_end_is_refused(store: Store, tmp_path: Path, device: str) -> None:
    path = tmp_path / "t.csv"
    path.symlink_to(device)
    assert refusal(store, path) == f"{path}: data file is larger than 64 MiB; give a smaller file"


EXPORTED: Row = {
    "run": "r",
    "prompt": "p",
    "use_case": "chatbot",
    "item": "p/1",
    "model": "m",
    "temperature": 0.5,
    "replicate": 0,
    "status": "completion",
    "text": "blue",
    "finish_reason": "stop",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.request.seed": 7,
    "gen_ai.request.max_tokens": 9,
    "gen_ai.request.top_p": 1.0,
    "gen_ai.request.top_k": 0,
    "gen_ai.request.frequency_penalty": 0.0,
    "gen_ai.request.presence_penalty": 0.0,
    "gen_ai.response.model": "m-1",
    "gen_ai.usage.input_tokens": 3,
    "gen_ai.usage.output_tokens": 1,
    "params": '{"max_tokens": 9}',
    "latency_s": 0.5,
    "attempts": 1,
    "logprob_kind": "raw",
}
"""A row as the first version with an export wrote it: before thinking, its tokens and refusals had columns."""

TOKEN: Row = {"position": 0, "text": "blue", "logprob": -0.5, "entropy": 1.5, "rank": 0, "token_id": 4, "top": [{"text": "blue", "logprob": -0.5}, {"text": "red", "logprob": None}]}  # fmt: skip
"""As it wrote tokens: before the entropy at the sample's temperature had a place."""


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_of_the_first_version_is_read(store: Store, tmp_path: Path, form: str) -> None:
    done = import_table(store, written(tmp_path, form, [EXPORTED]))
    (found,) = store.completions(done.run.id)
    assert (found.text, found.seed, found.finish_reason, found.input_tokens) == ("blue", 7, "stop", 3)
    assert (found.thinking, found.thinking_tokens, found.params) == (None, None, {"max_tokens": 9})
    assert store.load_plan(done.run.id).prompts[0].name == "p"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "left_out", ["finish_reason", "logprob_kind", "attempts", "params", "latency_s", "prompt"]
)
def test_a_column_that_somebody_took_out_is_not_missed(
    store: Store, tmp_path: Path, form: str, left_out: str
) -> None:
    row = {name: value for name, value in EXPORTED.items() if name != left_out}
    (found,) = store.completions(import_table(store, written(tmp_path, form, [row])).run.id)
    assert found.text == "blue"
    assert found.finish_reason == ("unstated" if left_out == "finish_reason" else "stop")


@pytest.mark.parametrize(("provider", "end"), [("imported", "unstated"), ("openai", "unknown")])
def test_what_an_older_import_called_unknown_was_never_stated(
    store: Store, tmp_path: Path, provider: str, end: str
) -> None:
    row = {**EXPORTED, "finish_reason": "unknown", "gen_ai.provider.name": provider}
    (found,) = store.completions(import_table(store, written(tmp_path, "csv", [row])).run.id)
    assert found.finish_reason == end


def test_tokens_of_the_first_version_are_read(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, "jsonl", [{**EXPORTED, "tokens": [TOKEN]}])
    (found,) = store.completions(import_table(store, path).run.id, tokens=True)
    token = TokenLogprob(
        "blue", -0.5, entropy=1.5, rank=0, token_id=4, top=(("blue", -0.5), ("red", -math.inf))
    )
    assert found.tokens == (token,)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("status", "done", "'status' is 'done', neither completion nor failure"),
        ("finish_reason", "tired", "'finish_reason' is 'tired', not one of "),
        ("logprob_kind", "cooked", "'logprob_kind' is 'cooked', not one of "),
        ("gen_ai.request.seed", "1e30", "'gen_ai.request.seed' is '1e30', not a whole number"),
        ("gen_ai.request.seed", "9" * 20, "'gen_ai.request.seed' is '99999999999999999999', not a whole number between"),
        ("gen_ai.request.seed", "1_0", "'gen_ai.request.seed' is '1_0', not a whole number; "),
        ("gen_ai.usage.output_tokens", "-1", "'gen_ai.usage.output_tokens' is '-1', not a whole number between 0 and"),
        ("gen_ai.usage.input_tokens", "many", "'gen_ai.usage.input_tokens' is 'many', not a whole number"),
        ("gen_ai.request.top_p", "abc", "'gen_ai.request.top_p' is 'abc', not a number"),
        ("gen_ai.request.temperature", "nan", "'gen_ai.request.temperature' is 'nan', not a number"),
        ("latency_s", "1e999", "'latency_s' is '1e999', not a number between"),
        ("latency_s", "0,5", "'latency_s' is '0,5', not a number; it has a decimal comma: write 0.5"),
        ("cost_usd", "-1", "'cost_usd' is '-1', not a number between 0 and"),
        ("params", "[", "'params': not JSON: "),
        ("params", "[1]", "'params' is '[1]', not a JSON object"),
        ("score.x", "good", "'score.x' is 'good', not a number"),
    ],
)  # fmt: skip
def test_a_value_of_an_export_that_cannot_be_read(
    store: Store, tmp_path: Path, form: str, column: str, value: str, said: str
) -> None:
    strings = {name: str(given) for name, given in EXPORTED.items()}
    path = written(tmp_path, form, [strings, {**strings, "replicate": "1", column: value}])
    assert refusal(store, path).startswith(f"{place(path, 2)}: {said}")


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (5, "'tokens' is 5, not a list of tokens"),
        ("blue", "'tokens' is 'blue', not a list of tokens"),
        ([5], "'tokens[0]' is 5, not a token"),
        ([TOKEN, {**TOKEN, "logprob": "abc"}], "tokens[1]: 'logprob' is 'abc', not a number"),
        ([{**TOKEN, "logprob": 1e308}], "tokens[0]: 'logprob' is 1e+308, not a number between -1e+100 and 0.001"),
        ([{**TOKEN, "logprob": 0.5}], "tokens[0]: 'logprob' is 0.5, not a number between"),
        ([{**TOKEN, "rank": "x"}], "tokens[0]: 'rank' is 'x', not a whole number"),
        ([{**TOKEN, "rank": -1}], "tokens[0]: 'rank' is -1, not a whole number between 0 and"),
        ([{**TOKEN, "token_id": [1]}], "tokens[0]: 'token_id' is [1], not a whole number"),
        ([{**TOKEN, "entropy": -2}], "tokens[0]: 'entropy' is -2, not a number between"),
        ([{**TOKEN, "entropy_tempered": "x"}], "tokens[0]: 'entropy_tempered' is 'x', not a number"),
        ([{**TOKEN, "text": 5}], "tokens[0]: 'text' is 5, not a text"),
        ([{**TOKEN, "top": 5}], "tokens[0]: 'top' is 5, not a list of tokens with their logprobs"),
        ([{**TOKEN, "top": [{"logprob": 1}]}], "tokens[0]: 'top' is [{'logprob': 1}], not a list of tokens"),
        ([{**TOKEN, "top": [{"text": "a", "logprob": "x"}]}], "tokens[0]: top[0]: 'logprob' is 'x', not a number"),
        ([{"text": "x"}], "tokens[0]: 'logprob' is None, not a number; a token without one has null"),
    ],
)  # fmt: skip
def test_tokens_that_cannot_be_read(store: Store, tmp_path: Path, tokens: Any, said: str) -> None:
    path = written(tmp_path, "jsonl", [EXPORTED, {**EXPORTED, "replicate": 1, "tokens": tokens}])
    assert refusal(store, path).startswith(f"{path}:2: {said}")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_what_is_exported_comes_back_from_every_format(store: Store, tmp_path: Path, form: str) -> None:
    first = import_table(
        store, written(tmp_path, "jsonl", [EXPORTED, {**EXPORTED, "replicate": 1, "text": ""}])
    ).run
    path = tmp_path / f"out.{form}"
    export(store, [first], path)
    again = import_table(store, path, name="again").run

    def held(run: str) -> list[Completion]:
        return list(store.completions(run))

    assert held(again.id) == held(first.id)


def test_a_reason_that_repeats_itself_does_no_harm(store: Store, tmp_path: Path) -> None:
    reason = "1 pairs have no bounds: " * 400
    done = import_table(store, written(tmp_path, "jsonl", [{**EXPORTED, "score_reason.mine": reason}]))
    assert done.scores == {"mine": 0}
    from tempkit.i18n.reasons import said

    (score,) = store.scores(store.find_run("latest").id)
    assert score.reason is not None
    assert said(score.reason) == reason
