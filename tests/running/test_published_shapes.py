"""Tables of results in the shapes in which others publish theirs, with values of our own: what loads, and what is said of the rest."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tempkit.errors import PromptError
from tempkit.interchange.imports.column_names import naming
from tempkit.interchange.imports.import_run import import_table
from tempkit.store import Store

EXAM = """Date Time,Model Name,Agent Name,Exam Name,Temperature,Problem ID,Source,Topic,Problem,Answer 1,Answer 2,Agent Answer,Correct Answer,Solution,Score,Input Tokens,Output Tokens,Error
2024-01-02 08:27:51,gpt-x,baseline,exam-2,0.1,1,here,Math,"Topic: Math
Question: 1 + 1?
  A: 1
  B: 2
",B,B,B,B,"It is 2.",1,315,60,
2024-01-02 08:27:52,gpt-x,baseline,exam-2,0.1,2,here,Math,"Question: 2 + 2?",A,B,A,B,,0,282,60,
2024-01-02 08:27:53,gpt-x,baseline,exam-2,1.0,1,here,Math,"Question: 1 + 1?",B,A,B,B,,1,300,60,
"""
"""One file per model and temperature, answers side by side, a date and long texts in every row."""

COORDINATION = """file_name,model_name,temperature,xml_prompt,task_options,top_option_name,top_prop_all,convergence_all,unanswered_count
a.json,model-s,0.0,1,numbers,7,0.8,0.66,0
a.json,model-s,0.7,1,numbers,7,0.5,0.31,2
b.json,model-s,0.7,1,letters,K,0.4,0.22,0
"""
"""Shares of what was answered, by experiment file."""

REPEATS = """{"treatment": "T0", "question_id": "q1", "llm": "lm", "temp": 0.2, "repeat": 0, "model_output": "Final:B", "correct": true}
{"treatment": "T0", "question_id": "q1", "llm": "lm", "temp": 0.2, "repeat": 1, "model_output": "", "correct": false}
{"treatment": "T0", "question_id": "q2", "llm": "lm", "temp": 1.0, "repeat": 0, "model_output": "Final:A", "correct": true}
"""
"""JSON Lines of answers with whether they are right."""

MEANS = """Temp,Pass Rate,Overall Score,Correctness
0.0,95%,4.71,4.5
0.3,94%,4.66,4.4
"""
"""Means over all questions: nothing is left to compare by question."""

SHEET = "Frage;Modell;Temperatur;Lauf;Genauigkeit\r\nf1;lm;0,7;1;0,5\r\nf1;lm;0,7;2;1\r\n"
"""As a spreadsheet in much of Europe saves CSV."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "tempkit.db") as opened:
        yield opened


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("exam.csv", EXAM),
        ("coordination.csv", COORDINATION),
        ("repeats.jsonl", REPEATS),
        ("means.csv", MEANS),
    ):
        Path(name).write_text(text, "utf-8")
    Path("sheet.csv").write_bytes(SHEET.encode("utf-8-sig"))


def refusal(store: Store, name: str, *maps: str, **options: Any) -> str:
    with pytest.raises(PromptError) as caught:
        import_table(store, Path(name), naming=naming(maps, **options))
    assert store.runs() == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def loaded(
    store: Store, name: str, *maps: str, **options: Any
) -> tuple[dict[str, int], list[tuple[str, str, float, int, float | None]]]:
    done = import_table(store, Path(name), naming=naming(maps, **options))
    scores = [(s.item, s.model, s.temperature, s.replicate, s.value) for s in store.scores(done.run.id)]
    return dict(done.scores), sorted(scores)


@pytest.mark.usefixtures("published")
def test_an_exam_with_answers_side_by_side(store: Store) -> None:
    assert refusal(store, "exam.csv") == (
        'exam.csv:1: no column item, model or temperature; did you mean --map item="Problem ID" --map model="Model Name" --map temperature=Temperature?'
    )
    maps = ("item=Problem ID", "model=Model Name", "temperature=Temperature")
    assert refusal(store, "exam.csv", *maps) == (
        "exam.csv:2: 'Date Time' is '2024-01-02 08:27:51', not a number; leave the cell empty where there is none, or leave the column out with "
        '--skip "Date Time", or all but those of scores with --only COLUMN'
    )
    counts, scores = loaded(store, "exam.csv", *maps, only=("Score",))
    assert counts == {"Score": 3}
    assert scores == [("1", "gpt-x", 0.1, 0, 1.0), ("1", "gpt-x", 1.0, 0, 1.0), ("2", "gpt-x", 0.1, 0, 0.0)]


@pytest.mark.usefixtures("published")
def test_an_exams_answers_as_texts(store: Store) -> None:
    maps = (
        "item=Problem ID",
        "model=Model Name",
        "temperature=Temperature",
        "text=Agent Answer",
        "accuracy=Score",
    )
    done = import_table(store, Path("exam.csv"), naming=naming(maps, only=("Output Tokens",)))
    assert dict(done.scores) == {"accuracy": 3, "Output Tokens": 3}
    assert [c.text for c in store.completions(done.run.id)] == ["B", "B", "A"]


@pytest.mark.usefixtures("published")
def test_shares_by_experiment(store: Store) -> None:
    assert refusal(store, "coordination.csv") == (
        "coordination.csv:1: no column item or model; did you mean --map model=model_name? And name item with --map item=COLUMN, or add a column of it."
    )
    counts, scores = loaded(
        store, "coordination.csv", "item=file_name", "model=model_name", only=("convergence_all",)
    )
    assert counts == {"convergence_all": 3}
    assert scores[1] == ("a.json", "model-s", 0.7, 0, 0.31)


@pytest.mark.usefixtures("published")
def test_repeated_answers_with_their_marks(store: Store) -> None:
    assert refusal(store, "repeats.jsonl") == (
        "repeats.jsonl:1: no column item, model or temperature; did you mean --map item=question_id --map model=llm --map temperature=temp?"
    )
    maps = ("item=question_id", "model=llm", "temperature=temp", "replicate=repeat", "text=model_output")
    counts, scores = loaded(store, "repeats.jsonl", *maps, skipped=("treatment",))
    assert counts == {"correct": 3}
    assert [score[3:] for score in scores] == [(0, 1.0), (1, 0.0), (0, 1.0)]
    (run,) = store.runs()
    assert (run.completions, run.planned) == (3, 3)


@pytest.mark.usefixtures("published")
def test_means_have_no_questions(store: Store) -> None:
    assert refusal(store, "means.csv") == (
        "means.csv:1: no column item, model or temperature; did you mean --map temperature=Temp? And name item with --map item=COLUMN, or add a column of it."
    )


@pytest.mark.usefixtures("published")
def test_a_sheet_with_decimal_commas(store: Store) -> None:
    said = refusal(store, "sheet.csv")
    assert said.startswith(
        "sheet.csv:1: no column item, model or temperature; did you mean --map model=Modell --map temperature=Temperatur?"
    )
    maps = ("item=Frage", "model=Modell", "temperature=Temperatur", "replicate=Lauf")
    assert refusal(store, "sheet.csv", *maps) == (
        "sheet.csv:2: temperature '0,7' is not a number; it has a decimal comma: write 0.7"
    )
    Path("sheet.csv").write_bytes(SHEET.replace(",", ".").encode("utf-16"))
    counts, scores = loaded(store, "sheet.csv", *maps)
    assert counts == {"Genauigkeit": 2}
    assert scores == [("f1", "lm", 0.7, 1, 0.5), ("f1", "lm", 0.7, 2, 1.0)]


@pytest.mark.usefixtures("published")
def test_an_index_without_a_name(store: Store) -> None:
    Path("index.csv").write_text(",item,model,temperature,score\n0,q,m,0,1\n")
    assert refusal(store, "index.csv") == (
        "index.csv:1: the header has an empty or repeated column name: column 1 has none (is it an index? write the table without it, or name it)"
    )
    Path("twice.csv").write_text("item,model,temperature,score,score\nq,m,0,1,1\n")
    assert (
        refusal(store, "twice.csv") == "twice.csv:1: the header has an empty or repeated column name: 'score'"
    )
