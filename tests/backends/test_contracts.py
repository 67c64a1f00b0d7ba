"""The backend contract over every backend, each against the real thing."""

from collections.abc import Iterator

import pytest

from tempkit.planning.experiment import parse_model
from tempkit.testing import BackendContract


class TestScripted(BackendContract):
    model = parse_model("scripted:words")


@pytest.mark.engine
@pytest.mark.one_core
class TestGguf(BackendContract):
    model = parse_model("gguf:smollm2")


class TestOpenAI(BackendContract):
    """Against llama.cpp's own server."""

    model = parse_model(
        "openai:smollm2", options={"base_url": "http://127.0.0.1:1/v1", "api_key_env": "LLAMA_KEY"}
    )

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _server(cls, llama_server) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LLAMA_KEY", llama_server.key)
            options = {"base_url": llama_server.base_url, "api_key_env": "LLAMA_KEY"}
            cls.model = parse_model(cls.model.id, options=options)
            yield


class TestLlamaServer(TestOpenAI):
    """The preset for the same server: it knows what its logprobs are of."""

    model = parse_model(
        "llama-server:smollm2", options={"base_url": "http://127.0.0.1:1/v1", "api_key_env": "LLAMA_KEY"}
    )

    def test_its_logprobs_are_raw(self, completions) -> None:
        assert {c.logprob_kind for c in completions} == {"raw"}
