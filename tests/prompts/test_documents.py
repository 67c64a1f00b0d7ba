"""YAML as a person means it, every mistake named by its line, and nothing that explodes when it is used."""

import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml import safe_dump

from tempkit.errors import ExperimentError, PromptError
from tempkit.files.yaml_documents import Document, kind, parse_yaml


def read(text: str, first_line: int = 1) -> Document:
    return parse_yaml(text, "file.yaml", PromptError, first_line)


def refusal(text: str, first_line: int = 1) -> str:
    with pytest.raises(PromptError) as caught:
        read(text, first_line)
    return str(caught.value)


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "No",
        "yes",
        "on",
        "off",
        "y",
        "n",
        "12:30",
        "1:2:3",
        "2024-01-01",
        "0x1F",
        "0o17",
        "1_000",
        "=",
        "<<",
        ".inf",
        "-.inf",
        ".nan",
        "nan",
        "inf",
        "tRUE",
        "nULL",
        "1,5",
        "1.2.3",
        "+",
        ".",
        "-",
        "e5",
        "1e",
        "0:1.6:0.4",
    ],
)
def test_words_stay_the_text_they_are(word: str) -> None:
    assert read(f"a: {word if word != '-' else repr(word)}").value == {"a": word}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("true", True), ("True", True), ("TRUE", True), ("false", False), ("FALSE", False)],
        *[("null", None), ("Null", None), ("NULL", None), ("~", None), ("", None), ("!!null ''", None)],
        *[
            ("1", 1),
            ("-7", -7),
            ("+3", 3),
            ("007", 7),
            ("0", 0),
            ("!!int '7'", 7),
            ("9" * 300, int("9" * 300)),
        ],
        *[("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("-1e3", -1000.0), ("1E-2", 0.01), ("!!float 1", 1.0)],
        *[("'1'", "1"), ('"true"', "true"), ("!!str 1", "1"), ("!!str", ""), ("!!bool 'true'", True)],
    ],
)
def test_what_yaml_1_2_reads_as_more_than_text(text: str, value: Any) -> None:
    got = read(f"a: {text}").value["a"]
    assert got == value
    assert type(got) is type(value)


def test_keys_are_names_whatever_they_look_like() -> None:
    assert read("1: a\nnull: b\ntrue: c\n1.50: d\n'<<': {x: 1}\n").value == {
        "1": "a",
        "null": "b",
        "true": "c",
        "1.50": "d",
        "<<": {"x": 1},
    }


def test_an_anchor_keeps_its_kind_when_it_is_also_a_key() -> None:
    assert read("a: &x 5\nb: {*x : 1}\n").value == {"a": 5, "b": {"5": 1}}


def test_an_empty_text_is_no_value() -> None:
    assert read("").value is None
    assert read("# nothing\n").value is None


def test_lines_of_values_and_of_their_nearest_known_parent() -> None:
    document = read(
        "a: 1\n\nlist:\n  - x\n  - deep:\n      here: 2\ntext: |\n  many\n  lines\nlast: 3\n", first_line=10
    )
    assert document.line("a") == 10
    assert document.line("list") == 12
    assert document.line("list", 0) == 13
    assert document.line("list", 1, "deep", "here") == 15
    assert document.line("list", 1, "deep", "absent", "deeper") == 14
    assert document.line("last") == 19
    assert document.line("absent") == 10
    with pytest.raises(PromptError, match=r"^file.yaml:15: no good$"):
        document.fail("no good", "list", 1, "deep", "here")


def test_the_error_is_of_the_class_asked_for() -> None:
    with pytest.raises(ExperimentError, match=r"^plan.yaml:2: key 'a' is given twice$"):
        parse_yaml("a: 1\na: 2\n", "plan.yaml", ExperimentError)


def test_unknown_keys_name_the_nearest_and_all_known_ones() -> None:
    document = read("name: x\ndat: y\n")
    with pytest.raises(PromptError) as caught:
        document.mapping(known=("name", "data"), what="the thing")
    assert str(caught.value) == (
        "file.yaml:2: unknown key 'dat' in the thing (did you mean 'data'?); known: name, data"
    )
    with pytest.raises(PromptError, match=r"^file.yaml:1: unknown key 'name' in it; known: zzz$"):
        document.mapping(known=("zzz",), what="it")


def test_access_by_path() -> None:
    document = read("a: {b: [x, 5]}\nempty:\n")
    assert document.at("a", "b", 1) == 5
    assert document.at("a", "b", 7) is None
    assert document.at("a", "b", "c") is None
    assert document.mapping("empty", known=(), what="it") == {}
    assert document.string("absent", what="it") is None
    with pytest.raises(PromptError, match=r"^file.yaml:1: it must be a mapping, not a list$"):
        document.mapping("a", "b", known=None, what="it")
    with pytest.raises(PromptError, match=r"^file.yaml:1: it must be text, not a number$"):
        document.string("a", "b", 1, what="it")


def test_kinds_in_a_users_words() -> None:
    assert [kind(v) for v in ({}, [], "", True, 1, 1.5, None, {1})] == [
        *("a mapping", "a list", "text", "true/false", "a number", "a number", "nothing", "set")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "file.yaml:4: key 'c' is given twice"),
        ("a: 1\n'a': 2\n", "file.yaml:2: key 'a' is given twice"),
        ("a: 1\n? [x]\n: b\n", "file.yaml:2: a key must be a plain word"),
        ("a:\n\t- b\n", "file.yaml:2: found character '\\t' that cannot start any token"),
        ("a: 1\nb: [1, 2\nc: 3\n", "file.yaml:3: expected ',' or ']', but got ':'"),
        ("a: 1\nb: *nowhere\n", "file.yaml:2: found undefined alias 'nowhere'"),
        ("a: 1\n---\nb: 2\n", "file.yaml:2: but found another document"),
        ("a: it: is\n", "file.yaml:1: mapping values are not allowed here"),
        ("a: 1\nb: \x00\n", "file.yaml:2: the character U+0000 may not stand in YAML"),
        ("a: 1\n\nb: '\x1b[31m'\n", "file.yaml:3: the character U+001B may not stand in YAML"),
        ('a: 1\nb: "\\ud800"\n', r"file.yaml:2: a lone surrogate (\ud800 to \udfff) is no character"),
        ('a: 1\n"\\udfff": 1\n', r"file.yaml:2: a lone surrogate (\ud800 to \udfff) is no character"),
        ("a: 1\nb: !!int x\n", "file.yaml:2: 'x' is not int"),
        ("a: 1\nb: !!bool maybe\n", "file.yaml:2: 'maybe' is not bool"),
        ("a: 1\nb: !!float 0x1F\n", "file.yaml:2: '0x1F' is not float"),
        ("a: 1\nb: !!null x\n", "file.yaml:2: 'x' is not null"),
        ("a: 1\nb: !!seq {x: 1}\n", "file.yaml:2: expected a sequence node, but found mapping"),
        ("a: 1\nb: !!map [x]\n", "file.yaml:2: expected a mapping node, but found sequence"),
        ("a: 1\nb: !!str {x: 1}\n", "file.yaml:2: expected a scalar node, but found mapping"),
        (
            "a: 1\nb: 1e400\n",
            "file.yaml:2: the number 1e400 is too large; put quotes around it to make it text",
        ),
        (
            f"a: 1\nb: -{'9' * 5000}\n",
            f"file.yaml:2: the number -{'9' * 38}… is too large; put quotes around it to make it text",
        ),
        ("a: 1\nb: &x [*x]\n", "file.yaml:2: an alias stands inside the value it names"),
        ("a: 1\nb: &x {c: {d: *x}}\n", "file.yaml:2: an alias stands inside the value it names"),
        ("a: 1\nb: &x {<<: *x}\n", "file.yaml:2: an alias stands inside the value it names"),
        ("a: 1\nb: &x {c: {<<: [*x]}}\n", "file.yaml:2: an alias stands inside the value it names"),
        *(
            (
                f"a: 1\nb:\n  <<: {given}\n",
                "file.yaml:3: << takes over a mapping, or a list of mappings; put quotes around it to make it a key",
            )
            for given in ("", "x", "[{c: 1}, 2]", "[[{c: 1}]]")
        ),
        ("a: &a {b: 1}\nc:\n  <<: *a\n  <<: *a\n", "file.yaml:4: key '<<' is given twice"),
    ],
)
def test_what_is_wrong_and_on_which_line(text: str, message: str) -> None:
    assert refusal(text) == message
    assert refusal(text, first_line=101) == message.replace("yaml:", "yaml:10", 1)


@pytest.mark.parametrize(
    "tag",
    [
        *(
            "python/object/apply:os.system",
            "python/name:os.system",
            "python/tuple",
            "python/object/new:os.system",
        ),
        *("timestamp", "binary", "set", "omap", "pairs", "merge", "value"),
    ],
)
def test_tags_that_make_other_objects_are_refused(tag: str) -> None:
    assert refusal(f"a: 1\nb: !!{tag} [x]\n") == (
        f"file.yaml:2: the tag 'tag:yaml.org,2002:{tag}' is not known; leave it out"
    )


def test_own_tags_are_refused() -> None:
    assert refusal("a: !mine x\n") == "file.yaml:1: the tag '!mine' is not known; leave it out"


@pytest.mark.usefixtures("promptly")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: " + "[" * 51 + "]" * 51, 1),
        ("a: " + "[" * 100_000, 1),
        ("a: " + "{x: " * 100_000, 1),
        ("- " * 100_000, 1),
        ("\n".join(" " * i + "a:" for i in range(2000)), 50),
    ],
    ids=["closed", "open lists", "open mappings", "block lists", "block mappings"],
)
def test_deep_nesting_is_one_clear_error(text: str, line: int) -> None:
    assert refusal(text) == f"file.yaml:{line}: values are nested more than 50 deep"


def test_fifty_levels_are_read() -> None:
    value = read("[" * 49 + "x" + "]" * 49).value
    assert repr(value) == "[" * 49 + "'x'" + "]" * 49


@pytest.mark.usefixtures("promptly")
@pytest.mark.parametrize("levels", [9, 30])
def test_an_alias_bomb_is_refused_before_it_is_built(levels: int) -> None:
    rows = "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, levels))
    tracemalloc.start()
    try:
        message = refusal(f'a0: &a0 ["lol", "lol"]\n{rows}')
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message.startswith("file.yaml:1: aliases stand for ")
    assert message.endswith(" characters; write the values out")
    assert peak < 20_000_000


@pytest.mark.parametrize("levels", [60, 1_500])
def test_aliases_that_nest_are_no_deeper_than_lines_may_be(levels: int) -> None:
    rows = "".join(f"a{i}: &a{i} {{y: *a{i - 1}}}\n" for i in range(1, levels))
    assert refusal(f"a0: &a0 x\n{rows}") == "file.yaml:52: values are nested more than 50 deep by aliases"
    merged = "".join(f"a{i}: &a{i} {{<<: {{y: *a{i - 1}}}}}\n" for i in range(1, levels))
    assert "nested more than 50 deep" in refusal(f"a0: &a0 x\n{merged}")


def test_what_aliases_stand_for_is_told_in_few_words() -> None:
    rows = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 45))
    message = refusal(f"a0: &a0 x\n{rows}")
    assert (
        message
        == "file.yaml:1: aliases stand for more than a million million characters; write the values out"
    )


@pytest.mark.usefixtures("promptly")
def test_a_long_text_repeated_by_aliases_is_refused() -> None:
    text = f"c: &c '{'x' * 100_000}'\nrows: [{', '.join(['*c'] * 200)}]\n"
    assert refusal(text) == "file.yaml:1: aliases stand for 20,100,208 characters; write the values out"


def test_aliases_in_reason_are_kept_and_can_be_written_out() -> None:
    value = read("facts: &f [one, two]\nrows:\n- facts: *f\n- facts: *f\n").value
    assert (
        str(value)
        == "{'facts': ['one', 'two'], 'rows': [{'facts': ['one', 'two']}, {'facts': ['one', 'two']}]}"
    )


def test_what_is_merged_stands_where_it_was_written() -> None:
    document = read("base: &base\n  a: 1\n  b: {c: 2}\nown:\n  a: 0\n  <<: *base\n  d: 3\n", first_line=10)
    assert document.value["own"] == {"a": 0, "b": {"c": 2}, "d": 3}
    assert [document.line("own", key) for key in "abd"] == [14, 12, 16]
    assert read("\"<<\": {a: 1}\nb: {'<<': 2}\n").value == {"<<": {"a": 1}, "b": {"<<": 2}}


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 99), max_size=4),
            st.lists(st.integers(0, 9), max_size=3),
            st.integers(0, 4),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_stands_there_itself_comes_first_and_then_what_is_taken_first(
    rows: list[tuple[dict[str, int], list[int], int, bool]],
) -> None:
    text = ""
    wanted: list[dict[str, int]] = []
    for n, (own, taken, place, flow) in enumerate(rows):
        lines = [f"{key}: {value}" for key, value in own.items()]
        names = [f"*n{each % n}" for each in taken] if n else []
        if names:
            many = ", ".join(names)
            lines.insert(min(place, len(lines)), f"<<: {many if len(names) == 1 else f'[{many}]'}")
        inner = f" {{{', '.join(lines)}}}" if flow or not lines else "".join(f"\n  {line}" for line in lines)
        text += f"n{n}: &n{n}{inner}\n"
        merged: dict[str, int] = {}
        for each in reversed([wanted[each % n] for each in taken] if n else []):
            merged |= each
        wanted.append(merged | own)
    assert list(read(text).value.values()) == wanted


@pytest.mark.usefixtures("promptly")
def test_merging_again_and_again_is_refused_before_it_takes_long() -> None:
    base = ", ".join(f"k{i}: 1" for i in range(5_000))
    text = f"a: &a {{{base}}}\n" + "".join(f"b{i}: {{<<: *a}}\n" for i in range(500))
    assert refusal(text).endswith(": << takes over more than 100,000 values; write them out")


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(VALUES)
def test_what_another_tool_wrote_with_quotes_comes_back(value: Any) -> None:
    text = safe_dump(value, default_style='"', allow_unicode=True)
    assert read(text).value == value


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("[]{}&*!|>-?:,#'\"\\ \n\tab1.~%@`\x00\ud800é"), max_size=40))
def test_any_text_is_read_or_refused_on_one_line(text: str) -> None:
    try:
        message = read(text).source
    except PromptError as e:
        message = str(e)
    assert message.startswith("file.yaml")
    assert "\n" not in message
