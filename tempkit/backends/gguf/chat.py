"""A model's own chat template, which anybody may have written into its file: it runs under limits."""

from collections.abc import Sequence
from datetime import datetime

from tempkit.errors import ModelError, one_line
from tempkit.sandbox import Answer, helper, why
from tempkit.text import LONE_SURROGATE, NO_CHARACTER
from tempkit.types import Message

__all__ = ["CLOCK", "ChatTemplate"]

CLOCK = "strftime_now"
"""What a template calls to be told the time."""


_MOST_OVERS = 3
"""So many conversations may go over the limits before the others are not tried."""


class ChatTemplate:
    """A compiled chat template.

    Args:
        template: Jinja2, from the model's file.
        bos: How the beginning-of-text token is written; empty where there is none.
        eos: The same of the end-of-text token.

    Raises:
        ModelError: It does not compile.
    """

    def __init__(self, template: str, bos: str, eos: str) -> None:
        self._common = {"template": template, "bos": bos, "eos": eos}
        self._overs = 0
        (answer,) = helper().run("tempkit.sandbox.chat_templates:compiling", None, [template])
        _checked(answer, "does not compile")

    def prompt(self, messages: Sequence[Message], now: datetime | None = None) -> str:
        """Return a conversation as the model reads it.

        Args:
            messages: The conversation.
            now: The time to tell a template that asks for it; None: the present one.

        Raises:
            ModelError: The template refuses the conversation (some models take no system message), or goes over a limit.
        """
        common = {**self._common, "now": (now or datetime.now().astimezone()).isoformat()}
        turns = [{"role": m.role, "content": m.content} for m in messages]
        left = _MOST_OVERS - self._overs
        (answer,) = helper().run(
            "tempkit.sandbox.chat_templates:writing", common, [turns], give_up_after=left
        )
        self._overs += answer.over not in (None, "untried")
        text = _checked(answer, "refuses this conversation")
        if LONE_SURROGATE.search(text):
            raise ModelError(f"the model's chat template writes {NO_CHARACTER}, which is no character")
        return text


def _checked(answer: Answer, fault: str) -> str:
    """Return what came.

    Raises:
        ModelError: Nothing did.
    """
    if answer.over is not None:
        where = "" if answer.line is None else f" (at its line {answer.line})"
        raise ModelError(
            f"the model's chat template {why(answer.over)}{where}; take the model's file from somewhere else"
        )
    if answer.fault is not None:
        raise ModelError(f"the model's chat template {fault}: {one_line(answer.fault)}")
    return str(answer.value)
