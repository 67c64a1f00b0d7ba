"""A scripted HTTP server on loopback: each request takes the next answer, the last one repeats."""

import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from servers.loopback import Handler, Loopback
from support import PATIENCE_S


@dataclass
class Answer:
    """`hang`: never answer; `drop`: close the connection without an answer."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    drop: bool = False


def chat(text: str = "hello", **changes: Any) -> Answer:
    """A well-formed chat completion with one token of logprobs."""
    token = {
        "token": text,
        "bytes": None,
        "logprob": -0.5,
        "top_logprobs": [{"token": text, "logprob": -0.5}],
    }
    body: dict[str, Any] = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "served-model",
        "system_fingerprint": "fp_1",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text},
                "logprobs": {"content": [token]},
            }
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6},
    }
    return Answer({**body, **changes})


class ScriptedServer(Loopback):
    """Answers `POST`s from `answers`; `GET /models` from `models`, and what Ollama is asked of a model from `shown`."""

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque([chat()])
        self.models = Answer({"object": "list", "data": []})
        self.shown = Answer({"error": "not here"}, status=404)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        """Path and headers of every request, also of `GET`s."""
        owner = self

        class Script(Handler):
            def do_GET(self) -> None:  # noqa: N802  (http.server calls it so)
                owner.seen.append((self.path, {n.lower(): value for n, value in self.headers.items()}))
                self._answer(owner.models)

            def do_POST(self) -> None:  # noqa: N802  (http.server calls it so)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                owner.seen.append((self.path, headers))
                if self.path == "/api/show":
                    self._answer(owner.shown)
                    return
                owner.requests.append(body)
                owner.headers.append(headers)
                self._answer(owner.answers.popleft() if len(owner.answers) > 1 else owner.answers[0])

            def _answer(self, answer: Answer) -> None:
                if answer.hang:
                    owner.stopping.wait()
                if answer.drop or answer.hang:
                    self.close_connection = True
                    return
                text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
                kind = "text/html" if isinstance(answer.body, str) else "application/json"
                self.send_response(answer.status)
                for name, value in {"Content-Type": kind, **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

        super().__init__(Script)

    def was_asked(self, times: int) -> bool:
        """Return whether so many requests came, and no more; one may still be on its way when its sender has given up."""
        until = time.monotonic() + PATIENCE_S
        while len(self.requests) < times and time.monotonic() < until:
            time.sleep(0.01)
        return len(self.requests) == times

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"
