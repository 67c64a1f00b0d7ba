"""Backends that have faults of their own: they end the run or not, are named, and cost nothing that is stored."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from pathlib import Path

import pytest
from endings import Stored, slow_run, stored
from support import Cli

from tempkit.backends.protocol import TokenListener
from tempkit.backends.scripted import ScriptedBackend
from tempkit.types import Outcome, Sweep

WHOLE = ScriptedBackend.run


@pytest.mark.parametrize(
    "fault",
    [
        KeyError("choices"),
        IndexError("list index out of range"),
        RecursionError(),
        OSError(5, "odd"),
        ZeroDivisionError(),
    ],
)
def test_a_fault_of_a_backend_ends_the_run_and_names_the_backend(
    fault: Exception, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def faulty(
        self: ScriptedBackend, sweeps: Iterable[Sweep], on_tokens: TokenListener
    ) -> AsyncGenerator[Outcome, None]:
        count = 0
        async with aclosing(WHOLE(self, sweeps, on_tokens)) as outcomes:
            async for outcome in outcomes:
                if count == 7:
                    raise fault
                yield outcome
                count += 1

    with monkeypatch.context() as patch:
        patch.setattr(ScriptedBackend, "run", faulty)
        done = cli(*slow_run(delay_ms=0))
    assert done.code == 1
    error = done.err.splitlines()[-1]
    assert error.startswith(
        f"error: the backend tempkit.backends.scripted.ScriptedBackend has a fault: {type(fault).__name__}"
    )
    assert "Traceback" not in done.err
    assert stored(tmp_path / "tempkit.db") == Stored("interrupted", 7, 0)
    assert cli("run", "--resume", "latest").code == 0
    assert stored(tmp_path / "tempkit.db") == Stored("finished", 20, 0)


def test_a_backend_that_cannot_be_closed_does_not_change_how_the_run_ended(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck(self: ScriptedBackend) -> None:
        raise RuntimeError("the door is stuck")

    monkeypatch.setattr(ScriptedBackend, "close", stuck)
    done = cli(*slow_run(delay_ms=0))
    assert done.code == 0
    assert "warning: not everything could be closed: scripted: RuntimeError: the door is stuck\n" in done.err
    assert stored(tmp_path / "tempkit.db") == Stored("finished", 20, 0)


def test_what_nobody_was_prepared_for_is_one_line_and_a_traceback_only_where_asked_for(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    assert cli(*slow_run(delay_ms=0)).code == 0
    monkeypatch.setattr("tempkit.api.measuring.bring_up_to_date", broken)
    done = cli("recommend")
    assert done.code == 1
    assert done.err.startswith("error: this should not happen: ZeroDivisionError: division by zero (")
    assert done.err.count("\n") == 1
    with pytest.raises(ZeroDivisionError):
        cli("--debug", "recommend")
