"""`tempkit import` and what later commands say of imports; and numbers, paths and references as they are typed."""

import json
import re
from pathlib import Path

import pytest
from support import Cli

MODEL = ("-m", "scripted:words", "-t", "0,1", "-n", "1", "--max-tokens", "4")


@pytest.fixture
def answers(tmp_path: Path) -> str:
    rows = ("a,m,0,blue", "a,m,0,", "a,m,1,", "a,m,1,", "b,m,0,blue", "b,m,0,red", "b,m,1,", "b,m,1,red")
    (tmp_path / "j.csv").write_text("\n".join(("item,model,temperature,text", *rows)) + "\n")
    return "j.csv"


def test_empty_answers_are_answers(cli: Cli, answers: str) -> None:
    done = cli("import", answers)
    assert (done.code, done.out.splitlines()[0]) == (0, "Imported 8 completions as run j.")
    assert done.err == (
        "warning: j.csv: 4 of 8 texts are empty and count as empty answers; leave the column out with --skip text if they were never asked for\n"
    )
    scores = [json.loads(line) for line in cli("export", "j", "-o", "-", "--scores").out.splitlines()]
    empty = [score["value"] for score in scores if score["measure"] == "empty"]
    assert (len(empty), sum(empty)) == (8, 4)


def test_characters_that_no_database_keeps_are_told(cli: Cli, tmp_path: Path) -> None:
    rows = [
        {"item": str(n), "model": "m", "temperature": 0, "text": text}
        for n, text in enumerate(("x\0y", "x\\x00y", "\0"))
    ]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = cli("import", "t.jsonl")
    assert (done.code, done.err) == (
        0,
        "warning: t.jsonl:1: a text has characters that no database keeps: they are kept as their escapes, such as \\x00 (2 times)\n",
    )
    for column in ("item", "model"):
        (tmp_path / "k.jsonl").write_text(json.dumps({**rows[1], column: "c\0"}))
        done = cli("import", "k.jsonl")
        assert (done.code, done.err) == (
            1,
            f"error: k.jsonl:1: '{column}' is 'c\\x00', with a character that no database keeps: rename it\n",
        )


def test_other_names_are_mapped_and_kept_apart(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('"Problem ID";LLM;Temp;Notes;Score\np;m;0.5;fine;1\n')
    refused = cli("import", "t.csv")
    assert (refused.code, refused.err) == (
        1,
        'error: t.csv:1: no column item, model or temperature; did you mean --map item="Problem ID" --map model=LLM --map temperature=Temp?\n',
    )
    maps = ("--map", "item=Problem ID", "--map", "model=LLM", "--map", "temperature=Temp")
    assert "--skip Notes" in cli("import", "t.csv", *maps).err
    for left_out in (("--skip", "Notes"), ("--only", "Score")):
        done = cli("import", "t.csv", *maps, *left_out, "--json")
        assert json.loads(done.out)["scores"] == {"Score": 1}
        assert done.err == "note: t.csv: read with semicolons between cells\n"
    assert cli("import", "t.csv", "--map", "item").code == 2


def test_what_was_not_imported_is_not_missed(cli: Cli, tmp_path: Path) -> None:
    rows = (
        {"item": "a", "model": "m", "temperature": 0, "text": "blue", "mine": 1},
        {"item": "a", "model": "m", "temperature": 1, "replicate": 6, "text": "red", "mine": 0},
        {"item": "b", "model": "n", "temperature": 0.5, "mine": 1},
    )
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert cli("import", "t.jsonl").code == 0
    assert cli("show", "t").out.startswith("t (")
    assert ": 2 of 2 completions" in cli("show", "t").out
    assert "2/2" in cli("runs").out
    assert cli("report", "t", "-o", "r.html").code == 0
    page = (tmp_path / "r.html").read_text()
    told = " ".join(
        re.sub(r"<[^>]*>", " ", re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)).split()
    )
    for wrong in ("not run", "not there yet", "were answered", "not been drawn", "Unfinished"):
        assert wrong not in told, wrong
    assert "2 answers and 3 scores were imported from t.jsonl" in told


def page_of(path: Path) -> str:
    """Return what a report says, without its scripts."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", path.read_text(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", bare).split())


@pytest.mark.parametrize("text", [True, False])
def test_what_is_there_is_counted_and_not_how_it_is_numbered(cli: Cli, tmp_path: Path, text: bool) -> None:
    word = "answer" if text else "score"
    for name, numbers, said in (
        ("one", {0: [7], 1: [7]}, f"1 {word}"),
        ("gaps", {0: [3, 9], 1: [0, 50]}, f"2 {word}s"),
        ("uneven", {0: [0, 7], 1: [5]}, f"1 to 2 {word}s"),
    ):
        rows = [
            {"item": item, "model": "m", "temperature": t, "replicate": number, "mine": t, **({"text": f"blue {number}"} if text else {})}
            for item in "ab"
            for t, given in numbers.items()
            for number in given
        ]  # fmt: skip
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
        assert cli("import", f"{name}.jsonl").code == 0
        assert cli("report", name, "-o", "r.html").code == 0
        told = page_of(tmp_path / "r.html")
        assert f"2 questions × 1 model × 2 temperatures × {said}. " in told
        assert f"2 questions × {said} at each temperature" in told
        for untrue in ("Run seed", "Answers planned", "max_tokens 256", "Sampling parameters"):
            assert untrue not in told
        assert cli("report", name, "-o", "r.md").code == 0
        assert f"× {said}. " in (tmp_path / "r.md").read_text()


def test_an_export_without_a_row_says_where_the_scores_are(cli: Cli, tmp_path: Path) -> None:
    rows = "\n".join(f"{item},m,{t},1" for item in "ab" for t in (0, 1))
    (tmp_path / "exam.csv").write_text(f"item,model,temperature,accuracy\n{rows}\n")
    assert cli("import", "exam.csv").code == 0
    said = "warning: exam holds imported scores and no answers, so there is no row of it; --scores exports them\n"
    for options in (
        ("-o", "e.csv"),
        ("-o", "e.jsonl", "--json"),
        ("-o", "-"),
        ("-o", "t.csv", "--tokens"),
        ("-o", "e.csv", "--no-measures"),
    ):
        done = cli("export", "exam", *options)
        assert (done.code, done.err) == (0, said), options
    done = cli("export", "exam", "-o", "s.csv", "--scores")
    assert (done.code, done.err) == (0, "")
    assert "Exported 4 rows of exam" in done.out


def test_a_recommendation_on_an_import_can_be_followed(cli: Cli, tmp_path: Path) -> None:
    for name, text in (("scores", {}), ("answers", {"text": "Blue."})):
        rows = [
            {"item": f"q{i}", "model": "m", "temperature": t, "replicate": r, "right": (i + r + 2 * t) % 3 < 1, **text}
            for i in range(8)
            for t in (0, 0.5, 1)
            for r in range(4)
        ]  # fmt: skip
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
        assert cli("import", f"{name}.jsonl").code == 0
        judged = (name, "--measure", "right", "--margin", "0.05")
        shown = cli("recommend", *judged).out
        (found,) = json.loads(cli("recommend", *judged, "--json").out)["decisions"]
        assert found["imported"] == name
        assert found["next"], "there is something to do"
        assert cli("report", *judged, "-o", "r.html").code == 0
        for told in (shown, page_of(tmp_path / "r.html")):
            assert "import a table that has" in told
            assert not re.search(r"run again|tempkit topup|were asked|--max-tokens", told)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("-n", "1_0"), "'1_0' is not a whole number"),
        (("--items", "٣"), "'٣' is not a whole number; write it in the digits 0 to 9"),
        (("--seed", "1.0"), "'1.0' is not a whole number"),
        (("-j", "2_0"), "'2_0' is not a whole number"),
        (("--top-p", "nan"), "top_p must be a number above 0 and at most 1, not nan"),
        (("--top-p", "0,5"), "'0,5' is not a number; it has a decimal comma: write 0.5"),
        (("--min-p", "0_1"), "'0_1' is not a number"),
        (("--budget-usd", "1e400"), "--budget-usd must be a number above 0, not inf"),
        (("-t", "0_7"), "temperature '0_7' is not a number"),
        (("-t", "0.7,0.7000000000000001"), "temperatures 0.7 and 0.7000000000000001 would both be shown as 0.7; leave one out"),
        (("--time-limit", "٣m"), "--time-limit must be a time such as 90s, 30m or 2h"),
    ],
)  # fmt: skip
def test_numbers_that_are_slips(cli: Cli, typed: tuple[str, ...], said: str) -> None:
    done = cli("run", "Name a colour.", *MODEL, *typed, "--dry-run")
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("margin", "said"),
    [
        *(
            (slip, f"Invalid value for '--margin': {slip!r} is not a number")
            for slip in ("0_5", "0,05", "٠.٥", "", "x")
        ),
        *((slip, f"a margin must be above 0, not {slip.lstrip('-')}") for slip in ("nan", "inf")),
    ],
)
def test_margins_that_are_slips(cli: Cli, answers: str, margin: str, said: str) -> None:
    assert cli("import", answers).code == 0
    done = cli("recommend", "j", "--measure", "empty", "--margin", margin)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize("margin", [".5", "1e-1", "+0.5", " 0.5 ", "5e-2"])
def test_margins_in_the_ways_they_are_written(cli: Cli, answers: str, margin: str) -> None:
    assert cli("import", answers).code == 0
    assert cli("recommend", "j", "--measure", "empty", "--margin", margin).code == 0


@pytest.mark.parametrize("temperatures", ["['0_7']", "[0.7, 0.7000000000000001]", "0_7", "'٠.٧'", "[nan]"])
def test_temperatures_of_an_experiment_that_are_slips(cli: Cli, tmp_path: Path, temperatures: str) -> None:
    (tmp_path / "e.yaml").write_text(
        f"prompts: [Name a colour.]\nmodels: [scripted:words]\ntemperatures: {temperatures}\n", "utf-8"
    )
    done = cli("run", "e.yaml", "--dry-run")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: e.yaml:3: temperature")
    assert done.err.count("\n") == 1


def test_a_mistyped_path_is_not_sent(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/my question.txt").write_text("Name a colour.")
    done = cli("run", "prompts/my quesion.txt", *MODEL)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        "error: prompts/my quesion.txt: no such file (did you mean 'prompts/my question.txt'?)"
    )
    assert not (tmp_path / "tempkit.db").exists()
    (tmp_path / "e.yaml").write_text("prompts: [prompts/my quesion.txt]\nmodels: [scripted:words]\n")
    assert "no such file (did you mean 'prompts/my question.txt'?)" in cli("run", "e.yaml", "--dry-run").err


def test_a_template_that_stays_one_is_said(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("Name a {{ colour }}.")
    done = cli("run", "p.txt", *MODEL, "--dry-run")
    assert done.code == 0
    assert done.err == (
        "warning: p.txt:1: {{ colour }} is sent as it stands; call the file p.j2 or .prompty to have it filled in\n"
    )


def test_the_environment_is_read_by_permission(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "p.prompty").write_text(
        "---\ninputs: {town: '${env:TOWN:Oslo}'}\n---\nuser:\nWhere is {{ town }}?\n"
    )
    refused = cli("run", "p.prompty", *MODEL, "--dry-run", env={"TOWN": "Bergen"})
    assert (refused.code, refused.err) == (
        1,
        "error: p.prompty:2: ${env:TOWN} would send an environment variable to a model; write the value here, or allow it with --allow-env TOWN\n",
    )
    done = cli("run", "p.prompty", *MODEL, "--allow-env", "TOWN", "--name", "r", env={"TOWN": "Bergen"})
    assert done.code == 0, done.err
    exported = cli("export", "r", "-o", "-", "--messages")
    assert "Where is Bergen?" in exported.out, exported.err
