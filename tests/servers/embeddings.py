"""An Embeddings server on loopback: a text's vector counts its letters, and it can be as difficult as real ones are."""

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from servers.http_script import Answer
from servers.loopback import Handler, Loopback


def letters(text: str) -> list[float]:
    """Return how often each letter comes, and a 1, so that no text is without a direction."""
    return [1.0, *(float(text.lower().count(chr(97 + i))) for i in range(26))]


class EmbeddingServer(Loopback):
    """Answers `POST /v1/embeddings`, each time with the next of `faults` while there are any."""

    def __init__(self) -> None:
        self.longest = 100_000
        """Characters that it takes of one text."""
        self.too_long = Answer({"error": {"code": "context_length_exceeded", "message": "too long"}}, 400)
        self.faults: deque[Answer] = deque()
        self.vector: Callable[[str], list[float]] = letters
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        owner = self

        class Script(Handler):
            def do_GET(self) -> None:  # noqa: N802  (http.server calls it so)
                self._answer(Answer({"object": "list", "data": []}))

            def do_POST(self) -> None:  # noqa: N802  (http.server calls it so)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.bodies.append(body)
                owner.keys.append(self.headers.get("Authorization"))
                if owner.faults:
                    self._answer(owner.faults.popleft())
                elif max(map(len, body["input"])) > owner.longest:
                    self._answer(owner.too_long)
                else:
                    rows = [
                        {"index": i, "embedding": owner.vector(text)} for i, text in enumerate(body["input"])
                    ]
                    self._answer(Answer({"object": "list", "data": rows[::-1]}))  # in no order

            def _answer(self, answer: Answer) -> None:
                text = json.dumps(answer.body)
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

        super().__init__(Script)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def texts(self) -> list[str]:
        """Every text that it was sent."""
        return [text for body in self.bodies for text in body["input"]]
