"""The options of a local model, and the plan of its cache."""

import ctypes
import re

import llama_cpp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tempkit.backends.gguf.context import Context
from tempkit.backends.gguf.files import find_model_file
from tempkit.backends.gguf.memory import CachePlan, Need, available_memory, plan_cache, plan_caches
from tempkit.backends.gguf.model import LoadedModel
from tempkit.backends.gguf.settings import CACHE_TYPES, Settings, parse_size, read_settings
from tempkit.errors import UsageError
from tempkit.planning.experiment import parse_model

KNOWN = "n_threads, n_gpu_layers, n_ctx, parallel, memory, flash_attn, kv_unified, cache_type, truncate_first"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 2}, f"unknown option 'threads' (did you mean 'n_threads'?); known: {KNOWN}"),
        ({"parallel": 0}, "option parallel must be from 1 to 255, not 0"),
        ({"n_ctx": 1}, "option n_ctx must be from 2 to 2147483647, not 1"),
        ({"n_threads": "two"}, "option n_threads must be a whole number, not 'two'"),
        ({"flash_attn": 1}, "option flash_attn must be true or false, not 1"),
        ({"memory": "much"}, "option memory must be a size such as 2GB or 512MiB, not 'much'"),
        ({"memory": "-1"}, "option memory must be a size such as 2GB or 512MiB, not '-1'"),
        ({"memory": True}, "option memory must be text, not True"),
        (
            {"cache_type": "q8"},
            "option cache_type must be one of f32, f16, q8_0, q4_0, not 'q8' (did you mean 'q8_0'?)",
        ),
        (
            {"cache_type": "q8_0", "flash_attn": False},
            "cache_type q8_0 needs flash attention; leave out flash_attn: false",
        ),
    ],
)
def test_wrong_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as error:
        read_settings(parse_model("gguf:smollm2", options=options))
    assert str(error.value) == f"gguf:smollm2: {message}"


def test_options_in_the_model_string() -> None:
    model = parse_model("gguf:smollm2,n_threads=3,flash_attn=false,memory=2GB,label=mine")
    assert (model.id, model.label) == ("gguf:smollm2", "mine")
    settings = read_settings(model)
    assert (settings.n_threads, settings.flash_attn, settings.memory) == (3, False, 2_000_000_000)


def test_a_comma_in_a_name_is_no_option() -> None:
    assert parse_model("gguf:/models/a,b=C.gguf").options == {"b": "C.gguf"}
    assert parse_model("gguf:/models/a, b.gguf").name == "/models/a, b.gguf"


def test_a_key_in_the_model_string_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as error:
        parse_model("openai:m,api_key=sk-123")
    assert "sk-123" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("2GB", 2 * 10**9),
        ("2g", 2 * 10**9),
        ("1.5 MiB", 1572864),
        ("10kb", 10_000),
        ("1TiB", 2**40),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text, "x") == size


NEEDS = st.lists(
    st.builds(Need, prompt=st.integers(1, 3000), new=st.integers(1, 500), places=st.integers(1, 100)),
    min_size=1,
    max_size=8,
)


@given(NEEDS, st.integers(0, 10**9), st.sampled_from([None, True, False]), st.integers(1, 255))
def test_no_plan_exceeds_its_budget_and_every_sweep_is_in_one(
    needs: list[Need], budget: int, unified: bool | None, parallel: int
) -> None:
    settings = Settings(n_threads=1, kv_unified=unified, parallel=parallel)
    planned = plan_caches(needs, settings, budget, 23040, 786432)
    assert sorted(i for _, members in planned for i in members) == list(range(len(needs)))
    for plan, members in planned:
        if plan.width:
            assert plan.n_bytes <= budget
            assert plan.width <= min(parallel, sum(needs[i].places for i in members))
            assert unified is None or plan.unified == unified
            for i in members:  # the longest sample fits beside the prompt that was read last
                assert plan.cells >= needs[i].prompt + needs[i].new
        else:
            assert plan.n_bytes > budget


def test_a_long_prompt_does_not_make_the_cache_narrow_for_the_others() -> None:
    needs = [Need(100, 100, 30)] * 4 + [Need(7000, 100, 30)]
    settings = Settings(n_threads=1, kv_unified=False)
    planned = plan_caches(needs, settings, 500_000_000, 23040, 0)
    assert [(members, plan.width) for plan, members in planned] == [([0, 1, 2, 3], 64), ([4], 2)]


def test_prompts_share_a_cache_when_separate_ones_do_not_fit() -> None:
    needs, settings = [Need(4000, 100, 60)], Settings(n_threads=1)
    roomy = plan_cache(needs, settings, 10**10, 23040, 0)
    tight = plan_cache(needs, settings, 600_000_000, 23040, 0)
    assert (roomy.unified, roomy.width) == (False, 60)
    assert (tight.unified, tight.width) == (True, 60)


@pytest.mark.parametrize("unified", [True, False])
def test_more_memory_is_never_a_narrower_cache(unified: bool) -> None:
    needs, settings = [Need(900, 100, 60)], Settings(n_threads=1, kv_unified=unified)
    widths = [plan_cache(needs, settings, budget, 23040, 0).width for budget in range(0, 2 * 10**9, 10**7)]
    assert widths == sorted(widths)
    assert (widths[0], widths[-1]) == (0, 60)


@pytest.mark.parametrize("cache_type", CACHE_TYPES)
def test_the_planned_bytes_are_what_llama_cpp_allocates(cache_type: str) -> None:
    """llama.cpp's own log says how large its cache is."""
    lines: list[str] = []

    @llama_cpp.llama_log_callback
    def log(_level: int, text: bytes, _data: object) -> None:
        lines.append(text.decode("utf-8", "replace"))

    model = parse_model("gguf:smollm2", options={"cache_type": cache_type})
    loaded = LoadedModel(model, str(find_model_file(model)), 0)
    llama_cpp.llama_log_set(log, ctypes.c_void_p(0))
    planned = 4 * 512 * loaded.cell_bytes(CACHE_TYPES[cache_type])
    try:
        Context(loaded, CachePlan(3, 4 * 512, False, 0), 4, 3, read_settings(model)).close()
    finally:
        loaded.restore_log()
        loaded.close()
    sizes = re.findall(r"KV buffer size = +([\d.]+) MiB", "".join(lines))
    assert sum(map(float, sizes)) * 2**20 == pytest.approx(planned, rel=0.001)


def test_free_memory_is_a_number_of_bytes() -> None:
    assert 10**8 < available_memory() < 10**14
