"""tempkit's command line in a hurry, with OpenAI's own address on loopback; run by itself, it is a process that can be killed."""

import dataclasses
import functools
import sys
from collections.abc import Callable

from tempkit.backends.openai import presets
from tempkit.backends.remote import Policy, batch_polling, model_session
from tempkit.cli import main


def hurry(most: int, change: Callable[[object, str, object], None]) -> None:
    """Change what must be otherwise here, and let OpenAI take at most so many requests in a batch."""
    preset = presets._presets()["openai"]
    assert preset.batch is not None
    changed = dataclasses.replace(preset, batch=dataclasses.replace(preset.batch, requests=most))
    found = {**presets._presets(), "openai": changed}
    change(presets, "_presets", lambda: found)
    change(presets, "_OFFICIAL", "127.0.0.1")
    change(batch_polling, "PACE", batch_polling.Pace(first_s=0.05, longest_s=0.2, settle_s=0.3))
    change(model_session, "Policy", functools.partial(Policy, first_delay_s=0.02))


if __name__ == "__main__":
    hurry(int(sys.argv[1]), setattr)
    main(sys.argv[2:])
