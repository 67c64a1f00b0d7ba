"""What every adapter that goes through a provider's SDK must do alike, and the tools for the rest of its tests."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from servers.http_script import Answer, ScriptedServer

from tempkit.backends.protocol import load_backend
from tempkit.errors import ExtraMissingError, ModelError, UsageError
from tempkit.planning.experiment import parse_model
from tempkit.testing import make_sweeps, run_all
from tempkit.types import (
    Completion,
    Failure,
    Item,
    Message,
    ModelSpec,
    Outcome,
    Sample,
    SamplingParams,
    Sweep,
)

PLAIN = SamplingParams(logprobs=0)


@dataclass(frozen=True)
class Adapter:
    """One provider's adapter, asked at a scripted server."""

    provider: str
    name: str
    """Of a model that takes everything."""
    error: Callable[..., Answer]
    """Makes an answer of a status, with a message."""

    def model_at(self, server: ScriptedServer, name: str = "", **options: Any) -> ModelSpec:
        return parse_model(
            f"{self.provider}:{name or self.name}", options={"base_url": server.url, **options}
        )

    def ask(
        self, server: ScriptedServer, sampling: SamplingParams = PLAIN, name: str = "", **options: Any
    ) -> Outcome:
        model = self.model_at(server, name, **options)
        return run_all(make_sweeps(model, sampling, (0.0,), 1, ("What is 1 + 1?",)))[0][0]

    def converse(self, server: ScriptedServer, *messages: Message) -> Outcome:
        item = Item(key="p/0", prompt="p", messages=messages)
        samples = (Sample(0.7, 0, 1),)
        return run_all([Sweep(item=item, model=self.model_at(server), sampling=PLAIN, samples=samples)])[0][0]

    def prepare(self, model: ModelSpec) -> dict[str, Any]:
        """Return the details of what was found."""

        async def go() -> dict[str, Any]:
            backend = load_backend(self.provider)(concurrency=1)
            try:
                return dict((await backend.prepare(model)).details)
            finally:
                await backend.close()

        return asyncio.run(go())

    def fails(self, server: ScriptedServer, answer: Answer, kind: str, attempts: int) -> None:
        """Check that an answer becomes a failure that is stored with everything there is to say."""
        server.answers[0] = answer
        options = {"attempts": attempts, "timeout_s": 2} if answer.hang else {"attempts": 3}
        self.prepare(self.model_at(server))  # the SDK is loaded then, which may take longer than that
        outcome = self.ask(server, **options)
        assert isinstance(outcome, Failure)
        assert (outcome.kind, outcome.attempts) == (kind, attempts), outcome.message
        assert outcome.temperature_sent == 0.0
        assert "\n" not in outcome.message
        assert "<html>" not in outcome.message or kind == "bad_answer"
        assert server.was_asked(attempts)  # the SDK tried nothing again by itself

    def is_given_up(self, server: ScriptedServer, answer: Answer) -> list[str]:
        """Check that an answer to the first requests ends the asking; return what is said of it."""
        server.answers[0] = answer
        outcomes, _ = run_all(make_sweeps(self.model_at(server), PLAIN, (0.0, 1.0), 20, ("Hi",)))
        assert len(outcomes) == 40
        assert len(server.requests) <= 8  # those under way when the first came back, at two temperatures
        failures = [o for o in outcomes if isinstance(o, Failure)]
        assert len(failures) == 40
        return [failure.message for failure in failures]


@pytest.mark.usefixtures("quick_and_clean")
class AdapterContract:
    adapter: ClassVar[Adapter]
    key = "secret-4711"
    key_header: ClassVar[str]
    key_env: ClassVar[str]
    address_env: ClassVar[str]
    repeats_key: ClassVar[Answer]
    """Refuses a request, and repeats the key."""
    refusals: ClassVar[list[Answer]]
    """Refuse the key when the models are listed, and repeat it."""
    without_models: ClassVar[list[Answer]]
    """Of servers that list none."""
    details: ClassVar[dict[str, Any]]
    """What is found of the provider, besides its address."""
    packages: ClassVar[list[str]]
    """Each of which may be missing."""

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (Answer("<html>gateway</html>", status=502), "server"),
            (Answer("<html>gateway</html>"), "bad_answer"),
            (Answer(""), "bad_answer"),
            (Answer('{"content": ', headers={"Content-Type": "application/json"}), "bad_answer"),
            (Answer('{"candidates": ', headers={"Content-Type": "application/json"}), "bad_answer"),
            (Answer({}), "bad_answer"),
            (Answer([]), "bad_answer"),
            (Answer(drop=True), "connection"),
            (Answer({}, hang=True), "timeout"),
        ],
    )
    def test_what_passes_is_tried_again_and_then_a_failure(self, server, answer: Answer, kind: str) -> None:
        self.adapter.fails(server, answer, kind, 2 if kind in ("bad_answer", "timeout") else 3)

    def test_a_redirect_is_not_followed(self, server, monkeypatch) -> None:
        monkeypatch.setenv("MY_KEY", self.key)
        server.answers[0] = Answer({}, status=307, headers={"Location": "http://127.0.0.1:9/"})
        outcome = self.adapter.ask(server, api_key_env="MY_KEY")
        assert isinstance(outcome, Failure)
        assert outcome.message.startswith(
            "HTTP 307: a redirect to http://127.0.0.1:9/, which is not followed"
        )

    def test_the_key_is_sent_and_never_told(self, server, monkeypatch) -> None:
        monkeypatch.setenv("MY_KEY", self.key)
        server.answers[0] = self.repeats_key
        outcome = self.adapter.ask(server, api_key_env="MY_KEY")
        for path, headers in server.seen:
            assert headers[self.key_header] == self.key
            assert "authorization" not in headers
            assert self.key not in path
        assert isinstance(outcome, Failure)
        assert self.key not in repr(outcome)
        assert "[key]" in outcome.message

    def test_the_address_in_the_environment_gets_the_key_only_if_that_is_named(
        self, server, monkeypatch
    ) -> None:
        monkeypatch.setenv(self.address_env, server.url)
        monkeypatch.setenv(self.key_env, self.key)
        name = f"{self.adapter.provider}:{self.adapter.name}"
        with pytest.raises(UsageError, match=f"add ,api_key_env={self.key_env} to the model"):
            self.adapter.prepare(parse_model(name))
        assert server.seen == []
        model = parse_model(name, options={"api_key_env": self.key_env})
        assert isinstance(run_all(make_sweeps(model, PLAIN, (0.0,), 1, ("Hi",)))[0][0], Completion)
        assert server.headers[0][self.key_header] == self.key

    def test_no_key_is_one_clear_line(self) -> None:
        says = rf"^{self.adapter.provider}:m: no API key; set {self.key_env} in the environment"
        with pytest.raises(ModelError, match=says):
            self.adapter.prepare(parse_model(f"{self.adapter.provider}:m"))

    @pytest.mark.parametrize("key", ["sk-broken\x07key", "sk-schlüssel"])
    def test_a_key_that_cannot_be_one_is_not_repeated(self, monkeypatch, key: str) -> None:
        monkeypatch.setenv("MY_KEY", key)
        model = parse_model(f"{self.adapter.provider}:m", options={"api_key_env": "MY_KEY"})
        with pytest.raises(ModelError, match="the key in MY_KEY holds characters that no key has") as caught:
            self.adapter.prepare(model)
        assert "sk-" not in str(caught.value)

    def test_a_missing_package_is_one_clear_line(self, server, without) -> None:
        for package in self.packages:
            without(f"tempkit.backends.{self.adapter.provider}", package)
            with pytest.raises(ExtraMissingError) as caught:
                self.adapter.prepare(self.adapter.model_at(server))
            assert str(caught.value) == (
                f"{self.adapter.provider}:{self.adapter.name} needs packages that are not installed: "
                f'pip install "tempkit[{self.adapter.provider}]"'
            )

    def test_a_refused_key_is_found_before_the_run(self, server, monkeypatch) -> None:
        monkeypatch.setenv("MY_KEY", self.key)
        for refusal in self.refusals:
            server.models = refusal
            with pytest.raises(
                ModelError, match=r"wants a key; name the variable that holds it in api_key_env$"
            ):
                self.adapter.prepare(self.adapter.model_at(server))
            with pytest.raises(ModelError, match=r"refuses the key in MY_KEY; check it$") as caught:
                self.adapter.prepare(self.adapter.model_at(server, api_key_env="MY_KEY"))
            assert self.key not in str(caught.value)
        assert server.requests == []

    def test_a_server_that_does_not_answer(self, server, monkeypatch) -> None:
        monkeypatch.setattr("tempkit.backends.remote.preflight._TIMEOUT_S", 0.2)
        server.models = Answer({}, hang=True)
        with pytest.raises(ModelError, match=r"127.0.0.1:\d+ does not answer$"):
            self.adapter.prepare(self.adapter.model_at(server))

    def test_a_server_that_cannot_be_reached(self) -> None:
        nowhere = parse_model(f"{self.adapter.provider}:m", options={"base_url": "http://127.0.0.1:9"})
        with pytest.raises(ModelError, match=r"cannot reach http://127.0.0.1:9: .+"):
            self.adapter.prepare(nowhere)

    def test_a_server_that_lists_no_models_may_still_answer(self, server) -> None:
        statuses = [self.adapter.error(status) for status in (403, 404, 500)]
        for answer in (*statuses, Answer("<html>"), *self.without_models):
            server.models = answer
            found = self.adapter.prepare(self.adapter.model_at(server))
            assert found == {**self.details, "base_url": server.url}
