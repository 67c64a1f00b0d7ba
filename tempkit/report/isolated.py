"""Draw with the templates of somebody's own folder: in a process of its own, under limits of time and memory."""

import base64
import pickle
from collections.abc import Sequence
from typing import Any, Self

from markupsafe import Markup

from tempkit.errors import ReportError
from tempkit.i18n import current
from tempkit.report.theme import RESERVED, Own
from tempkit.sandbox import MEMORY, SECONDS, Answer, Helper, why

__all__ = ["Apart"]

_START_S = 60.0
"""For what is ours, such as reading a language's catalogue, on the slowest machine."""
_BYTES_A_SECOND = 1_000_000
"""Of data that a page is drawn from: a fifth of what our own templates draw."""
_COPIES = 12
"""Times the data's size that they take in the other process, at most."""


class Apart:
    """The folder's templates in their process. Close it afterwards."""

    def __init__(self, own: Own) -> None:
        self._own = own
        self._helper = Helper()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._helper.close()

    def draw(self, name: str, values: Any) -> str:
        """Return a template's text.

        Raises:
            ReportError: A template of the folder is broken, takes too long or too much; the message names it.
        """
        return self._drawn(name, None, [values])[0]

    def macro(self, name: str, template: str, calls: Sequence[tuple[Any, ...]]) -> list[Markup]:
        """Return what a macro of a template makes of each of some arguments.

        Raises:
            ReportError: As `draw` does; or there is no such macro.
        """
        return [Markup(text) for text in self._drawn(template, name, calls)]  # noqa: S704 - escaped by the template

    def _drawn(self, template: str, macro: str | None, calls: Sequence[Any]) -> list[str]:
        if not calls:
            return []
        data = base64.b64encode(pickle.dumps(list(calls))).decode("ascii")
        common = {
            "template": template,
            "macro": macro,
            "folder": str(self._own.folder),
            "files": self._own.files,
            "lang": current().code,
            "calls": data,
        }
        self._helper.allow(MEMORY + _COPIES * len(data))
        self._checked(
            self._helper.run(
                "tempkit.sandbox.report_templates:ready", current().code, [None], seconds=_START_S
            )
        )
        seconds = max(SECONDS, len(data) / len(calls) / _BYTES_A_SECOND)
        texts = self._checked(
            self._helper.run(
                "tempkit.sandbox.report_templates:drawing",
                common,
                range(len(calls)),
                seconds=seconds,
                give_up_after=1,
            ),
            seconds,
        )
        if template.endswith(".html.j2"):
            for text in texts:
                _refuse_reserved(text, self._own)
        return texts

    def _checked(self, answers: Sequence[Answer], seconds: float = _START_S) -> list[str]:
        for answer in answers:
            if answer.fault is not None:
                raise ReportError(answer.fault)
            if answer.over is not None:
                said = why(answer.over, round(seconds, 1), self._helper.memory)
                raise ReportError(
                    f"{answer.place or self._own.folder}: drawing the report {said}; make the templates of this folder "
                    "simpler, or leave out --templates"
                )
        return [str(answer.value) for answer in answers]


def _refuse_reserved(text: str, own: Own) -> None:
    """Refuse a tag that is not for templates, however it was put together."""
    if found := RESERVED.search(text):
        raise ReportError(
            f"{own.folder}: the templates of this folder write {found[0]}, which is not for them: a report's policy, "
            "styles and scripts stand around what they draw; take it out"
        )
