"""What was decided in a line for each use case and model, for the end of a command whose subject is something else."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tempkit.cli.common import named_here, say, say_note
from tempkit.cli.progress import shown
from tempkit.cli.quiet import hint

if TYPE_CHECKING:
    from rich.text import Text

    from tempkit.decision import Decision
    from tempkit.store import RunRecord, Store

__all__ = ["decided_or_said_why_not", "say_headlines"]

_MOST = 12
"""Lines: more use cases and models are to be read about elsewhere."""


def decided_or_said_why_not(store: "Store", record: "RunRecord") -> "list[Decision]":
    """Measure a run and decide; where that cannot be done, say why on stderr and return nothing.

    The command has done its own work by then, which must not look like a failure because a model to measure with is away.

    Raises:
        Interrupted: The user did not want to wait for the measuring.
    """
    from tempkit.api import recommend
    from tempkit.errors import Interrupted, TempkitError

    try:
        with shown() as on_progress:
            return recommend(record, db=store, on_note=say_note, on_progress=on_progress)
    except TempkitError as e:
        say_note(f"warning: no temperature is chosen yet: {e}")
        return []
    except KeyboardInterrupt as e:
        raise Interrupted(
            f"measuring was interrupted; all answers are stored: go on with tempkit recommend {named_here(store, record)}"
        ) from e


def say_headlines(store: "Store", record: "RunRecord", found: "Sequence[Decision]") -> None:
    """Print a line for each decision: what to use, how well that is shown, and what it could cost."""
    from rich.text import Text

    from tempkit.api import undecided_hint

    if why := undecided_hint(found, named_here(store, record)):
        say(Text(why))
        return
    for each in found[:_MOST]:
        say(_headline(each, record.name))
    if len(found) > _MOST:
        hint(f"... and {len(found) - _MOST} more: tempkit recommend {named_here(store, record)}")


def _headline(found: "Decision", run: str) -> "Text":
    from rich.text import Text

    from tempkit.cli.decision_output import STYLES
    from tempkit.decision import named, words
    from tempkit.i18n import gettext as _

    said = words(found, run)
    line = Text(_("%(use_case)s on %(model)s") % {"use_case": named(found), "model": found.model} + ": ")
    line.append(said.verdict, style=f"bold {STYLES[found.grade]}")
    line.append(f"   {said.marks} {said.grade}", style=STYLES[found.grade])
    rest = " ".join((*said.first[:1], *said.risk[:1]))
    return line.append(f"   {rest}") if rest else line
