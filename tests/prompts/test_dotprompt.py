"""dotprompt files: the part of Handlebars that is read, and by which line the rest is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tempkit.errors import PromptError
from tempkit.prompts.load import load_prompt, taken_as

Write = Callable[[str, str], Path]

SHOP = """---
model: googleai/gemini-flash
config: {temperature: 0.7, maxOutputTokens: 50, topP: 0.9}
input:
  schema:
    name: string
    items(array, things): string
    style?: string, how
  default:
    name: Ada
    items: [{n: a, ok: true}, {n: b}]
---
{{role "system"}}
You help {{name}}.
{{! a remark }}
{{#if style}}
Be {{style}}.
{{else}}
Be plain.
{{/if}}
{{role "user"}}
{{#each items}}
- {{n}} {{@index}} {{../name}}{{#if this.ok}} ok {{ok}}{{/if}}
{{/each}}
JSON: {{json items}} {% raw #}
\\{{literal}} {{#unless style}}none{{/unless}}
user:
"""


def test_a_file_with_most_that_is_read(write: Write) -> None:
    prompt = load_prompt(write("shop.prompt", SHOP))
    (item,) = prompt.items
    assert [(m.role, m.content) for m in item.messages] == [
        ("system", "You help Ada.\nBe plain."),
        (
            "user",
            '- a 0 Ada ok true\n- b 1 Ada\nJSON: [{"n":"a","ok":true},{"n":"b"}] {% raw #}\n{{literal}} none\nuser:',
        ),
    ]
    assert (prompt.options, prompt.suggested_temperature) == ({"max_tokens": 50, "top_p": 0.9}, 0.7)
    assert str(taken_as(prompt)).endswith("shop.prompt:2: not carried over: model of the prompt")


VALUES = """---
input:
  default:
    name: A
    flag: true
    off: false
    tags: [x, y, true, null, [1, 2]]
    obj: {a: 1, b: two, c: {y: in}}
    num: 1.0
    zero: 0
    small: 0.5
    none: []
    empty: {}
    odd: {items: [1], keys: k, length: 9, nothing: null}
---
"""


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("{{name}} {{flag}} {{off}} {{num}} {{small}} {{zero}}[{{odd.nothing}}]", "A true false 1 0.5 0[]"),
        ("{{tags}} {{obj}} {{{tags}}}", "x,y,true,,1,2 [object Object] x,y,true,,1,2"),
        ("{{#each obj}}({{this}}){{/each}}", "(1)(two)([object Object])"),
        ("{{#each obj}}{{@key}}{{@index}}{{#unless @last}},{{/unless}}{{/each}}", "a0,b1,c2"),
        ("{{#each obj}}<{{y}}{{this.y}}>{{/each}}", "<><><inin>"),
        ("{{#each tags}}<{{this}}|{{@key}}>{{/each}}", "<x|0><y|1><true|2><|3><1,2|4>"),
        ("{{#each tags}}{{#each this}}{{this}}{{@key}}{{@index}};{{/each}}{{/each}}", "100;211;"),
        ("{{#each none}}x{{else}}no{{/each}} {{#each empty}}x{{else}}no{{/each}} {{#each name}}x{{else}}no{{/each}}", "no no no"),
        ("{{#if empty}}yes{{else}}no{{/if}} {{#if none}}yes{{else}}no{{/if}} {{#unless zero}}none{{/unless}}", "yes no none"),
        ("{{#if none}}a{{else if empty}}b{{/if}}{{#with obj}}{{b}}{{gone}}{{/with}}", "btwo"),
        ("{{odd.keys}} {{#each odd.items}}{{this}}{{/each}} {{odd.length}} {{tags.length}} {{name.length}}", "k 1 9 5 1"),
        ("{{#with odd}}{{#each items}}{{this}}{{/each}}{{values}}{{update}}{{/with}}!", "1!"),
    ],
)  # fmt: skip
def test_values_are_shown_as_handlebars_shows_them(write: Write, body: str, sent: str) -> None:
    assert load_prompt(write("v.prompt", VALUES + body)).items[0].messages[0].content == sent


def test_a_member_of_what_is_given_must_be_there(write: Write) -> None:
    with pytest.raises(PromptError, match=r"^v\.prompt:.*it has no member 'values'"):
        load_prompt(write("v.prompt", VALUES + "{{odd.values}}"))


def test_data_of_ones_own(write: Write) -> None:
    write("rows.csv", "name,expected\nAda,x\nBob,y\n")
    text = "---\ninput: {schema: {name: string}}\nmetadata: {tempkit: {data: rows.csv}}\n---\nHi {{name}}\n"
    with pytest.raises(PromptError, match=r"rows.csv:2: column 'expected' is not among"):
        load_prompt(write("a.prompt", text))
    write("rows.csv", "name,facts\nAda,x\nBob,y\n")
    prompt = load_prompt(write("a.prompt", text))
    assert [i.messages[0].content for i in prompt.items] == ["Hi Ada", "Hi Bob"]
    assert prompt.items[0].facts == (("x",),)


def test_marks_without_helpers_and_what_a_first_turn_has_not(write: Write) -> None:
    text = """Rules.
<<<dotprompt:role:user>>>
One
<<<dotprompt:history>>>
{{history}}
{{role "model" kind="draft" n=1}}Two
<<<dotprompt:role:user>>>Three
"""
    prompt = load_prompt(write("a.prompt", text))
    assert [(m.role, m.content) for m in prompt.items[0].messages] == [
        *(("user", "Rules."), ("user", "One"), ("assistant", "Two"), ("user", "Three")),
    ]
    assert str(taken_as(prompt)).endswith(
        "a.prompt:4: not carried over: the earlier conversation in {{history}}; it is empty (2 times); "
        f'{prompt.path}:6: not carried over: kind="draft" n=1 beside a role; its messages are sent without'
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x\n{{media url=y}}", "a.prompt:2: {{media url=y}} puts in"),
        ("{{role }}", "a.prompt:1: "),
        ('{{role "user" "x"}}', 'a.prompt:1: {{role "user" "x"}} names no role'),
        ("{{> other}}", "a.prompt:1: the partial > other"),
        ("a\nb {{shout name}}", "a.prompt:2: {{shout name}} is no name"),
        ("{{#shout name}}x{{/shout}}", "a.prompt:1: the block #shout is a helper"),
        ("a\n{{#if x}}b", "a.prompt:2: the block #if is not closed"),
        ("{{/if}}", "a.prompt:1: {{/if}} closes no block"),
        ("{{else}}", "a.prompt:1: else stands outside"),
        ('{{#if x}}{{role "user"}}y{{/if}}', "a.prompt:1: a message begins inside of a block"),
        ('{{role "tool"}}x', "a.prompt:1: role 'tool' is not known"),
        ("{{__class__.__mro__}}", "a.prompt:1: "),
        ("{{#if x}}" * 30, "a.prompt:1: more than 20 blocks"),
        ("hello {{name}}", "a.prompt:1: 'name' is undefined; fill it in with --data FILE.csv"),
        ("---\ninput: [1]\n---\nx", "a.prompt:2: input must be a mapping"),
        ("---\ninput: {schema: {name: string}}\n---\nHi {{name}}", "a.prompt:2: no value for input 'name'"),
        (
            "---\nconfig: {temperature: warm}\n---\nx",
            "a.prompt:2: model.options.temperature must be a number",
        ),
        ("---\nx", "a.prompt:1: the front matter is not closed"),
        (" \n", "a.prompt:1: the prompt has no user text"),
    ],
)
def test_what_is_not_read_is_refused_by_its_line(
    write: Write, body: str, message: str, promptly: None
) -> None:
    with pytest.raises(PromptError) as caught:
        load_prompt(write("a.prompt", body))
    assert "\n" not in str(caught.value)
    assert message in str(caught.value)
