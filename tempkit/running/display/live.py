"""The live table on a terminal: one row per model and temperature, redrawn four times a second."""

from collections.abc import Collection
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tempkit.running.display.tally import Tally, duration, money
from tempkit.types import Outcome, Plan, SampleKey

__all__ = ["LiveProgress"]

_BATCHES = 4
"""The most batches to show, the newest."""
_NUMBERS = {"T": 4, "samples": 9, "failed": 6, "tokens": 7}
"""Columns of numbers, with the room that each has at least."""
_BAR, _LEAST_BAR, _LEAST_NAME = 24, 6, 10


class LiveProgress:
    """Rich does the drawing; it honours NO_COLOR and the terminal's width by itself."""

    def __init__(self, out: TextIO) -> None:
        self._console = Console(file=out, highlight=False)
        self._tally: Tally | None = None
        self._live: Live | None = None
        self._batches: dict[str, str] = {}
        """By tag, how each batch stands."""

    def begin(self, plan: Plan, done: Collection[SampleKey]) -> None:
        self._tally = Tally(plan, done)
        self._live = Live(get_renderable=self._draw, console=self._console, refresh_per_second=4)
        self._live.start()

    def tokens(self, model: str, temperature: float, count: int) -> None:
        if self._tally:
            self._tally.cells[model, temperature].tokens += count

    def outcome(self, outcome: Outcome) -> None:
        if self._tally:
            self._tally.add(outcome)

    def batch(self, tag: str, how: str) -> None:
        self._batches[tag] = how

    def note(self, text: str) -> None:
        self._console.print(Text(text))

    def end(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _draw(self) -> Group:
        tally = self._tally
        if tally is None:
            return Group()
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        numbers = {**_NUMBERS, "T": max(_NUMBERS["T"], *(len(f"{t:g}") for _, t in tally.cells))}
        spare = self._console.width - sum(numbers.values()) - 2 * len(numbers)
        # Names have temperatures in them, so they are folded; where there is hardly room for any, rows come before names.
        fold = spare >= _LEAST_NAME
        table.add_column("model", overflow="fold" if fold else "ellipsis", no_wrap=not fold)
        for name, width in numbers.items():
            table.add_column(name, justify="right", no_wrap=True, min_width=width)
        names = max(cell_len(model) for model, _ in tally.cells)
        bar = min(_BAR, spare - names - 2)
        if bar >= _LEAST_BAR:
            table.add_column("", width=bar)
        batches = [Text(how, overflow="ellipsis", no_wrap=True) for how in self._batches.values()][-_BATCHES:]
        room = max(3, self._console.height - 6 - len(batches))
        cells = list(tally.cells.items())
        if len(cells) > room:  # unfinished rows matter most when not all fit
            cells = sorted(cells, key=lambda c: c[1].done >= c[1].planned)[:room]
        previous = None
        for (model, temperature), cell in cells:
            row: list[str | Text] = [
                "" if model == previous else Text(model),
                f"{temperature:g}",
                f"{cell.done}/{cell.planned}",
                Text(str(cell.failed), style="red") if cell.failed else "",
                f"{cell.tokens}" if cell.tokens else "",
            ]
            drawn = ProgressBar(total=cell.planned, completed=cell.done, width=bar)
            table.add_row(*row, *([drawn] if bar >= _LEAST_BAR else []))
            previous = model
        if len(tally.cells) > len(cells):
            table.add_row(f"… {len(tally.cells) - len(cells)} more")
        left = tally.seconds_left() if tally.done < tally.planned else None
        eta = f" · about {duration(left)} left" if left is not None else ""
        so_far = f"{tally.done}/{tally.planned} samples · {tally.tokens_per_s:.0f} tokens/s"
        return Group(table, *batches, Text(f"{so_far}{money(tally.cost_usd, ' · ')}{eta}"))
