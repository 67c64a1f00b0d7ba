"""The noise floor that a probe found goes with every run, and into the report as a line."""

import json
from pathlib import Path

import pytest
from endpoint import MODEL, Endpoint, Switches
from endpoint_wire import in_process
from support import Cli

from tempkit.report import load_study, view
from tempkit.store import Store

NAME = f"openai:{MODEL}"


@pytest.mark.parametrize("rounding", ["always"])
def test_how_far_answers_differ_by_themselves_is_drawn_beside_how_alike_they_are(
    cli: Cli, tmp_path: Path, rounding: str
) -> None:
    switches = Switches(rounding=rounding)  # type: ignore[arg-type]
    with in_process(Endpoint(switches, seed=5)) as url:
        probed = json.loads(cli("probe", NAME, "--base-url", url, "--json").out)
        done = cli(
            "run",
            "Say it.",
            "-m",
            NAME,
            "--base-url",
            url,
            "-t",
            "0,1",
            "-n",
            "2",
            "--max-tokens",
            "300",
            "--logprobs",
            "0",
        )
    assert done.code == 0, done.err
    together = probed["determinism"]["together"]
    assert (together > 0) == (rounding == "always")
    with Store.open(str(tmp_path / "tempkit.db"), must_exist=True) as store:
        run = store.find_run("latest")
        (info,) = store.model_infos(run.id).values()
        assert info.details["noise_floor"]["together"] == together
        assert info.details["probe"]["temperature"] == "honoured"
        page = view([load_study(store, run)])
    marks = [
        mark
        for case in page["use_cases"]
        for group in case["figures"]["groups"]
        for chart in group["charts"]
        if chart["measure"] == "modal_share"
        for mark in chart["marks"]
    ]
    assert [mark["v"] for mark in marks if mark["r"] == "noise"] == [1 - together]
