"""The probe against every kind of endpoint: what is wrong with it is found, and nothing is said that is not so.

A seed of each kind; `benchmarks/probe.py` does the same with a hundred, and its figures are in docs/probe.md.
"""

import asyncio

import pytest
from endpoint import MODEL
from endpoint_battery import endpoint_of, facts, try_probe
from endpoint_expected import Kind
from endpoint_kinds import KINDS
from endpoint_pairs import PAIRS, try_pair
from endpoint_wire import Served

from tempkit.planning.experiment import parse_model
from tempkit.probing import probe_model

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_what_it_tells_of(kind: Kind) -> None:
    probed = try_probe(kind, seed=1)
    assert (probed.missed, probed.alarms) == ({}, {})
    assert probed.requests <= 400


@pytest.mark.parametrize("name", PAIRS)
def test_whether_two_endpoints_have_one_model(name: str) -> None:
    compared = try_pair(name, seed=1)
    assert compared.right, compared
    assert compared.requests <= 400


def test_over_http_it_finds_the_same() -> None:
    (kind,) = (kind for kind in KINDS if kind.name == "clamps T at 1")
    with Served(endpoint_of(kind, 1)) as served:
        model = parse_model(f"openai:{MODEL}", options={"base_url": served.base_url})
        found = facts(asyncio.run(probe_model(model)).as_data())
    in_this_process = try_probe(kind, 1).found
    assert found == {**in_this_process, "limit": pytest.approx(in_this_process["limit"])}
