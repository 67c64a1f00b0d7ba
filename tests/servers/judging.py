"""A judge on loopback: speaks OpenAI's protocol and answers by a rule on the question's text."""

import json
import re
import threading
from collections.abc import Callable
from typing import Any

from servers.http_script import chat
from servers.loopback import Handler, Loopback

Rule = Callable[[str], str]

_PART = re.compile(r"\[(\w+) (request|answer|answer A|answer B) begins\]\n(.*?)\n\[\1 \2 ends\]", re.DOTALL)


def parts(question: str) -> dict[str, str]:
    """The material of a question by the name of its part, as a judge that keeps to the markers reads it."""
    return {name: text for _, name, text in _PART.findall(question)}


def is_upwards(question: str) -> bool:
    return "5 = meets it fully" in question


class JudgeServer(Loopback):
    """Answers every question with `rule(question)`; keeps what it was sent. `fail_from`: from this request on, errors;
    `finish`: the finish reason that it gives; `prompt_tokens`: how many it counts; `answers_as`: from the request's number, the name of the
    model and the fingerprint that it gives."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.bodies: list[dict[str, Any]] = []
        self.fail_from: int | None = None
        self.finish = "stop"
        self.prompt_tokens = 5
        self.answers_as: Callable[[int], tuple[str | None, str | None]] | None = None
        self._lock = threading.Lock()
        owner = self

        class Judge(Handler):
            def do_GET(self) -> None:  # noqa: N802  (http.server calls it so)
                self._send(200, {"object": "list", "data": []})

            def do_POST(self) -> None:  # noqa: N802  (http.server calls it so)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with owner._lock:
                    owner.bodies.append(body)
                    number = len(owner.bodies)
                failing = owner.fail_from is not None and number >= owner.fail_from
                if failing:
                    self._send(400, {"error": {"message": "no more"}})
                else:
                    answer = chat(owner.rule(body["messages"][0]["content"])).body
                    answer["choices"][0]["finish_reason"] = owner.finish
                    answer["usage"] |= {"prompt_tokens": owner.prompt_tokens}
                    if owner.answers_as is not None:
                        name, fingerprint = owner.answers_as(number)
                        answer |= {"model": name, "system_fingerprint": fingerprint}
                    self._send(200, answer)

            def _send(self, status: int, body: dict[str, Any]) -> None:
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        super().__init__(Judge)

    @property
    def model(self) -> str:
        """As on the command line."""
        return f"openai:judge,base_url={self.url}/v1"

    @property
    def questions(self) -> list[str]:
        return [body["messages"][0]["content"] for body in self.bodies]
