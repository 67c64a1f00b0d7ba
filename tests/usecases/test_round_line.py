"""What `choose` prints of a round says the same number as the card that follows."""

import re

import pytest
from decisions_by_hand import decision, row
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tempkit.api.choice_result import RoundDone
from tempkit.cli.choose_output import round_line
from tempkit.decision.prose.risk import risk


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(upper=st.floats(0.001, 0.9), unit=st.sampled_from(["share", "ideas"]))
@example(upper=0.0714, unit="share")
def test_the_bound_is_the_cards(capsys: pytest.CaptureFixture[str], upper: float, unit: str) -> None:
    rows = (row(0.0, 0.5, upper, "within"), row(1.0, 0.4, 0.95, "open"))
    found = decision(*rows, pick=0.0, grade="likely", unit=unit)
    done = RoundDone(
        number=2, use_case="", decisions=(found,), leader=found, grade="likely", dropped=(), samples=0, seconds=None, usd=None, stopped="shown",
    )  # fmt: skip
    round_line(done, quiet=False)
    (line,) = re.findall(r"at most (.*?) behind", capsys.readouterr().err)
    (card,) = re.findall(r"At most (.*?) behind", " ".join(risk(found)))
    assert line == card
