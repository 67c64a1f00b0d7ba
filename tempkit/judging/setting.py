"""At which temperature a judge is asked: 0 where it takes that, else what it takes; never another one silently.

At 0 a judge is steadiest, but strong models have begun to refuse it, and a judge needs no 0: how steady it is gets measured.
"""

from dataclasses import dataclass

from tempkit.errors import ModelError
from tempkit.types import Capabilities

__all__ = ["Setting", "setting_of"]

_NEARLY_ZERO = 0.01
"""Where any temperature above 0 is taken, and 0 is not."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a judge is asked."""

    temperature: float | None
    """None: requests leave it out."""
    why: str = ""
    """Why that is not 0; empty where it is, or was asked for."""

    def __str__(self) -> str:
        at = "without a temperature" if self.temperature is None else f"at temperature {self.temperature:g}"
        return f"{at}: it {self.why}" if self.why else at


def setting_of(label: str, can: Capabilities, asked: float | None) -> Setting:
    """Return how a judge is asked.

    Args:
        label: The judge's.
        can: What it can be asked.
        asked: A temperature that somebody named; None: none.

    Raises:
        ModelError: It ignores the temperature that was named. What else it does not take, `check_plan` refuses.
    """
    since = f" ({can.source})" if can.source else ""
    if can.temperature == "ignored":
        if asked is not None:
            raise ModelError(f"{label} ignores the temperature{since}, {asked:g} too; leave out -t")
        return Setting(None, f"ignores the temperature{since}")
    if asked is not None:
        return Setting(asked)
    if can.temperature == "rejected" and 0 not in can.temperature_accepts:
        if not can.temperature_accepts:
            return Setting(None, f"takes none{since}")
        only = ", ".join(f"{t:g}" for t in can.temperature_accepts)
        return Setting(min(can.temperature_accepts), f"takes no temperature but {only}{since}")
    if can.temperature_min > 0:
        return Setting(can.temperature_min, f"takes none below {can.temperature_min:g}{since}")
    if not can.temperature_zero:
        return Setting(_NEARLY_ZERO, f"takes none of 0{since}")
    return Setting(0.0)
