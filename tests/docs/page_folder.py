"""What the pages' commands work on."""

import re
import shutil
from pathlib import Path

import pyarrow
import yaml
from page_commands import BLOCK
from pyarrow import parquet
from support import ROOT, Cli

RUNS = ("exam-1", "exam-2", "before", "after", "neutral", "llama-cpp-defaults", "facts-and-ideas")
"""Runs that pages name."""

PLACEHOLDERS = {
    "RUN": "latest",
    "K/N": "1/2",
    "FILE": "exam.csv",
    "USE-CASE": "brainstorming",
    "LABEL": "scripted:words",
    "MODEL": "scripted:words",
    "FOLDER": "templates",
    "COMMAND": "run",
}
MODEL = re.compile(r"(gguf|openai|anthropic|together|fireworks|native):\S+|NAME$")
RESULTS = {0, 4, 5, 6, 7}
"""Exit codes of a command that did what it is for: twelve words settle no question."""


SHORT = {"run": ("--max-tokens", "6", "--items", "4"), "choose": ("--max-tokens", "6", "-t", "0,1")}
"""Limits that are added to a command that has none of its own."""


def here(arguments: list[str]) -> list[str]:
    """Put the scripted model in the place of each model, and what there is in that of each placeholder."""
    named = [
        "scripted:words" if MODEL.match(each) else PLACEHOLDERS.get(each, each).replace("/*.", "/exam.")
        for each in arguments
    ]
    asks = "-m" in named and "--arm" not in named
    limits = SHORT.get(named[0], ()) if asks else ()
    return [
        *named,
        *(
            part
            for option, value in zip(limits[::2], limits[1::2], strict=True)
            if option not in named
            for part in (option, value)
        ),
    ]


def furnish(cli: Cli, folder: Path) -> None:
    """Make the files, runs and decisions that the pages' commands work on."""
    for name in ("prompts", "examples"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("brainstorming", "chatbot"):
        data = folder / f"prompts/data/{name}.yaml"
        data.write_text(
            yaml.safe_dump(yaml.safe_load(data.read_text(encoding="utf-8"))[:6]), encoding="utf-8"
        )
    shutil.copy(ROOT / "tests/published/li-2025.csv", folder)
    choosing = (ROOT / "docs/choosing-a-temperature.md").read_text(encoding="utf-8")
    (mail,) = (body for kind, body in BLOCK.findall(choosing) if kind == "toml" and "[[primary]]" in body)
    questions = [f"Say word {n}.,the|of|answer" for n in range(6)]
    scores = [f"q{n},m,{t},{(n + t) % 2}" for n in range(6) for t in (0, 1)]
    chat = '{"input": [{"role": "user", "content": "Say the."}], "ideal": "the"}\n'
    log = '{"eval": {"task": "t", "model": "m/x"}, "plan": {"config": {"temperature": 0}}, "samples": [{"id": 1, "epoch": 1, "output": {"choices": [{"message": {"content": "the"}}]}}]}'
    texts = {
        "my-mail.toml": mail,
        "my-use-case.toml": mail,
        "questions.csv": "\n".join(["question,expected", *questions]),
        "more.csv": "question,expected\nSay one more.,the\n",
        "stories.txt": "Tell a story.\nTell a sad story.\n",
        "exam.csv": "\n".join(["item,model,temperature,accuracy", *scores]),
        "published.csv": "Problem ID,LLM,Temp,Score,Author\n1,m,0,0.5,x\n1,m,1,0.7,x\n",
        "experiment.yaml": "name: parts\nprompts: [questions.csv]\nmodels: [scripted:words]\ntemperatures: [0, 1]\n",
        "promptfooconfig.yaml": "prompts: ['Say {{ word }}.']\nproviders: [openai:gpt-4.1-mini]\ntests: [{vars: {word: [the, of]}, assert: [{type: icontains, value: the}]}]\n",
        "registry/evals/sums.yaml": "sums.v1: {class: 'evals.elsuite.basic.match:Match', args: {samples_jsonl: sums/samples.jsonl}}\n",
        "registry/data/sums/samples.jsonl": chat,
        "samples.jsonl": chat,
        "greeting.prompt": "---\ninput: {default: {name: Ada}}\n---\nGreet {{name}}.\n",
        "rows.csv": "name\nAda\n",
        "shop.prompty": "---\nname: shop\n---\nuser:\nGreet me.\n",
        "logs/a.json": log,
        "demo/demo.yaml": "name: demo\nprompts: [../my.prompty]\nmodels: [scripted:words]\ntemperatures: [0, 1]\nsampling: {max_tokens: 6}\n",
        "templates/extra.css": ":root { --accent: teal }\n",
        "own.prompty": "---\nname: own\nmetadata: {tempkit: {use_case: technical-documentation, data: rows.yaml}}\n"
        "inputs: [{name: n, kind: integer}]\n---\nuser:\nSay {{ n }}.\n",
    }
    rows = "\n".join(f"- {{id: i{n}, n: {n}, facts: ['a|the|of']}}" for n in range(9))
    texts |= {"rows.yaml": rows, "prompts/rows.yaml": rows}
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    parquet.write_table(pyarrow.table({"question": ["Say the."]}), folder / "questions.parquet")
    for name in ("my.prompty", "moods.prompty", "prompts/exam.prompty"):
        (folder / name).write_text(texts["own.prompty"].replace("own", Path(name).stem), encoding="utf-8")
    asked = ("-m", "scripted:words", "-t", "0,0.7,1.3", "-n", "4", "--max-tokens", "9")
    made = [
        cli("choose", "questions.csv", *asked[:2], "--max-tokens", "6", "--name", "questions", "--no-report"),
        *(cli("run", "questions.csv", *asked, "--name", name) for name in RUNS),
        cli("import", "exam.csv"),
        cli("import", "li-2025.csv"),
        cli("run", "prompts/exam.prompty", *asked, "--name", "kept", "--items", "6"),
        cli("decide", "kept", "--write"),
        cli("run", "my.prompty", *asked, "--name", "my", "--items", "6"),
        cli("decide", "my", "--write"),
        cli("export", "my", "-o", "answers.csv"),
        cli("export", "my", "-o", "dataset", "--format", "huggingface"),
        *(
            cli("db", "copy", "my", "--to", name)
            for name in ("laptop.db", "desktop.db", "part-1.db", "part-2.db")
        ),
    ]
    assert [(each.code, each.err) for each in made if each.code not in RESULTS] == []
