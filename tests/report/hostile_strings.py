"""Texts that a report must show as text. Each script-like one would set `window.pwned`, were it to run."""

from pathlib import Path

from report_sample import Run, completion, run_facts

from tempkit.report import render, write
from tempkit.types import (
    Failure,
    Item,
    Message,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    TokenLogprob,
)

HOSTILE = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg/onload=window.pwned=1>",
    '"><script>window.pwned=1</script>',
    "' onmouseover='window.pwned=1' autofocus onfocus='window.pwned=1",
    '{"x": "</script><script>window.pwned=1</script>"}',
    "<!--<script>window.pwned=1",
    "]]><![CDATA[</style><script>window.pwned=1</script>",
    "</textarea></title></noscript></dialog><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "javascript:window.pwned=1",
    "[click](javascript:window.pwned=1) <a href='javascript:window.pwned=1'>x</a>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'><base href='https://example.invalid/'>",
    "<link rel=stylesheet href=https://example.invalid/x.css><style>*{display:none!important}</style>",
    "{{ 7*7 }} {% raw %} ${window.pwned=1} #{1} <%= 1 %> {{constructor.constructor('window.pwned=1')()}}",
    "\u202etxet desrever\u202c \u2066isolate\u2069 \u200fmark",
    "שלום עולם, مرحبا بالعالم 123 (abc)",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "NUL\x00 in the middle, BEL\x07, DEL\x7f",
    "W" * 3000,
    "line\u2028separator\u2029paragraph \ufeffBOM \u200bzero",
    "lone surrogate \ud800 and \udfff, noncharacter \uffff",
    "Z̵̡̢̛̗̘̙̜̝̞̟̠̀́̂̃̄̅̆̇̈̉̊̋̌̍̎̏̐̑̒̓̔̽̾̿ algo " * 4,
    "&lt;b&gt; &amp; &#60;script&#62; %3Cscript%3E \\u003cscript\\u003e",
    "__proto__",
    "constructor",
    "toString",
    '=HYPERLINK("https://example.invalid/?"&A1, "open")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    '"quoted", "comma","and \r\n a line"',
    "data:text/html,<script>window.pwned=1</script>",
    "<a download href='data:text/html,<script>window.pwned=1</script>'>x</a>",
    "<form action=https://example.invalid/><button formaction=javascript:window.pwned=1>x</button></form>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=window.pwned=1&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=window.pwned=1>'>",
    "<template><script>window.pwned=1</script></template><slot name=x>",
    "<custom-element is=x onclick=window.pwned=1>x</custom-element>",
    "</script><script type=module>window.pwned=1</script>",
    "<details open ontoggle=window.pwned=1><summary>x</summary></details>",
    "<object data='javascript:window.pwned=1'></object><embed src='javascript:window.pwned=1'>",
    "<xmp></p><svg><animate onbegin=window.pwned=1 attributeName=x>",
    "%s %(name)s %d %% {0} {name!r} $& $1 $` \\1",
    "../../../../etc/passwd\x00.html",
    "# heading\n\n| a | b |\n| - | - |\n```js\nwindow.pwned=1\n```",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f4\U000e0067\U000e0062\U000e007f \ufe0f\u20e3",
    "\u2066\u2067\u2068 unclosed isolates \u202a\u202b\u202d\u202e and overrides",
    "NaN",
)

_TEMPERATURES = (0.0, 1.0)


def hostile_run() -> Run:
    """Return a run with the strings in every place that a user or a model can fill."""
    bad = HOSTILE[3] + HOSTILE[14] + HOSTILE[17]
    items = tuple(
        Item(
            key=f"{text[:60]}/{i}",
            prompt=bad,
            messages=(Message("system", bad), Message("user", text)),
            facts=((text[:40], bad), ("never there",)),
        )
        for i, text in enumerate(HOSTILE)
    )
    prompt = Prompt(
        name=bad,
        description=bad,
        use_case=bad,
        path=f"prompts/{HOSTILE[0]}",
        suggested_temperature=0.5,
        items=items,
    )
    model = ModelSpec(
        backend="scripted", name=bad, label=bad, options={bad: bad, "base_url": "https://a:b@[bad/?key=1"}
    )
    plan = Plan(
        name=bad, prompts=(prompt,), models=(model,), temperatures=_TEMPERATURES, repeat=3, seed=1,
        sampling={bad: SamplingParams(stop=(HOSTILE[0], bad))},
    )  # fmt: skip
    completions = []
    for i, item in enumerate(items):
        for temperature in _TEMPERATURES:
            for replicate in range(2):
                text = HOSTILE[(i + replicate) % len(HOSTILE)]
                other = HOSTILE[(i + 1) % len(HOSTILE)]
                half = len(text) // 2
                tokens = tuple(
                    TokenLogprob(part, -0.5, 1.0, 0, ((part, -0.5), (other, -1.5), ("", -3.0)))
                    for part in (text[:half], text[half:])
                )
                completions.append(
                    completion(
                        SampleKey(item.key, bad, temperature, replicate),
                        text,
                        tokens=tokens,
                        params={bad: bad, "temperature": temperature},
                        response_model=bad,
                        fingerprint=HOSTILE[i],
                    )
                )
    failures = [
        Failure(key=SampleKey(item.key, bad, 1.0, 2), kind="server", message=text)
        for item, text in zip(items, HOSTILE, strict=True)
    ]
    facts = run_facts(
        plan.sample_count, name=bad, id=bad, status=bad, version=bad, environment={bad: {bad: [bad]}}
    )
    infos = {bad: ModelInfo(digest=bad, details={bad: bad, "nested": {"x": HOSTILE[0]}})}
    return Run(facts, plan, infos, tuple(completions), tuple(failures))


def write_hostile(path: Path) -> None:
    write(path, render([hostile_run().study]))
