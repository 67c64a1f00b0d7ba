"""How imported answers ended, by whatever name their table has for it, and their thoughts."""

from pathlib import Path

import pytest

from tempkit.interchange.imports.import_run import import_table
from tempkit.store import Store
from tempkit.types import Completion


def imported(tmp_path: Path, table: str) -> list[Completion]:
    path = tmp_path / "t.csv"
    path.write_text(table)
    with Store.open(tmp_path / "t.db") as store:
        run = import_table(store, path).run
        return list(store.completions(run.id))


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("stop", "stop"),
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("MAX_TOKENS", "length"),
        ("content_filter", "content_filter"),
        ("SAFETY", "content_filter"),
        ("refusal", "refusal"),
        ("tool_use", "tool_calls"),
        ("unstated", "unstated"),
        ("unknown", "unknown"),
        ("surprise", "unknown"),
        ("error", "unknown"),
        ("", "unstated"),
    ],
)
def test_an_end_by_any_name(said: str, end: str, tmp_path: Path) -> None:
    (one,) = imported(tmp_path, f"item,model,temperature,text,finish_reason\na,m,0,blue,{said}\n")
    assert (one.text, one.finish_reason) == ("blue", end)


def test_a_table_that_says_nothing_of_ends_is_taken_as_whole(tmp_path: Path) -> None:
    (one,) = imported(tmp_path, "item,model,temperature,text\na,m,0,blue\n")
    assert one.finish_reason == "unstated"


def test_thoughts_in_an_imported_text_are_apart(tmp_path: Path) -> None:
    thought, plain = imported(
        tmp_path, 'item,model,temperature,text\na,m,0,"<think>\nred?\n</think>\n\nblue"\na,m,0,`<think>`\n'
    )
    assert (thought.text, thought.thinking) == ("blue", "red?")
    assert (plain.text, plain.thinking) == ("`<think>`", None)
