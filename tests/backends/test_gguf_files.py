"""What a model's file brings along: a chat template that asks for the time, marks of thoughts, and answers nobody should trust."""

import asyncio
import io
import pickle
import re
import shutil
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tempkit.backends.gguf import GgufBackend, ipc
from tempkit.backends.gguf.engine import Engine, EngineDiedError
from tempkit.backends.gguf.model import LoadedModel
from tempkit.planning.experiment import parse_model
from tempkit.running.display.progress import SilentProgress
from tempkit.running.preparing import Limits, prepare
from tempkit.types import (
    Completion,
    Failure,
    Item,
    Message,
    ModelInfo,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    Scored,
    TokenLogprob,
)

pytestmark = pytest.mark.one_core

ASKING = "{% for m in messages %}{{ strftime_now('%d %b %Y %H:%M:%S') }} {{ m.content }}{% endfor %}"
MESSAGES = [Message("user", "What day is it?")]
PAST = datetime.fromisoformat("2019-07-26T10:20:30+02:00")


def patched(bundled: Path, path: Path, changes: Mapping[bytes, bytes]) -> Path:
    """Write the bundled model with some bytes of its file replaced by as many others."""
    data = bundled.read_bytes()
    for old, new in changes.items():
        assert len(old) == len(new)
        assert old in data
        data = data.replace(old, new, 1)
    path.write_bytes(data)
    return path


@pytest.fixture(scope="module")
def asking(bundled_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model with a chat template that asks for the time."""
    spec = parse_model("gguf:smollm2")
    loaded = LoadedModel(spec, str(bundled_gguf), 0)
    own = loaded.meta["tokenizer.chat_template"].encode()
    loaded.close()
    other = ASKING.encode() + b"{#" + b" " * (len(own) - len(ASKING) - 4) + b"#}"
    return patched(bundled_gguf, tmp_path_factory.mktemp("asking") / "asking.gguf", {own: other})


def plan_for(path: Path) -> Plan:
    item = Item(key="p/a", prompt="p", messages=tuple(MESSAGES))
    return Plan(
        name="p",
        prompts=(Prompt(name="p", items=(item,)),),
        models=(parse_model(f"gguf:{path}"),),
        temperatures=(0.0,),
        repeat=1,
        seed=1,
        sampling={"p": SamplingParams(max_tokens=2, logprobs=0)},
    )


def found(plan: Plan, before: Mapping[str, ModelInfo] | None = None) -> dict[str, ModelInfo]:
    async def main() -> dict[str, ModelInfo]:
        prepared = await prepare(plan, Limits(), SilentProgress(), before)
        await prepared.close()
        return dict(prepared.infos)

    return asyncio.run(main())


class TestTheTimeThatATemplateIsTold:
    def test_it_is_the_same_for_every_prompt_and_is_recorded(self, asking: Path) -> None:
        loaded = LoadedModel(parse_model("gguf:smollm2"), str(asking), 0, PAST)
        spelled = b"".join(loaded.piece(token, special=True) for token in loaded.prompt_tokens(MESSAGES))
        assert spelled == b"26 Jul 2019 10:20:30 What day is it?"
        assert loaded.details()[ipc.TIME_TOLD] == "2019-07-26T10:20:30+02:00"
        loaded.close()

    def test_without_another_it_is_that_of_loading_and_does_not_go_on(self, asking: Path) -> None:
        loaded = LoadedModel(parse_model("gguf:smollm2"), str(asking), 0)
        told = datetime.fromisoformat(loaded.details()[ipc.TIME_TOLD])
        assert abs(datetime.now().astimezone() - told) < timedelta(minutes=5)
        spelled = b"".join(loaded.piece(token, special=True) for token in loaded.prompt_tokens(MESSAGES))
        assert spelled.decode().startswith(told.strftime("%d %b %Y %H:%M:%S"))
        loaded.close()

    def test_a_run_that_goes_on_tells_it_again(self, asking: Path) -> None:
        plan = plan_for(asking)
        (label,) = (model.label for model in plan.models)
        began = found(plan)
        earlier = {**began[label].details, ipc.TIME_TOLD: PAST.isoformat()}
        again = found(plan, {label: ModelInfo(digest=began[label].digest, details=earlier)})
        assert again[label].details == earlier

    def test_where_no_template_asks_nothing_is_recorded(self, bundled_gguf: Path) -> None:
        assert all(ipc.TIME_TOLD not in info.details for info in found(plan_for(bundled_gguf)).values())


def test_control_tokens_that_mark_thoughts_are_written_and_others_are_not(
    bundled_gguf: Path, tmp_path: Path
) -> None:
    path = patched(
        bundled_gguf, tmp_path / "m.gguf", {b"<filename>": b"<unused94>", b"<gh_stars>": b"<unused95>"}
    )
    loaded = LoadedModel(parse_model("gguf:smollm2"), str(path), 0)
    tokens = loaded._tokenise(
        "<unused94>thought\nhm<unused95>Blue.<|im_end|>", add_special=False, parse_special=True
    )
    spelled = b"".join(loaded.piece(token, special=False) for token in tokens)
    assert spelled == b"<unused94>thought\nhm<unused95>Blue."
    assert "".join(loaded.text(token, special=False) for token in tokens) == spelled.decode()
    loaded.close()
    plain = LoadedModel(parse_model("gguf:smollm2"), str(bundled_gguf), 0)
    (name,) = plain._tokenise("<filename>", add_special=False, parse_special=True)
    assert plain.piece(name, special=False) == b""
    plain.close()


@pytest.mark.parametrize(
    ("prompt", "mark"),
    [("Assistant: <think>\n", "<think>"), ("Assistant:", ""), ("<think>\n\n</think>\n\n", ""), ("", "")],
)
def test_thoughts_that_a_prompt_begins_are_seen_at_its_end(
    prompt: str, mark: str, bundled_gguf: Path
) -> None:
    loaded = LoadedModel(parse_model("gguf:smollm2"), str(bundled_gguf), 0)
    assert loaded.thoughts_begun(loaded.plain_tokens(prompt)) == mark
    loaded.close()


class Evil:
    """What a process that was taken over might answer."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("/tmp/never"),))


class TestAnswersOfTheEngine:
    def test_every_kind_of_answer_comes_through_as_it_was(self) -> None:
        key = SampleKey("p/a", "m", 0.5, 1)
        token = TokenLogprob("a", -0.5, 1.0, 0, (("a", -0.5), ("b", float("-inf"))), 7, 0.25)
        completion = Completion(
            key=key,
            seed=1,
            text="a",
            finish_reason="stop",
            temperature_sent=0.5,
            params={"stop": ["x"], "top_p": 1.0},
            tokens=(token,),
        )
        failure = Failure(key=key, kind="decode", message="m")
        for answer in (
            ipc.Loaded({"n_ctx": 5, "engine": "e"}),
            ipc.Refused("no"),
            ipc.Step([key], [("m", 0.5, 1)], [completion, failure]),
            ipc.Scores([Scored(index=0, tokens=(token,))]),
            ipc.Embedded([[0.5, 0.25]], [1], None),
            ipc.Done(ipc.EngineStats(tokens=3)),
        ):
            packed = ipc.pack(answer)
            assert ipc.body_size(packed[: ipc.HEADER.size]) == len(packed) - ipc.HEADER.size
            assert ipc.unpack(packed[ipc.HEADER.size :]) == answer

    @pytest.mark.parametrize(
        "strange",
        [
            Evil(),
            sys.exit,
            Path("/"),
            io.BytesIO,
            datetime(2020, 1, 1),
            ipc.Run([]),
            {"a": 1},
            "text",
            ipc.Loaded({"a": Evil()}),
            ipc.Step([], [], [re.compile("a")]),
        ],
        ids=lambda each: type(each).__name__,
    )
    def test_nothing_else_is_ever_made(self, strange: object) -> None:
        data = pickle.dumps(strange)
        with pytest.raises(ipc.StrangeAnswerError):
            ipc.unpack(data)
        assert not Path("/tmp/never").exists()

    @pytest.mark.parametrize(
        "data", [b"", b"\x80\x05", b"{}", b"\x80\x05\x8c\xff", b"cos\nsystem\n(S'x'\ntR."]
    )
    def test_bytes_that_are_no_answer_are_said_to_be_none(self, data: bytes) -> None:
        with pytest.raises(ipc.StrangeAnswerError):
            ipc.unpack(data)

    def test_an_answer_larger_than_any_is_not_waited_for(self) -> None:
        with pytest.raises(ipc.StrangeAnswerError, match="none of the engine's"):
            ipc.body_size(ipc.HEADER.pack(2**40))

    def test_an_engine_that_answers_something_else_is_ended(self) -> None:
        script = f"import sys,time; sys.stdout.buffer.write({ipc.pack({'a': 1})!r}); sys.stdout.flush(); time.sleep(600)"

        async def main() -> int:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                script,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            engine = Engine(process, io.BytesIO())
            with pytest.raises(EngineDiedError, match="cannot be read"):
                async for _ in engine.ask(ipc.Score([], 1)):
                    pass
            await engine.close()
            return process.returncode or 0

        assert asyncio.run(main()) < 0


def test_one_engine_that_cannot_be_closed_keeps_no_other_from_it(bundled_gguf: Path, tmp_path: Path) -> None:
    shutil.copy(bundled_gguf, tmp_path / "other.gguf")
    models = [parse_model("gguf:smollm2"), parse_model(f"gguf:{tmp_path / 'other.gguf'}")]

    async def main() -> None:
        backend = GgufBackend(concurrency=1)
        for model in models:
            await backend.prepare(model)
        first, second = backend._engines.values()
        log, first._log = first._log, None  # so that closing it fails at its end
        with pytest.raises(AttributeError):
            await backend.close()
        log.close()
        assert second._process.returncode is not None
        assert not backend._engines

    asyncio.run(main())
