"""Further questions for a run that is there: what is new in its files, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tempkit.errors import PromptError, TempkitError, UsageError
from tempkit.planning import build_plan, further_items
from tempkit.planning.experiment import Experiment, parse_model
from tempkit.types import Design, Plan

Write = Callable[[str, str], Path]

ROWS = "question,id,facts\nOne?,a,uno\nTwo?,b,dos\nThree?,c,tres\n"


def planned(*files: str, asked: int | None = None, expect: str | None = None) -> Plan:
    """The plan of a run of files of which the first questions have been asked."""
    plan = build_plan(
        Experiment(prompts=files, models=(parse_model("scripted:words"),), items=asked, expect=expect)
    )
    return replace(plan, design=Design(looks=8, expect=expect))


def keys(plan: Plan, *files: str, outside: bool = False) -> dict[str, list[str]]:
    found = further_items(plan, "r", files, outside=outside)
    return {name: [item.key for item in items] for name, items in found.items()}


def test_what_a_file_has_beyond_those_asked_comes_in_its_order(write: Write) -> None:
    write("q.csv", ROWS)
    assert keys(planned("q.csv", asked=1)) == {"q": ["q/b", "q/c"]}
    assert keys(planned("q.csv")) == {"q": []}
    plan = planned("q.csv")
    write("q.csv", ROWS + "Four?,d,cuatro\nFive?,e,cinco\n")
    assert keys(plan) == keys(plan, "q.csv") == {"q": ["q/d", "q/e"]}
    assert [item.facts for item in further_items(plan, "r")["q"]] == [(("cuatro",),), (("cinco",),)]


def test_rows_may_move_and_those_asked_may_go(write: Write) -> None:
    write("q.csv", ROWS)
    plan = planned("q.csv", asked=2)
    write("q.csv", "question,id,facts\nFour?,d,cuatro\nTwo?,b,dos\nThree?,c,tres\n")
    assert keys(plan) == {"q": ["q/d", "q/c"]}


@pytest.mark.parametrize("changed", [ROWS.replace("One?", "Uno?"), ROWS.replace("uno", "1")])
def test_a_question_that_was_changed_since_is_refused(write: Write, changed: str) -> None:
    write("q.csv", ROWS)
    plan = planned("q.csv", asked=1)
    write("q.csv", changed)
    with pytest.raises(PromptError) as caught:
        further_items(plan, "r")
    assert str(caught.value) == (
        "q.csv: question q/a is not what it was when run r asked it; give changed questions another id, or start a new run"
    )


def test_a_question_that_was_not_asked_may_change(write: Write) -> None:
    write("q.csv", ROWS)
    plan = planned("q.csv", asked=1)
    write("q.csv", ROWS.replace("Three?", "3?"))
    assert [item.messages[0].content for item in further_items(plan, "r")["q"]] == ["Two?", "3?"]


def test_what_every_answer_must_contain_is_asked_of_further_questions_too(write: Write) -> None:
    write("q.csv", ROWS)
    plan = planned("q.csv", asked=2, expect="num|no; end")
    (item,) = further_items(plan, "r")["q"]
    assert item.facts == (("tres",), ("num", "no"), ("end",))
    assert keys(plan, "q.csv") == {"q": ["q/c"]}


def refused(plan: Plan, *files: str, kind: type[TempkitError] = PromptError) -> str:
    with pytest.raises(kind) as caught:
        further_items(plan, "r", files)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_that_is_gone_is_named(write: Write) -> None:
    path = write("q.csv", ROWS)
    plan = planned("q.csv", asked=1)
    path.unlink()
    assert refused(plan) == "q.csv: not found; run r began with it, so go there or name the file"
    assert "gone.csv" in refused(plan, "gone.csv")


def test_a_database_of_somebody_else_reads_no_file_outside_of_the_folder(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("there/q.csv", ROWS)
    plan = planned(str(tmp_path / "there/q.csv"), asked=2)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    said = refused(plan, kind=UsageError)
    assert said.endswith(
        "/there/q.csv, which lies outside of the current folder; name the file if it is meant"
    )
    assert keys(plan, outside=True) == keys(plan, "../there/q.csv") == {"q": ["q/c"]}


def test_another_file_gives_the_only_prompt_questions_under_names_of_their_own(write: Write) -> None:
    write("q.csv", ROWS)
    write("more.csv", "question,id\nSix?,a\nTwo?,x\nSeven?,b\n")
    write("one.txt", "Eight?")
    plan = planned("q.csv")
    # The second is asked already, and asked once more it would count twice.
    assert keys(plan, "more.csv") == {"q": ["q/more-a", "q/more-b"]}
    assert keys(plan, "more.csv", "one.txt", "more.csv") == {"q": ["q/more-a", "q/more-b", "q/one"]}
    found = further_items(plan, "r", ["more.csv"])["q"]
    assert {item.prompt for item in found} == {"q"}
    grown = plan.grown((), {"q": found})
    assert keys(grown, "more.csv") == {"q": []}


def test_of_several_prompts_a_file_belongs_to_the_one_of_its_name(write: Write) -> None:
    write("q.csv", ROWS)
    write("z.csv", ROWS)
    write("new/z.csv", ROWS + "Four?,d,cuatro\n")
    write("other.csv", ROWS)
    plan = planned("q.csv", "z.csv", asked=2)
    assert keys(plan) == {"q": ["q/c"], "z": ["z/c"]}
    assert keys(plan, "new/z.csv") == {"z": ["z/c", "z/d"]}
    assert refused(plan, "other.csv", kind=UsageError) == (
        "other.csv: run r has several prompts (q, z), and none is named 'other'; give the file one of their names"
    )


def test_a_text_is_no_file(write: Write) -> None:
    write("q.csv", ROWS)
    plan = planned("q.csv")
    for text in ("And what is four?", "more.yaml"):
        assert (
            refused(plan, text, kind=UsageError)
            == f"{text!r} is not a file; further questions come from files"
        )
    assert refused(plan, "q.cvs") != ""


def test_what_was_typed_has_no_further_questions(write: Write) -> None:
    assert keys(planned("What is one?")) == {}
    write("q.csv", ROWS)
    assert keys(planned("What is one?"), "q.csv") == {
        "inline-1": ["inline-1/q-a", "inline-1/q-b", "inline-1/q-c"]
    }


def test_rows_of_data_are_named_in_the_file_for_further_questions(write: Write) -> None:
    template = "---\nname: s\n{more}inputs: {{q: {{type: string}}}}\n---\nuser:\nSay {{{{q}}}}\n"
    write("rows.csv", "id,q\na,one\n")
    own = "metadata: {tempkit: {data: rows.csv}}\n"
    write("s.prompty", template.format(more=own))
    plan = planned("s.prompty")
    write("s.prompty", template.format(more=""))  # as it is where --data named the rows
    write("rows.csv", "id,q\na,one\nb,two\n")
    with pytest.raises(PromptError) as caught:
        further_items(plan, "r", ("s.prompty",))
    assert str(caught.value) == (
        "s.prompty:3: no value for input 'q': run r keeps no rows of --data; name them in the file "
        "(metadata: {tempkit: {data: FILE.csv}}), or ask the further ones in a run of their own"
    )
    write("s.prompty", template.format(more=own))
    assert keys(plan, "s.prompty") == {"s": ["s/b"]}
