"""A template that somebody downloaded: no way out, no bomb, no chance, and what prompts do need still works."""

from typing import Any

import pytest

from tempkit.errors import PromptError
from tempkit.prompts.rendering import Template

pytestmark = pytest.mark.usefixtures("promptly")

TOO_MUCH = "the template makes more than a prompt can need; make it simpler"


def render(body: str, **values: Any) -> str:
    (message,) = Template(body, "p.prompty").render(values)
    return message.content


def refusal(body: str, **values: Any) -> str:
    with pytest.raises(PromptError) as caught:
        Template(f"one\n{body}", "p.prompty").render(values)
    assert str(caught.value).startswith("p.prompty:2: ")
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix("p.prompty:2: ")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{{ ''.__class__.__mro__ }}", "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ ''['__class__'] }}", "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ '' | attr('__class__') }}", "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ x.__init__ }}", "access to attribute '__init__' of 'dict' object is unsafe."),
        ("{{ cycler.__init__.__globals__ }}", "access to attribute '__init__' of 'type' object is unsafe."),
        ("{{ '{0.__class__}'.format(1) }}", "access to attribute '__class__' of 'int' object is unsafe."),
        ("{{ '{x.__class__}'.format_map({'x': 1}) }}", "access to attribute '__class__' of 'int' object is unsafe."),
        ("{{ ['{0.__class__}'] | map('format', 1) | list | first }}{{ '{0.__class__}' | attr('format') }}",
         "not all arguments converted during string formatting"),
        ("{{ x.update({'a': 1}) }}", "access to attribute 'update' of 'dict' object is unsafe."),
        ("{{ y.append(1) }}", "access to attribute 'append' of 'list' object is unsafe."),
        ("{% include '/etc/passwd' %}", "'include' is not for prompts: a template stands alone"),
        ("{% include x ignore missing %}", "'include' is not for prompts: a template stands alone"),
        ("{% import 'os' as os %}", "'import' is not for prompts: a template stands alone"),
        ("{% from 'os' import path %}", "'import' is not for prompts: a template stands alone"),
        ("{% extends 'base' %}", "'extends' is not for prompts: a template stands alone"),
        ("{% if false %}{% include 'x' %}{% endif %}", "'include' is not for prompts: a template stands alone"),
        ("{{ lipsum() }}", "'lipsum' is undefined"),
        ("{{ y | random }}", "No filter named 'random'."),
    ],
)  # fmt: skip
def test_no_way_out_and_no_chance(body: str, message: str) -> None:
    assert refusal(body, x={}, y=[1]) == message


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("'x' * 10**9", "'*' would make a value"),
        ("10**9 * 'x'", "'*' would make a value"),
        ("[1] * 10**9", "'*' would make a value"),
        ("10**(10**10)", "'**' would make a number"),
        ("((10**1000)**1000)**1000", "'**' would make a number"),
        ("2**-99999", "'**' would make a number"),
        ("'%1000000000d' % 1", "'%' would make a value"),
        ("'%-1000000000s' % 'x'", "'%' would make a value"),
        ("'%.1000000000f' % 1", "'%' would make a value"),
        ("'%*d' % (10**9, 1)", "'%' would make a value"),
        ("'%(a)1000000000d' % {'a': 1}", "'%' would make a value"),
        ("'%((a))5.1000000000f' % {'(a)': 1}", "'%' would make a value"),
        ("'%1000000000s' | format('x')", "'format' would make a value"),
        ("['%1000000000s'] | map('format', 'x') | list", "'format' would make a value"),
        ("'{:1000000000d}'.format(1)", "'format' would make a value"),
        ("'{:{}}'.format(1, 10**9)", "'format' would make a value"),
        ("'{a:>1000000000}'.format_map({'a': 1})", "'format' would make a value"),
        ("'x'.ljust(10**9)", "'ljust' would make a value"),
        ("'x'.rjust(10**9)", "'rjust' would make a value"),
        ("'x'.center(10**9)", "'center' would make a value"),
        ("'x'.zfill(10**9)", "'zfill' would make a value"),
        ("'x' | center(10**9)", "'center' would make a value"),
        ("(5).to_bytes(10**9, 'big')", "'to_bytes' would make a value"),
        ("('\\t' * 1000000).expandtabs(1000)", "'expandtabs' would make a value"),
        ("('x' * 1000000).replace('x', 'y' * 1000000)", "'replace' would make a value"),
        ("('x' * 1000000) | replace('x', 'y' * 1000000)", "'replace' would make a value"),
        ("('x' * 1000000).join('y' * 1000000)", "'join' would make a value"),
        ("('x' * 1000000) | join('y' * 1000000)", "'join' would make a value"),
        ("('x\\n' * 500000) | indent(1000)", "'indent' would make a value"),
        ("('x\\n' * 500000) | indent('y' * 1000)", "'indent' would make a value"),
        ("('x ' * 500000) | wordwrap(1, wrapstring='y' * 1000)", "'wordwrap' would make a value"),
        ("[[1] * 1000] | tojson(10**9)", "'tojson' would make a value"),
        ("[1] | batch(10**9, 1) | list", "'batch' would make a value"),
        ("[1] | slice(10**9, 1) | list", "'slice' would make a value"),
        ("1.5 | round(10**9, 'ceil')", "'round' would make a value"),
    ],
)
def test_one_step_that_would_fill_the_memory(body: str, name: str) -> None:
    assert refusal(f"{{{{ {body} }}}}") == f"{name} too large for a prompt"
    assert refusal(f"{{% if ({body}) %}}{{% endif %}}") == f"{name} too large for a prompt"


DOUBLED = "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 60 + "{{ a | length }}"
LISTS = "{% set a = ['x'] %}" + "{% set a = [a, a] %}" * 60


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% for i in range(300) %}{% for j in range(300) %}" + "x" * 10_000 + "{% endfor %}{% endfor %}",
        "".join("{% for a in [" + "1," * 999 + "] %}" for _ in range(4)) + "{% endfor %}" * 4,
        "{% for i in range(99) recursive %}{% if loop.depth < 60 %}{{ loop(range(99)) }}{% endif %}{% endfor %}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
        DOUBLED,
        DOUBLED.replace("~", "+"),
        "{% set a = 'x' %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 60 + "{{ a | length }}",
        LISTS + "{{ a }}",
        LISTS + "{{ a | string | length }}",
        LISTS + "{{ a | tojson | length }}",
        LISTS + "{{ '{}'.format(a) | length }}",
        "{% set ns = namespace(a='x') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}{{ ns.a | length }}",
        "{% set x = [range(99999)] * 10000 %}{{ x | map('sum') | sum }}",
    ],
)  # fmt: skip
def test_many_steps_that_would_never_end(body: str) -> None:
    assert refusal(body) == TOO_MUCH


def test_numbers_too_long_to_show() -> None:
    body = "{% set ns = namespace(x=10) %}{% for i in range(60) %}{% set ns.x = ns.x * ns.x %}{% endfor %}{{ ns.x }}"
    assert refusal(body) == "'*' would make a number too large for a prompt"
    assert refusal("{{ 10**5000 }}").startswith(
        "Exceeds the limit (4300 digits) for integer string conversion"
    )


def test_endless_recursion() -> None:
    assert (
        refusal("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}") == "the template calls itself too deeply"
    )


@pytest.mark.parametrize(
    "body",
    [
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ " + "[" * 3000 + "]" * 3000 + " }}",
        "".join(f"{{% for a{i} in [1] %}}" for i in range(25)) + "x" + "{% endfor %}" * 25,
        "{% if x %}" * 200 + "{% endif %}" * 200,
    ],
)
def test_templates_nested_too_deeply(body: str) -> None:
    with pytest.raises(PromptError, match=r"^p.prompty:8: the template is nested too deeply$"):
        Template(body, "p.prompty", 8)


def test_a_number_too_long_to_read() -> None:
    with pytest.raises(PromptError, match=r"^p.prompty:8: the template does not parse: Exceeds the limit"):
        Template("{{ " + "9" * 5000 + " }}", "p.prompty", 8)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{{ 10**10**2 }}", "1" + "0" * 20),
        ("{{ 'ab' * 3 }}{{ [1] * 2 }}", "ababab[1, 1]"),
        ("{{ '{:,}'.format(1400000000) }} {{ '{:>8.2f}'.format(2.5) }}", "1,400,000,000     2.50"),
        ("{{ '%.2f' | format(2.5) }} {{ '%05d' % 7 }} {{ 'order 48213: %s, 100%%' % 'x' }}", "2.50 00007 order 48213: x, 100%"),
        ("{{ x | default(2000000) }} {{ [5000000] | select('gt', 4000000) | list }}", "2000000 [5000000]"),
        ("{% for x in 'abc' %}{{ loop.index }}/{{ loop.length }}{{ ', ' if not loop.last }}{% endfor %}", "1/3, 2/3, 3/3"),
        ("{% for x in ['a', 'b'] | map('upper') %}{{ x }}{{ loop.length }}{% endfor %}", "A2B2"),
        ("{% for k, v in {'a': 1, 'b': 2}.items() if v > 1 %}{{ k }}{% else %}none{% endfor %}", "b"),
        ("{% for x in [] %}{% else %}none{% endfor %}", "none"),
        ("{% for x in [[1], [2]] recursive %}{{ loop(x) if x is iterable else x }}{% endfor %}", "12"),
        ("{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}", "aba"),
        ("{% set ns = namespace(n=0) %}{% for x in [1, 2, 3] %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}", "6"),
        ("{% macro greet(who) %}Hi {{ who }}{% endmacro %}{{ greet('Ada') }}", "Hi Ada"),
        ("{{ 'b,a' .split(',') | sort | join('-') }} {{ 'x' ~ 1 ~ none }}", "a-b x1None"),
        ("{{ 'a b c' | truncate(3, true, '…', 0) }} {{ 'abc' | replace('b', '') }}", "a … ac"),
        ("{{ {'a': [1]} | tojson(indent=1) }}", '{\n "a": [\n  1\n ]\n}'),
        ("{{ [1, 2, 3] | batch(2) | list }} {{ 2.567 | round(1) }}", "[[1, 2], [3]] 2.6"),
        ("{{ ('x ' * 100000) | trim | upper | length }}", "199999"),
        ("{{ [range(99999)] | map('sum') | sum }}", "4999850001"),
        ("{{ [{'n': 'a', 'v': 1}, {'n': 'b', 'v': 2}] | selectattr('v', 'gt', 1) | map(attribute='n') | join }}", "b"),
    ],
)  # fmt: skip
def test_what_prompts_do(body: str, text: str) -> None:
    assert render(body) == text


def test_a_long_document_fits() -> None:
    text = "word " * 400_000
    assert render("<{{ text | trim }}>", text=text) == f"<{text.strip()}>"


def test_every_row_has_the_whole_budget() -> None:
    template = Template("{{ text }}", "p.prompty")
    for _ in range(5):
        assert len(template.render({"text": "x" * 4_000_000})[0].content) == 4_000_000
