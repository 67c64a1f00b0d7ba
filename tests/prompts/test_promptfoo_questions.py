"""What is asked with promptfoo's configurations: letter for letter what promptfoo sends, to the last line break.

The texts that are expected here are what promptfoo 0.121.20 gave its provider `echo` for the same files.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tempkit.errors import ExperimentError, PromptError
from tempkit.planning.experiment_file import Experiment, read_experiment
from tempkit.prompts.promptfoo_config.templates import is_unfinished
from tempkit.prompts.promptfoo_config.variables import resolved
from tempkit.text import javascript_compares, javascript_text

Write = Callable[[str, str], Path]


def read(write: Write, config: str) -> Experiment:
    return read_experiment(write("promptfooconfig.yaml", config))


def texts(found: Experiment) -> list[str]:
    return [item.messages[-1].content for prompt in found.prompts for item in prompt.items]


def chats(found: Experiment) -> list[list[tuple[str, str]]]:
    return [[(m.role, m.content) for m in item.messages] for prompt in found.prompts for item in prompt.items]


def notes(found: Experiment, folder: Path) -> list[str]:
    return [note.replace(f"{folder}{os.sep}", "").replace("not carried over: ", "") for note in found.notes]


def test_line_breaks_of_prompts_and_variables(write: Write) -> None:
    write("a.md", "# Of {{ x }}\n\n")
    found = read(
        write,
        """prompts:
  - |
    Say {{ x }}
    twice
  - "[{{ x }}]{% if y %}\\n  yes\\n{% endif %}\\n\\n"
  - file://a.md
tests: [{vars: {x: "one\\ntwo\\n\\n", y: true}}]
""",
    )
    assert texts(found) == [
        "Say one\ntwo\n\ntwice\n",
        "[one\ntwo\n]\n  yes\n\n\n",
        "# Of one\ntwo\n\n\n",
    ]


def test_prompts_of_a_text_file_stand_without_blanks_around_them(write: Write) -> None:
    write("p.txt", "\n  one {{ x }}  \n ---\t\n\ntwo\n  {{ x }}\n---\n \n")
    found = read(write, "prompts: [file://p.txt]\ntests: [{vars: {x: me}}]\n")
    assert texts(found) == ["one me", "two\n  me"]
    write("p.txt", "\n\nSay {{ x | shout }}\n")
    with pytest.raises(ExperimentError, match=r"p\.txt:3: "):
        read(write, "prompts: [file://p.txt]\ntests: [{vars: {x: me}}]\n")


def test_prompts_of_tables(write: Write) -> None:
    write("a.csv", 'prompt,label\n" Say {{ x }} ",l1\n  Ask {{ x }} ,l2\n')
    write("b.csv", 'Prompt\n"Tell" {{ x }}\n\n Name {{ x }}\n')
    found = read(write, "prompts: [file://a.csv, file://b.csv]\ntests: [{vars: {x: me}}]\n")
    assert texts(found) == [" Say me ", "Ask me", '"Tell" me', " Name me"]


def test_values_of_files_are_texts(write: Write) -> None:
    write("x.yaml", "world peace\n")
    write("map.yml", "k: 1.0\nl: [a, true]\n")
    write("y.json", '{\n  "k": 1.0\n}\n')
    write("z.txt", "  zed \n")
    found = read(
        write,
        """prompts: ["{{ v }}|{{ v.k }}"]
tests:
  - {vars: {v: file://x.yaml}}
  - {vars: {v: file://map.yml}}
  - {vars: {v: file://y.json}}
  - {vars: {v: [file://z.txt, plain]}}
""",
    )
    assert texts(found) == [
        '"world peace"|',
        '{"k":1,"l":["a",true]}|',
        '{\n  "k": 1.0\n}|',
        "zed|",
        "plain|",
    ]


def test_files_of_variables_lie_beside_the_file_of_tests_that_names_them(write: Write) -> None:
    write("v.yaml", "x: above\ny: file://z.txt\nz: file://o.yaml\n")
    write("tests/v.yaml", "x: beside\ny: two\nz: {k: v}\n")
    write("z.txt", " zed \n")
    write("o.yaml", "k: [1]\n")
    write("tests/t.yaml", "- vars: v.yaml\n- vars: ../v*.yaml\n- vars: {x: file://z.txt, y: file://z.txt}\n")
    write("tests/t.jsonl", '{"vars": "v.yaml"}\n')
    found = read(
        write,
        """prompts: ["{{ x }}|{{ y }}|{{ z.k }}"]
tests: [file://tests/t.yaml, file://tests/t.jsonl, {vars: v.yaml}]
""",
    )
    assert texts(found) == [
        "beside|two|v",
        "above| zed |1",
        "zed|zed|",
        "beside|two|v",
        "above| zed |1",
    ]
    write("tests/t.yaml", "- vars: ../../v.yaml\n")
    with pytest.raises(ExperimentError, match=r"t\.yaml:1: file '\.\./v\.yaml' lies outside"):
        read(write, "prompts: [a b]\ntests: file://tests/t.yaml\n")


def test_a_file_inside_of_a_value_is_its_name(write: Write, tmp_path: Path) -> None:
    write("z.txt", "zed\n")
    found = read(write, 'prompts: ["{{ v.k }}"]\ntests: [{vars: {v: {k: file://z.txt}}}]\n')
    assert texts(found) == ["file://z.txt"]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:2: a file that is named inside of a list or mapping among the variables: its name is sent"
    ]


def test_cells_of_a_table_of_tests_may_be_files_and_stand_around_the_prompt(write: Write) -> None:
    write("z.txt", " zed \n")
    write("t.csv", 'x,y,__prefix,__suffix\nfile://z.txt,"cell\n",A-,-B\nplain,,,\n')
    found = read(write, 'prompts: ["T {{ x }} [{{ y }}]"]\ntests: file://t.csv\n')
    assert texts(found) == ["A-T zed [cell]-B", "T plain []"]
    assert found.notes == ()


def test_values_print_as_javascript_has_them_wherever_they_stand(write: Write, tmp_path: Path) -> None:
    found = read(
        write,
        """prompts:
  - "{{ o.t }} {{ o.n }} {{ o.l }}{% for x in l %} {{ x }}{% endfor %} {% if b %}{{ b }}{% endif %} {{ o.items }}"
  - "{% for k, v in o %}{{ k }}={{ v }};{% endfor %}{{ o | dump }}"
  - "{{ o }} {{ l }}"
tests: [{vars: {o: {t: true, n: 2.0, l: [x, [y]], items: [p]}, l: [true, 2.0, null], b: true}}]
""",
    )
    assert texts(found) == [
        "true 2 x,y true 2  true p",
        't=true;n=2;l=x,y;items=p;{"t":true,"n":2,"l":["x",["y"]],"items":["p"]}',
        "[object Object] true,2,",
    ]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:5: what is in the variable o: the prompt has [object Object], as in promptfoo"
    ]


def test_what_is_true_in_javascript(write: Write) -> None:
    found = read(
        write,
        """prompts:
  - "{% if e %}1{% endif %}{% if o.m %}2{% endif %}{% if not e %}3{% endif %}{% if z or e %}4{% endif %}{{ 5 if e else 6 }}{% if z %}7{% endif %}{% for x in n %}8{% endfor %}{% if o.q %}9{% endif %}"
tests: [{vars: {e: [], o: {m: {}, q: ""}, z: 0, n: null}}]
""",
    )
    assert texts(found) == ["1245"]


COMPARED = """{{ '1' if n == 5 }}{{ '2' if n === 5 }}{{ '3' if n !== 5 }}{{ '4' if n != 5 }}{{ '5' if n > 4 }}{{ '6' if m === 5 }}\
{{ '7' if l == 'a,b' }}{{ '8' if q == null }}{{ '9' if z < 3 }}{{ 'A' if n >= '10' }}{{ 'B' if t == 1 }}{{ 'C' if t === true }}\
{{ 'D' if e == 0 }}{{ 'E' if g == undefined }}{{ 'F' if n === '5' and m == '5.0' }}{{ 'G' if l | length > 1 }}{{ 'H' if w > 1 }}\
{{ 'I' if w != 1 }}{{ n == 5 }}{{ 'J' if g > -1 }}{{ 'K' if not (n == 6) }}{{ 'L' if l | length === 2 }}"""


def test_values_compare_as_in_javascript(write: Write) -> None:
    write("p.md", COMPARED)
    found = read(
        write,
        """prompts: [file://p.md]
tests: [{vars: {n: "5", m: 5, l: [a, b], t: true, e: "", g: null, w: word}, options: {disableVarExpansion: true}}]
""",
    )
    assert texts(found) == ["135678ABCDEFGItrueJKL"]


@pytest.mark.parametrize(
    ("left", "operator", "right", "says"),
    [
        *(("5", "==", 5, True), ("5", "===", 5, False), ("", "==", 0, True), ("x", "==", 0, False)),
        *(
            (None, "==", 0, False),
            (None, "===", None, True),
            (True, "==", "1", True),
            (True, "===", 1, False),
        ),
        *(
            ([1], "==", 1, True),
            ({}, "==", "[object Object]", True),
            ([], "==", [], False),
            (1, "===", 1.0, True),
        ),
        *(("10", "<", "9", True), ("10", "<", 9, False), (None, "<=", 0, True), ("x", ">=", 0, False)),
        *((" 1e2 ", ">", 99, True), ("0x", "<", 1, False), ([2], ">", 1, True), ("9" * 500, "<", 1, False)),
    ],
)
def test_two_values_as_javascript_compares_them(
    left: object, operator: str, right: object, says: bool
) -> None:
    assert javascript_compares(left, operator, right) is says


def test_what_a_test_does_not_give_is_not_there(write: Write, tmp_path: Path) -> None:
    found = read(
        write,
        """prompts:
  - 'Hello {{ name | default("World") }}{% if name is defined %}!{% else %}?{% endif %}{{ q.r.s }}{{ a.b }}'
tests: [{vars: {q: x}}]
""",
    )
    assert texts(found) == ["Hello World?"]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:3: nothing for the variable a, which a test does not give: it stays empty, as in promptfoo",
        "promptfooconfig.yaml:3: nothing for the variable name, which a test does not give: it stays empty, as in promptfoo",
        "promptfooconfig.yaml:3: nothing for the variable q.r.s, which a test does not give: it stays empty, as in promptfoo",
    ]


def sevens(number: int) -> str:
    return " ".join(["7"] * number)


def test_variables_that_stand_in_others(write: Write, tmp_path: Path) -> None:
    found = read(
        write,
        """prompts: ["{{ a }}|{{ b }}|{{ c }}|{{ e }}|{{ f }}"]
tests:
  - vars: {a: "{{ b }}", b: "{{c}}", c: "$& {{ d }} {{ d }}", d: 7, e: "{{ c }} {{ nope }} {{ c }}", f: "{{ g | upper }}"}
  - vars: {a: "{% if b %}B{% endif %}", b: x, c: "{# no #}k", e: "{{ n }}", f: "100% {% of", n: null}
""",
    )
    assert texts(found) == [
        f"$& {sevens(10)}|$& {sevens(12)}|$& 7 7|{{{{ c }}}} {sevens(9)} {{{{ d }}}} {{{{ nope }}}} {{{{ c }}}}|{{{{ g | upper }}}}",
        "B|x|k|null|100% {% of",
    ]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:3: a template in the variable e: it is sent as it is written",
        "promptfooconfig.yaml:3: a template in the variable f: it is sent as it is written (2 times)",
    ]


def test_a_variable_in_a_chat_of_json_is_a_text(write: Write) -> None:
    found = read(
        write,
        """prompts: ['[{"role": "user", "content": "{{ a }}\\n"}]', "{{ a }}"]
tests: [{vars: {a: "{{ b | upper }}", b: x}}]
""",
    )
    assert texts(found) == ["{{ b | upper }}\n", "X"]


def test_variables_cannot_swell(promptly: None) -> None:
    values = {"v0": "x" * 4_000_000} | {f"v{n}": f"{{{{ v{n - 1} }}}}" * 40 for n in range(1, 60)}
    with pytest.raises(PromptError, match=r"f:1: the variable v1 is too long once others are filled in"):
        resolved(values, "f:1")


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        *(("a {{ b }}", False), ("a {{ b", True), ("{{\n b }}", True), ("{# one\ntwo #}", True)),
        *(("{% if a %}\n{% endif %}", False), ("{% raw %}{{{% endraw %}", False), ("{", False)),
        *(("{{ {% %\n}}", True), ("{{ {% %}\n", False), ("50% {# x #} }", False)),
    ],
)
def test_a_tag_that_does_not_end_on_its_line(text: str, unfinished: bool) -> None:
    assert is_unfinished(text) is unfinished


def test_a_prompt_with_a_tag_that_does_not_end_is_sent_as_it_is_written(write: Write, tmp_path: Path) -> None:
    found = read(write, 'prompts: ["Say {{ x and {% if", "{{\\n x }} {{ x }}"]\ntests: [{vars: {x: me}}]\n')
    assert texts(found) == ["Say {{ x and {% if", "{{\n x }} {{ x }}"]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:1: a tag that does not end on its line: the prompt is sent as it is written, as in promptfoo (2 times)"
    ]


def test_a_text_may_be_a_chat_once_it_is_filled_in(write: Write) -> None:
    found = read(
        write,
        """prompts:
  - |
    - role: system
      content: Be {{ x }}
    - role: user
      content: Ask {{ x }}
  - "{{ chat }}"
  - "[1] {{ x }}"
tests: [{vars: {x: me, chat: '[{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]'}}]
""",
    )
    assert chats(found) == [
        [("system", "Be me"), ("user", "Ask me")],
        [("system", "s"), ("user", "u")],
        [("user", "[1] me")],
    ]


def test_messages_of_a_chat_in_a_file_may_be_files(write: Write, tmp_path: Path) -> None:
    write("rules.txt", "Of {{ x }}\n")
    write("a.json", '[{"role": "system", "content": "file://rules.txt"},\n {"role": "user", "content": "A"}]')
    write("b.yaml", "- {role: user, content: B}\n- {role: user, content: file://b.py}\n")
    write("c.json", '[{"role": "user",\n "content": "C"},\n {"role": "tool", "content": "x"}]')
    found = read(write, "prompts: [file://a.json, file://b.yaml, file://c.json]\ntests: [{vars: {x: me}}]\n")
    assert chats(found) == [[("system", "Of me\n"), ("user", "A")]]
    assert notes(found, tmp_path) == [
        "b.yaml:2: a prompt with a message that is made by a program (file://b.py)",
        "c.json:3: a prompt that is a chat with role 'tool'",
    ]


def test_an_empty_message_is_named(write: Write, tmp_path: Path) -> None:
    found = read(
        write,
        """prompts: ['[{"role": "system", "content": "{{ s }}"}, {"role": "user", "content": "u"}]']
tests: [{vars: {s: ""}}]
""",
    )
    assert chats(found) == [[("user", "u")]]
    assert notes(found, tmp_path) == ["promptfooconfig.yaml:1: a chat's message without a text"]


def test_a_body_of_a_request_without_messages_is_no_prompt(write: Write, tmp_path: Path) -> None:
    write("a.yaml", "chat_history: []\nmessage: '{{ x }}'\n")
    write("b.yaml", "subject: '{{ x }}'\n")
    found = read(
        write,
        """prompts: [file://a.yaml, file://b.yaml, '{"contents": [{"parts": [{"text": "{{ x }}"}]}]}']
tests: [{vars: {x: me}}]
""",
    )
    assert texts(found) == ['{\n  "subject": "me"\n}']
    assert notes(found, tmp_path) == [
        "a.yaml:1: a prompt that is a request's body without messages (2 times)",
        "b.yaml:1: what a provider makes of a prompt that is JSON and no chat: it is sent as a text",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, "null"), (True, "true"), (5.0, "5"), (1e21, "1e+21"), (1.5e-7, "1.5e-7"), (0.000001, "0.000001")),
        *((123456789012345680000.0, "123456789012345680000"), (-0.0, "0"), (1e20, "100000000000000000000")),
        *(([1, [None, "a"], {}], "1,,a,[object Object]"), ({}, "[object Object]"), (-0.25, "-0.25"), ("x", "x")),
    ],
)  # fmt: skip
def test_a_value_as_javascript_writes_it(value: object, text: str) -> None:
    assert javascript_text(value) == text


def test_a_length_is_that_of_a_text_or_a_list_or_a_key_of_a_mapping(write: Write) -> None:
    asked = "{{ s.length }} {{ l.length }} {{ o.length }} [{{ p.length }}] {{ (j | load).length }} {% if l.length > 1 %}y{% endif %}{{ n.length }}|"
    given = """{s: "a\\U0001F600", l: [[1], [2]], o: {length: brief}, p: {a: 1}, j: '{"length": "short"}', n: 5}"""
    found = read(write, f"prompts: ['{asked}']\ntests: [{{vars: {given}}}]\n")
    assert texts(found) == ["3 2 brief [] short y|"]
