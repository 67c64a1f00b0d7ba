"""Data rows: three formats, one meaning, and the line of whatever is wrong."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yaml import safe_dump

from tempkit.errors import PromptError
from tempkit.files import delimited
from tempkit.prompts import data_rows as rows_module
from tempkit.prompts.data_rows import read_rows, read_text
from tempkit.prompts.load import load_prompt

Write = Callable[[str, str], Path]

PROMPT = """---
name: p
inputs: [{name: question}, {name: hint, default: none}]
metadata: {tempkit: {data: DATA}}
---
{{ question }} ({{ hint }})
"""


def rows(write: Write, name: str, text: str) -> list[tuple[dict[str, Any], str]]:
    return [(dict(row.values), row.where) for row in read_rows(write(name, text))]


def refusal(write: Write, name: str, text: str) -> str:
    path = write(name, text)
    with pytest.raises(PromptError) as caught:
        read_rows(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_same_rows_make_the_same_items_in_every_format(write: Write) -> None:
    write(
        "d.yaml",
        '- {id: a, question: "one, \'two\' and \\"three\\"", facts: [8|eight, two words]}\n'
        "- id: '7'\n  question: |-\n    line one\n    line two\n  hint: given\n",
    )
    write(
        "d.jsonl",
        '{"id": "a", "question": "one, \\u0027two\\u0027 and \\"three\\"", "facts": ["8|eight", "two words"]}\n\n'
        '{"id": 7, "question": "line one\\nline two", "hint": "given", "facts": null}\n',
    )
    write(
        "d.csv",
        '\ufeffid,question,hint,facts\r\na,"one, \'two\' and ""three""",,8|eight; two words\r\n'
        '7,"line one\r\nline two",given,\r\n',
    )
    prompts = [
        load_prompt(write(f"{s}.prompty", PROMPT.replace("DATA", f"d.{s}"))) for s in ("yaml", "jsonl", "csv")
    ]
    assert prompts[0].items == prompts[1].items == prompts[2].items
    first, second = prompts[0].items
    assert (first.key, second.key) == ("p/a", "p/7")
    assert first.messages[0].content == "one, 'two' and \"three\" (none)"
    assert first.facts == (("8", "eight"), ("two words",))
    assert second.messages[0].content == "line one\nline two (given)"
    assert second.variables == {"question": "line one\nline two", "hint": "given"}


def test_numbers_are_numbers_in_yaml_and_json_and_text_in_csv(write: Write) -> None:
    assert rows(write, "d.yaml", "- {n: 1.50, s: no}\n") == [({"n": 1.5, "s": "no"}, "d.yaml:1")]
    assert rows(write, "d.jsonl", '{"n": 1.50, "s": "no"}') == [({"n": 1.5, "s": "no"}, "d.jsonl:1")]
    assert rows(write, "d.csv", "n,s\n1.50,no\n") == [({"n": "1.50", "s": "no"}, "d.csv:2")]


def test_where_rows_stand(write: Write) -> None:
    assert [w for _, w in rows(write, "d.yaml", "# note\n\n- a: 1\n  b: |\n    x\n    y\n\n- a: 2\n")] == [
        *("d.yaml:3", "d.yaml:8")
    ]
    assert [w for _, w in rows(write, "d.yml", "[{a: 1},\n {a: 2}]")] == ["d.yml:1", "d.yml:2"]
    assert [w for _, w in rows(write, "d.jsonl", '\n{"a": "\u2028"}\n  \n{"a": 2}')] == [
        "d.jsonl:2",
        "d.jsonl:4",
    ]
    assert [w for _, w in rows(write, "d.csv", '\na,b\n"x\ny\nz",1\n\n,\nu,2\n')] == ["d.csv:3", "d.csv:8"]


def test_csv_cells(write: Write) -> None:
    text = 'a , b,c\n" x ",,"say ""hi"""\n'
    assert rows(write, "d.csv", text) == [({"a": " x ", "b": None, "c": 'say "hi"'}, "d.csv:2")]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("d.csv", "a,b\n1,2\n1,2,3\n", "d.csv:3: 3 cells under 2 columns"),
        ("d.csv", 'a,b\n"x\ny",2\n1\n', "d.csv:4: 1 cells under 2 columns"),
        ("d.csv", "a,a\n1,2\n", "d.csv:1: the header has an empty or repeated column name"),
        ("d.csv", "\n\na,\n1,2\n", "d.csv:3: the header has an empty or repeated column name"),
        (
            "d.csv",
            'a,b\n1,2\n1,"x\n3,4\n',
            "d.csv:3: the row that begins here cannot be read: unexpected end of data",
        ),
        (
            "d.csv",
            'a,b\n1,2\n"x\ny"z,1\n',
            "d.csv:3: the row that begins here cannot be read: ',' expected after '\"'",
        ),
        ("d.csv", "a,b\n", "d.csv:1: the data file has no rows"),
        ("d.csv", "", "d.csv:1: the data file has no rows"),
        ("d.jsonl", "\n\n", "d.jsonl:1: the data file has no rows"),
        ("d.yaml", "# none\n", "d.yaml:1: the data file has no rows"),
        ("d.yaml", "[]", "d.yaml:1: the data file has no rows"),
        ("d.yaml", "a: 1\n", "d.yaml:1: data must be a list of rows, not a mapping"),
        ("d.yaml", "- a: 1\n- b\n", "d.yaml:2: a row must be a mapping, not text"),
        ("d.yaml", "- a: 1\n-\n", "d.yaml:2: a row must be a mapping, not nothing"),
        ("d.yaml", "- a: 1\n  a: 2\n", "d.yaml:2: key 'a' is given twice"),
        (
            "d.jsonl",
            '{"a": 1}\n{"a": 1\n',
            "d.jsonl:2: not a JSON object: Expecting ',' delimiter at character 8",
        ),
        ("d.jsonl", '{"a": 1}\n[1]\n', "d.jsonl:2: a row must be a JSON object, not a list"),
        ("d.jsonl", '{"a": 1}\nnull\n', "d.jsonl:2: a row must be a JSON object, not nothing"),
        (
            "d.jsonl",
            '{"a": 1, "b": {"c": 1, "c": 2}}',
            "d.jsonl:1: not a JSON object: key 'c' is given twice",
        ),
        ("d.jsonl", '{"a": NaN}', "d.jsonl:1: not a JSON object: NaN is no number in JSON"),
        ("d.jsonl", '{"a": -Infinity}', "d.jsonl:1: not a JSON object: -Infinity is no number in JSON"),
        ("d.jsonl", '{"a": 1e999}', "d.jsonl:1: not a JSON object: the number 1e999 is too large"),
        (
            "d.jsonl",
            '{"a": 1}\n{"a": "\\ud800"}',
            "d.jsonl:2: a lone surrogate (\\ud800 to \\udfff) is no character",
        ),
        ("d.jsonl", '{"a": ' + "[" * 60 + "]" * 60 + "}", "d.jsonl:1: values are nested more than 50 deep"),
        ("d.txt", "a", "d.txt: data must be one of .yaml, .yml, .jsonl, .csv, .tsv"),
        ("d.json", "[]", "d.json: data must be one of .yaml, .yml, .jsonl, .csv, .tsv"),
    ],
)
def test_what_is_wrong_and_on_which_line(write: Write, name: str, text: str, message: str) -> None:
    assert refusal(write, name, text) == message


def test_json_beyond_pythons_limits_is_refused(write: Write) -> None:
    assert refusal(write, "d.jsonl", '{"a": ' + "9" * 5000 + "}").startswith(
        "d.jsonl:1: not a JSON object: Exceeds the limit"
    )
    assert refusal(write, "d.jsonl", '{"a": ' + "[" * 100_000).startswith("d.jsonl:1: not a JSON object: ")


def test_json_escapes_that_make_a_character_are_read(write: Write) -> None:
    text = '{"a": "\\ud83d\\ude00 \\\\ud800"}'
    assert rows(write, "d.jsonl", text) == [({"a": "😀 \\ud800"}, "d.jsonl:1")]


def test_text_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"a,b\n1,2\ncaf\xe9,3\n")
    with pytest.raises(PromptError) as caught:
        read_rows(path)
    assert str(caught.value) == (
        f"{path}:3: data file is not UTF-8 text; save it as UTF-8"
        " (it seems to be Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 converts it)"
    )
    path.write_bytes("a,b\n1,2\n".encode("utf-16-le"))
    with pytest.raises(
        PromptError, match=r":1: data file is not UTF-8 text; save it as UTF-8 \(it seems to be UTF-16"
    ):
        read_rows(path)
    path.write_bytes("日本語,b\n1,2\n".encode("shift-jis"))
    with pytest.raises(PromptError, match=r":1: data file is not UTF-8 text; save it as UTF-8$"):
        read_rows(path)
    path.write_bytes(b"PK\x03\x04\x14")
    with pytest.raises(PromptError, match=r"is not text: it seems to be an Excel workbook"):
        read_rows(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(tmp_path: Path, encoding: str) -> None:
    for name, sign in (("d.csv", ","), ("d.tsv", "\t")):
        path = tmp_path / name
        path.write_bytes(f"a{sign}b\r\nétä{sign}日\r\n".encode(encoding))
        assert [dict(row.values) for row in read_rows(path)] == [{"a": "étä", "b": "日"}]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first", ["", "sep={sign}\n", "\n\nsep={sign}\n"])
def test_the_sign_between_cells_shows_in_the_header(write: Write, sign: str, first: str) -> None:
    text = (
        first.format(sign=sign)
        + sign.join(("a", "b c", '"d, e; f"'))
        + "\n"
        + sign.join(("1", "2,5", ""))
        + "\n"
    )
    if sign == ",":
        text = text.replace("2,5", '"2,5"')
    line = text.count("\n")
    assert rows(write, "d.csv", text) == [({"a": "1", "b c": "2,5", "d, e; f": None}, f"d.csv:{line}")]


def test_one_column_stays_one(write: Write) -> None:
    assert rows(write, "d.csv", "question\nWhat; why?\nA | B\n") == [
        ({"question": "What; why?"}, "d.csv:2"),
        ({"question": "A | B"}, "d.csv:3"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("d.csv", ",".join(f"c{i}" for i in range(10**6)) + "\n", "d.csv:1: 1,000,000 columns; a table may have 1,000"),
        ("d.tsv", "\t".join(f"c{i}" for i in range(1001)) + "\n", "d.tsv:1: 1,001 columns; a table may have 1,000"),
        ("d.csv", "a,b\n1," + "," * 17_000_000, "d.csv:2: the line is longer than 16 MiB"),
        ("d.jsonl", json.dumps({f"k{i}": 1 for i in range(60_000)}), "d.jsonl:1: 60,000 keys; a row may have 1,000"),
        ("d.jsonl", '{"a": "' + "x" * 17_000_000 + '"}', "d.jsonl:1: the line is longer than 16 MiB"),
        ("d.jsonl", "{" + "".join(f'"k{i}": 1, ' for i in range(60_000)) + '"k59999": 2}', "d.jsonl:1: not a JSON object: key 'k59999' is given twice"),
        ("d.csv", "a\n" + "x" * (65 * 2**20), "d.csv: data file is larger than 64 MiB"),
        ("d.yaml", "- {" + ", ".join(f"k{i}: 1" for i in range(1001)) + "}", "d.yaml:1: 1,001 keys; a row may have 1,000"),
        ("d.yaml", "- a: " + "x" * 2**22, "d.yaml: more than 4 MiB of YAML"),
    ],
    ids=["columns", "tabs", "cells", "keys", "long line", "key twice", "bytes", "YAML keys", "YAML"],
)  # fmt: skip
@pytest.mark.usefixtures("promptly")
def test_what_is_too_large_is_refused_soon(write: Write, name: str, text: str, message: str) -> None:
    assert refusal(write, name, text).startswith(message)


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    for path, message in [
        (folder, f"{folder}: the file cannot be read: Is a directory"),
        (tmp_path / "none.yaml", f"{tmp_path / 'none.yaml'}: the file not found"),
        (Path("a\0b.yaml"), "'a\\x00b.yaml': the file cannot have this name: embedded null byte"),
        (Path("x" * 5000), f"{'x' * 5000}: the file cannot be read: File name too long"),
    ]:
        with pytest.raises(PromptError) as caught:
            read_text(path, "the file")
        assert str(caught.value) == message
    big = tmp_path / "big.yaml"
    big.write_text("12345")
    monkeypatch.setattr(rows_module, "_MAX_BYTES", 4)
    with pytest.raises(PromptError, match=r"big.yaml: the file is larger than 64 MiB; give a smaller file$"):
        read_text(big, "the file")


def test_line_ends_are_one_and_the_byte_order_mark_goes(write: Write) -> None:
    assert read_text(write("a.txt", "\ufeffone\r\ntwo\rthree\n\ufeff"), "it") == "one\ntwo\nthree\n\ufeff"


@pytest.mark.parametrize(
    ("name", "text"), [("d.csv", "a\n" + "1\n" * 11), ("d.jsonl", "{}\n" * 11), ("d.tsv", "a\n" + "1\n" * 11)]
)
def test_rows_have_a_limit(write: Write, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    for module in (rows_module, delimited):
        monkeypatch.setattr(module, "MAX_ROWS", 10)
    line = 11 + (not name.endswith("jsonl"))
    assert refusal(write, name, text) == f"{name}:{line}: more than 10 rows; give a smaller table"


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), min_size=1, max_size=20
)
ROWS = st.lists(st.fixed_dictionaries({"a": TEXT.filter(str.strip), 'b, "c"': TEXT}), min_size=1, max_size=4)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_any_text_is_the_same_in_every_format(write: Write, data: list[dict[str, str]]) -> None:
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, list(data[0]))
    writer.writeheader()
    writer.writerows(data)
    written = {
        "d.csv": table.getvalue(),
        "d.jsonl": "\n".join(json.dumps(row, ensure_ascii=False) for row in data),
        "d.yaml": safe_dump(data, default_style='"', allow_unicode=True),
    }
    for name, text in written.items():
        assert [values for values, _ in rows(write, name, text)] == data, name
