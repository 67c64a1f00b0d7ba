"""What a run's refusals tell of a model that nobody has probed."""

from collections.abc import Collection, Sequence
from datetime import date

from tempkit.errors import one_line
from tempkit.probing.opening import names_temperature
from tempkit.probing.result import Logprobs, ProbeResult, Temperature
from tempkit.types import Failure

__all__ = ["refusal_result"]


def refusal_result(model: str, failures: Sequence[Failure], taken: Collection[float]) -> ProbeResult | None:
    """Return what refusals show, None where they do not show that the temperature is rejected.

    Args:
        model: `backend:name`.
        failures: How samples of it failed.
        taken: Temperatures at which it answered.
    """
    # One that was not sent repeats another's words, behind ours.
    named = [
        each
        for each in failures
        if each.attempts and names_temperature(each) and not each.message.startswith("not sent")
    ]
    refused = {each.key.temperature for each in named} - set(taken)
    if not refused or sum(t > 0 for t in taken) > 1:
        return None
    only = ", ".join(f"{t:g}" for t in sorted(taken))
    why = f"a run was refused every temperature but {only}" if only else "a run was refused every temperature"
    return ProbeResult(
        model=model,
        temperature=Temperature(
            status="rejected",
            why=why,
            by="refusals",
            scale_seen=False,
            accepts=tuple(sorted(taken)),
            refused=tuple(sorted(refused)),
            says=one_line(named[0].message),
        ),
        logprobs=Logprobs(kind="unknown"),
        requests=len(failures),
        date=date.today().isoformat(),
    )
