"""What a probe has asked of a model about temperature."""

from dataclasses import dataclass, field

from tempkit.probing.kinds import KindFound
from tempkit.probing.opening import Scouted
from tempkit.probing.rows import Rows, rows_of
from tempkit.types import Completion

__all__ = ["Drawn"]


@dataclass(slots=True)
class Drawn:
    """What was asked."""

    scouted: Scouted
    answers: dict[float, list[Completion]] = field(default_factory=dict)
    """By temperature."""
    kind: KindFound = field(default_factory=lambda: KindFound("none"))
    asked: int = 0
    """Alternatives per token that were asked for."""

    @property
    def everything(self) -> list[Completion]:
        """All answers; where nothing was drawn, those that only tried which temperatures are taken."""
        return [each for some in self.answers.values() for each in some] or list(
            self.scouted.answers.values()
        )

    def rows(self, temperature: float) -> Rows:
        return rows_of(self.answers.get(temperature, []), self.asked)
