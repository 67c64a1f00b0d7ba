"""Numbers on the command line: read as in tables and files, so that `0_7` and `٣` are slips and not numbers."""

from typing import Any

import click

from tempkit.files import figure, hint, whole_figure

__all__ = ["NUMBER", "WHOLE", "AtLeast"]

_NO_FIGURES = ("nan", "inf", "infinity")


class _Number(click.types.FloatParamType):
    """A number; whoever asks for it says what is out of range, `nan` and `inf` among it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if figure(value) is None and str(value).strip().lower().lstrip("+-") not in _NO_FIGURES:
            self.fail(f"{value!r} is not a number{hint(value)}", param, ctx)
        return float(value)


class _Whole(click.types.IntParamType):
    """A whole number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        written = whole_figure(value)
        if written is None or "." in str(value):
            self.fail(f"{value!r} is not a whole number{hint(value)}", param, ctx)
        return written


class AtLeast(click.IntRange):
    """A whole number from a least one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(WHOLE.convert(value, param, ctx), param, ctx)


NUMBER = _Number()
WHOLE = _Whole()
