"""A server of chat completions on loopback that changes who it says it is after so many answers."""

import json
import threading
from collections.abc import Callable
from typing import Any

from servers.http_script import chat
from servers.loopback import Handler, Loopback


class SwitchingServer(Loopback):
    """Answers as `first` says, and from answer number `after` on as `then` says."""

    def __init__(self) -> None:
        self.after = 50
        self.first: dict[str, Any] = {"model": "gpt-4.1-mini-2025-04-14", "system_fingerprint": "fp_1"}
        self.then: dict[str, Any] = {}
        self.text: Callable[[float, int], str] = lambda temperature, number: "red"
        """By temperature and number of the answer."""
        self.by: Callable[[float, int], bool] = lambda temperature, number: number >= self.after
        """Whether the other one answers, likewise."""
        self.listed: list[dict[str, Any]] = []
        """Its list of models."""
        self.answered = 0
        lock = threading.Lock()
        owner = self

        class Answers(Handler):
            def do_POST(self) -> None:  # noqa: N802  (http.server calls it so)
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    number, owner.answered = owner.answered, owner.answered + 1
                at = request["temperature"]
                changes = {**owner.first, **(owner.then if owner.by(at, number) else {})}
                self._send(chat(owner.text(at, number), **changes).body)

            def do_GET(self) -> None:  # noqa: N802  (http.server calls it so)
                self._send({"object": "list", "data": owner.listed})

            def _send(self, body: object) -> None:
                text = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        super().__init__(Answers)
