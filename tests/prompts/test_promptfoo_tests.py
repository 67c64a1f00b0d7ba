"""Which tests of promptfoo's configurations are asked, with which prompts, and what their answers are checked for."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tempkit.errors import ExperimentError
from tempkit.planning.experiment_file import Experiment, read_experiment
from tempkit.types import Check

Write = Callable[[str, str], Path]


def read(write: Write, config: str) -> Experiment:
    return read_experiment(write("promptfooconfig.yaml", config))


def texts(found: Experiment) -> dict[str, list[str]]:
    return {prompt.name: [item.messages[-1].content for item in prompt.items] for prompt in found.prompts}


def notes(found: Experiment, folder: Path) -> list[str]:
    return [note.replace(f"{folder}{os.sep}", "").replace("not carried over: ", "") for note in found.notes]


def test_options_of_the_default_test_hold_for_each(write: Write) -> None:
    found = read(
        write,
        """prompts: [{label: p, raw: "{{ x }}{{ y }}{{ z }}"}]
defaultTest:
  vars: {z: [m, n]}
  options: {disableVarExpansion: true, prefix: "P "}
tests:
  - vars: {x: [a, b], y: c}
  - {vars: {x: [a, b], y: c}, options: {disableVarExpansion: false, prefix: ""}}
scenarios:
  - config: [{vars: {x: [d, e]}}, {vars: {x: f}, options: {prefix: "Q "}}]
    tests: [{vars: {y: g}}, {vars: {y: [h, i]}, options: {disableVarExpansion: false}}]
""",
    )
    assert texts(found)["p"] == [
        *("P a,bcm,n", "P acm", "P bcm", "P acn", "P bcn", "P d,egm,n"),
        *("P dhm", "P dim", "P ehm", "P eim", "P dhn", "P din", "P ehn", "P ein"),
        *("Q fgm,n", "Q fhm", "Q fim", "Q fhn", "Q fin"),
    ]
    assert found.notes == ()


def test_tests_are_asked_with_the_prompts_that_they_name(write: Write, tmp_path: Path) -> None:
    write("p.txt", "File {{ x }}")
    found = read(
        write,
        """prompts:
  - {label: long, raw: "Long {{ x }}"}
  - {label: "group:one", raw: "One {{ x }}"}
  - {id: two, raw: "Two {{ x }}"}
  - {label: unasked, raw: "No {{ x }}"}
  - "Plain {{ x }}"
  - file://p.txt
defaultTest: {prompts: [long]}
tests:
  - {vars: {x: 1}}
  - {vars: {x: 2}, prompts: [group, two]}
  - {vars: {x: 3}, prompts: ["gro*", "Plain {{ x }}", p.txt]}
  - {vars: {x: 4}, prompts: []}
""",
    )
    assert texts(found) == {
        "long": ["Long 1"],
        "group-one": ["One 2", "One 3"],
        "two": ["Two 2"],
        "promptfooconfig": ["Plain 3"],
        "p": ["File 3"],
    }
    assert notes(found, tmp_path) == ["promptfooconfig.yaml:5: a prompt that no test asks (unasked)"]


def test_tests_that_ask_no_prompt_are_refused(write: Write) -> None:
    with pytest.raises(
        ExperimentError, match=r"no prompt that is asked: .*a test for the prompt b, which is not among"
    ):
        read(write, "prompts: [{label: a, raw: Hi there}]\ntests: [{prompts: [b]}]\n")
    with pytest.raises(ExperimentError, match="a test's prompts must be a list of labels, not text"):
        read(write, "prompts: [{label: a, raw: Hi there}]\ntests: [{prompts: a}]\n")


def test_assertions_of_the_default_test_may_be_left_away(write: Write) -> None:
    found = read(
        write,
        """prompts: ["Say {{ x }}"]
defaultTest: {options: {disableDefaultAsserts: true}, assert: [{type: contains, value: d}]}
tests:
  - {vars: {x: 1}, assert: [{type: contains, value: a}]}
  - {vars: {x: 2}, options: {disableDefaultAsserts: true}, assert: [{type: contains, value: b}]}
""",
    )
    assert [[check.value for check in item.checks] for item in found.prompts[0].items] == [["d", "a"], ["b"]]
    assert found.notes == ()


def test_a_test_whose_answer_is_given_is_not_asked(write: Write, tmp_path: Path) -> None:
    write("t.csv", "x,__providerOutput\ncsv,given\nasked,\n")
    found = read(
        write,
        """prompts: ["Say {{ x }}"]
tests: [{vars: {x: 1}, providerOutput: given}, {vars: {x: 2}}, file://t.csv]
""",
    )
    assert list(texts(found).values()) == [["Say 2", "Say asked"]]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:2: a test whose answer is given; no model is asked (2 times)"
    ]
    with pytest.raises(ExperimentError, match=r"no test that can be carried over: .*whose answer is given"):
        read(write, "prompts: [Hi there]\ntests: [{providerOutput: given}]\n")


def test_a_picture_or_program_leaves_out_those_tests_alone(write: Write, tmp_path: Path) -> None:
    write("t.csv", "x,y\nfile://d.PNG,g\n")
    write("v.yaml", "x: file://make.py\ny: h\n")
    (tmp_path / "d.png").write_bytes(b"\x89PNG")
    found = read(
        write,
        """prompts: ["Say {{ x }} {{ y }}"]
defaultTest: {vars: {y: file://d.png}}
tests:
  - {vars: {x: 1}}
  - {vars: {x: 2, y: b}}
  - {vars: {x: [c, "file://make.js"], y: d}}
  - {vars: {x: "package:lib:make", y: e}}
  - {vars: v.yaml}
  - file://t.csv
scenarios: [{config: [{vars: {y: f}}], tests: [{vars: {x: "file://d.pdf"}}, {vars: {x: 3}}]}]
""",
    )
    assert list(texts(found).values()) == [["Say 2 b", "Say c d", "Say 3 f"]]
    assert notes(found, tmp_path) == [
        "promptfooconfig.yaml:2: a test with a variable that is a picture (file://d.png)",
        "promptfooconfig.yaml:6: a test with a variable that is made by a program (file://make.js)",
        "promptfooconfig.yaml:7: a test with a variable that is made by a program (package:lib:make)",
        "v.yaml:1: a test with a variable that is made by a program (file://make.py)",
        "t.csv:2: a test with a variable that is a picture (file://d.PNG)",
        "promptfooconfig.yaml:10: a test with a variable that is a document (file://d.pdf)",
    ]
    with pytest.raises(
        ExperimentError, match=r"no test that can be carried over: .*a picture \(file://d\.png\)"
    ):
        read(write, 'prompts: ["Say {{ x }}"]\ntests: [{vars: {x: file://d.png}}]\n')


def test_a_picture_that_a_test_puts_into_a_chat_leaves_that_test_out(write: Write, tmp_path: Path) -> None:
    write(
        "chat.json",
        """[{"role": "user", "content": [{"type": "text", "text": "{{ x }}"}
  {% if url %}, {"type": "image_url", "image_url": {"url": "{{ url }}"}}{% endif %}]}]""",
    )
    found = read(
        write,
        """prompts: [file://chat.json]
tests: [{vars: {x: a}}, {vars: {x: b, url: "https://x.example/i"}}]
""",
    )
    assert list(texts(found).values()) == [["a"]]
    assert notes(found, tmp_path)[-1] == (
        "promptfooconfig.yaml:2: a test for which the prompt is a chat with content that is no text"
    )


def test_no_tests_are_one_with_the_default_values(write: Write) -> None:
    config = 'prompts: ["Say {{ x }}"]\ndefaultTest: {vars: {x: [a, b]}}\n'
    assert list(texts(read(write, config + "tests: []\n")).values()) == [["Say a", "Say b"]]
    assert list(texts(read(write, config)).values()) == [["Say a", "Say b"]]


def test_the_reason_says_why_no_prompt_is_left(write: Write) -> None:
    with pytest.raises(ExperimentError) as caught:
        read(
            write,
            "outputPath: x\nprompts:\n  - {config: {a: 1}, label: b, raw: file://prompt.js}\ntests: [{vars: {x: 1}}]\n",
        )
    assert "promptfooconfig.yaml:3: not carried over: a prompt that a program makes" in str(caught.value)


def test_variables_stand_in_assertions_as_javascript_writes_them(write: Write) -> None:
    found = read(
        write,
        """prompts: ["Say {{ x }}"]
tests:
  - vars: {x: [true], f: 5.0, g: null, l: [[1, 2]], o: {k: v}}
    options: {disableVarExpansion: true}
    assert:
      - {type: contains, value: 5.0}
      - {type: contains, value: "{{x}}"}
      - {type: llm-rubric, value: "num {{f}} list {{l}} obj {{o}} none {{g}}."}
      - {type: not-equals, value: ""}
      - {type: equals, value: ""}
""",
    )
    assert found.prompts[0].items[0].checks == (
        Check("contains", "5"),
        Check("contains", "true"),
        Check("llm-rubric", "num 5 list 1,2 obj [object Object] none ."),
        Check("regex", r"\A(?!\Z)"),
        Check("regex", r"\A\Z"),
    )
    assert found.notes == ()


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("similar: Hello", "the assertion similar with a threshold other than 0.75"),
        ("similar:cosine(0.8): Hello", "the assertion similar:cosine"),
        ("guardrails", "the assertion guardrails"),
        ("not-guardrails", "the assertion not-guardrails"),
        ("is-refusal", "the assertion is-refusal"),
        ("context-faithfulness(0.9)", "the assertion context-faithfulness"),
        ("trajectory:goal-success: done", "the assertion trajectory:goal-success"),
        ("tool-call-f1: a", "the assertion tool-call-f1"),
        ("ruby: true", "the assertion ruby"),
        ("pi: kind", "the assertion pi"),
    ],
)
def test_a_cell_that_names_an_assertion_is_no_text_to_be_equal_to(
    write: Write, tmp_path: Path, cell: str, note: str
) -> None:
    write("t.csv", f'x,__expected\na,"{cell}"\n')
    found = read(write, 'prompts: ["Say {{ x }}"]\ntests: file://t.csv\n')
    assert found.prompts[0].items[0].checks == ()
    assert notes(found, tmp_path) == [f"t.csv:2: {note}"]


def test_a_column_may_give_an_assertion_its_threshold(write: Write, tmp_path: Path) -> None:
    write(
        "t.csv",
        "x,__expected1,__expected2,__config:__expected1:threshold,__config:__expected2:threshold\n"
        "a,similar: Hi,llm-rubric: Is it kind?,0.75,\n"
        "b,similar: Hi,llm-rubric: Is it kind?,,0.8\n",
    )
    found = read(write, 'prompts: ["Say {{ x }}"]\ntests: file://t.csv\n')
    first, second = found.prompts[0].items
    assert first.checks == (Check("similar", "Hi"), Check("llm-rubric", "Is it kind?"))
    assert second.checks == ()
    assert notes(found, tmp_path) == [
        "t.csv:3: the assertion similar with a threshold other than 0.75",
        "t.csv:3: the assertion llm-rubric with a threshold",
    ]
