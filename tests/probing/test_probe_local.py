"""The probe on the bundled model: its estimate, its standard error, and the whole command."""

import json

import numpy as np
import pytest
from local_draws import drawn_from, z_scores
from support import Cli

pytestmark = [pytest.mark.engine, pytest.mark.one_core]

TEMPERATURES = (0.3, 0.5, 1.0, 1.5, 2.0)
REPEATS, EACH = 20, 16


def test_the_temperature_at_work_is_found_within_its_standard_error() -> None:
    lists, drawn = drawn_from(TEMPERATURES, REPEATS * EACH)
    z = np.concatenate([z_scores(lists, drawn[t], t, EACH) for t in TEMPERATURES])
    assert len(z) == len(TEMPERATURES) * REPEATS
    # Of 100, 93 % are to be expected at least, and a standard deviation of 1; the bounds leave room for chance three times in a thousand.
    assert (abs(z) <= 2).mean() >= 0.87
    assert 0.8 < z.std() < 1.2


def test_the_bundled_model_honours_the_temperature(cli: Cli) -> None:
    data = json.loads(cli("probe", "gguf:smollm2", "--json").out)
    assert data["temperature"]["status"] == "honoured"
    assert data["temperature"]["scale_seen"]
    assert (data["logprobs"]["kind"], data["logprobs"]["unsorted"]) == ("raw", False)
    assert (data["determinism"]["alone"], data["determinism"]["together"]) == (0, 0)
    assert data["seed"]["status"] == "honoured"
    assert {name: data["parameters"][name]["status"] for name in ("top_p", "top_k", "min_p")} == {
        "top_p": "taken",
        "top_k": "taken",
        "min_p": "taken",
    }
    assert data["requests"] <= 400
