"""The batch APIs of OpenAI and Anthropic on loopback, with faults on order, and their live APIs beside them.

Shapes are those of the SDKs' own types (openai 3.54 `types/batch.py`, anthropic 2.12 `types/messages/message_batch*.py`); no live
service was asked. The server lives as long as the test, so that clients may be killed and come back.
"""

import json
import re
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from servers.loopback import Handler, Loopback

KEY = "sk-canary-0123456789abcdef"


@dataclass
class Batch:
    """One batch; `end` says how it ends once it is let go."""

    id: str
    requests: list[dict[str, Any]]
    created: datetime
    metadata: dict[str, str] = field(default_factory=dict)
    end: str = ""


class BatchServer(Loopback):
    """Both APIs. A batch ends when it is looked at, unless `hold` is set.

    `creating`, `looking` and `fetching` take one fault per request: a status, with `Retry-After` where it is 429; `html`; `drop`
    (no answer at all); what goes out, head and all, as bytes; for `creating` also `lost` and `hang`, which take the batch and then say nothing; for `fetching` also
    `cut`, half of the results.
    """

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.files: dict[str, bytes] = {}
        self.hold = False
        self.end = "completed"
        self.fate: Callable[[int, dict[str, Any]], str] = lambda number, body: "ok"
        """What becomes of a request, by its place in the batch: ok, error, limit, expired, unreadable, missing."""
        self.spoil: Callable[[bytes], bytes] = lambda line: line
        """What becomes of each line of the results on its way."""
        self.instead: Callable[[str, bytes], bytes | None] = lambda asked, body: None
        """What goes out, head and all, in the place of an answer, by what was asked, such as `GET /v1/batches/x`; None: the answer."""
        self.creating: deque[object] = deque()
        self.looking: deque[object] = deque()
        self.fetching: deque[object] = deque()
        self.paid: Counter[str] = Counter()
        """Requests that were answered for money, by their bodies."""
        self.live = 0
        self.looks = 0
        self.lists = 0
        self.taken = threading.Event()
        self.looked = threading.Event()
        self.without_key: list[str] = []
        self.lock = threading.Lock()
        super().__init__(_handler(self))

    @property
    def env(self) -> dict[str, str]:
        """The environment in which both SDK addresses are this server's."""
        return {
            "OPENAI_BASE_URL": f"{self.url}/v1",
            "OPENAI_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": KEY,
        }

    def take(self, prefix: str, requests: list[dict[str, Any]], metadata: dict[str, str]) -> Batch:
        with self.lock:
            batch = Batch(
                f"{prefix}_{len(self.batches) + 1}", requests, datetime.now(UTC), metadata, self.end
            )
            self.batches.append(batch)
            self.paid.update(_digest(request) for request in requests)
        self.taken.set()
        return batch

    def find(self, id_: str) -> Batch | None:
        return next((batch for batch in self.batches if batch.id == id_), None)


def _digest(request: dict[str, Any]) -> str:
    return json.dumps(request.get("body") or request.get("params"), sort_keys=True)


def _chat(body: dict[str, Any]) -> dict[str, Any]:
    text = f"T={body['temperature']:g} seed={body.get('seed')}"
    token = {"token": text, "logprob": -0.5, "top_logprobs": [{"token": text, "logprob": -0.5}]}
    choice: dict[str, Any] = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": text},
    }
    if body.get("logprobs"):
        choice["logprobs"] = {"content": [token]}
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    return {
        "id": "x",
        "object": "chat.completion",
        "model": body["model"],
        "choices": [choice],
        "usage": usage,
    }


def _message(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [{"type": "text", "text": f"T={body['temperature']:g}"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1000, "output_tokens": 100},
    }


def _response(body: dict[str, Any]) -> dict[str, Any]:
    content = {"type": "output_text", "text": f"T={body['temperature']:g}", "annotations": [], "logprobs": []}
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": body["model"],
        "output": [{"type": "message", "role": "assistant", "content": [content]}],
        "usage": {"input_tokens": 1000, "output_tokens": 100},
    }


def _openai_line(request: dict[str, Any], fate: str) -> tuple[str, dict[str, Any] | str] | None:
    """Return the file that a request's result is in, and the result."""
    line: dict[str, Any] = {
        "id": "batch_req_1",
        "custom_id": request["custom_id"],
        "response": None,
        "error": None,
    }
    if fate == "missing":
        return None
    if fate == "expired":
        said = "This request could not be executed before the completion window expired."
        return "error", {**line, "error": {"code": "batch_expired", "message": said}}
    status, body = (
        200,
        _response(request["body"]) if request["url"] == "/v1/responses" else _chat(request["body"]),
    )
    if fate == "error":
        status, body = (
            400,
            {"error": {"message": "Unknown parameter: top_q", "type": "invalid_request_error"}},
        )
    elif fate == "limit":
        status, body = 429, {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}
    elif fate == "unreadable":
        body = {"object": "chat.completion", "choices": []}
    response = {"status_code": status, "request_id": "r", "body": body}
    return "output" if status == 200 else "error", {**line, "response": response}


def _anthropic_line(request: dict[str, Any], fate: str) -> dict[str, Any] | None:
    if fate == "missing":
        return None
    result: dict[str, Any] = {"type": "succeeded", "message": _message(request["params"])}
    if fate == "expired":
        result = {"type": "expired"}
    elif fate in ("error", "limit"):
        kind = "invalid_request_error" if fate == "error" else "rate_limit_error"
        error = {"type": kind, "message": "temperature: range: 0..1" if fate == "error" else "slow down"}
        result = {"type": "errored", "error": {"type": "error", "error": error}}
    elif fate == "unreadable":
        result["message"] = {"type": "message", "content": []}
    return {"custom_id": request["custom_id"], "result": result}


def _handler(owner: BatchServer) -> type[Handler]:
    class Api(Handler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802  (http.server calls it so)
            if KEY not in (self.headers.get("Authorization", "") + self.headers.get("x-api-key", "")):
                owner.without_key.append(self.path)
            path = self.path.split("?")[0]
            if path == "/v1/models":
                return self.tell(200, {"object": "list", "data": []})
            if found := re.fullmatch(r"/v1/batches/(\w+)", path):
                return self.look(found[1], self.openai)
            if found := re.fullmatch(r"/v1/messages/batches/(\w+)", path):
                return self.look(found[1], self.anthropic)
            if path == "/v1/batches":
                return self.page(
                    [self.openai(b) for b in owner.batches if b.id.startswith("batch_")], "after"
                )
            if path == "/v1/messages/batches":
                return self.page(
                    [self.anthropic(b) for b in owner.batches if b.id.startswith("msg")], "after_id"
                )
            if found := re.fullmatch(r"/v1/files/(output|error)-(\w+)/content", path):
                return self.fetch(self.openai_results(found[1], found[2]))
            if found := re.fullmatch(r"/v1/messages/batches/(\w+)/results", path):
                return self.fetch(self.anthropic_results(found[1]))
            return self.tell(404, {"error": {"message": "no such thing"}})

        def do_POST(self) -> None:  # noqa: N802  (http.server calls it so)
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/files":
                part = sent.split(b'filename="')[1].split(b"\r\n\r\n", 1)[1]
                owner.files[f"file-{len(owner.files)}"] = part[: part.rindex(b"\r\n--")]
                return self.tell(
                    200, {"id": f"file-{len(owner.files) - 1}", "object": "file", "purpose": "batch"}
                )
            body = json.loads(sent)
            if self.path in ("/v1/batches", "/v1/messages/batches"):
                return self.create(body)
            owner.live += 1
            owner.paid[json.dumps(body, sort_keys=True)] += 1
            return self.tell(200, _message(body) if self.path == "/v1/messages" else _chat(body))

        def create(self, body: dict[str, Any]) -> None:
            fault = owner.creating.popleft() if owner.creating else None
            if self.faulty(fault):
                return
            if self.path == "/v1/batches":
                lines = owner.files[body["input_file_id"]].splitlines()
                batch = owner.take("batch", [json.loads(line) for line in lines], body["metadata"])
                told = self.openai(batch)
            else:
                batch = owner.take("msgbatch", body["requests"], {})
                told = self.anthropic(batch)
            if fault == "hang":
                owner.stopping.wait()
            if fault in ("hang", "lost"):
                self.close_connection = True
                return
            self.tell(200, told)

        def look(self, id_: str, told: Callable[[Batch], dict[str, Any]]) -> None:
            owner.looks += 1
            owner.looked.set()
            if self.faulty(owner.looking.popleft() if owner.looking else None):
                return None
            batch = owner.find(id_)
            if batch is None:
                return self.tell(404, {"error": {"message": f"No batch {id_}"}})
            return self.tell(200, told(batch))

        def page(self, batches: list[dict[str, Any]], cursor: str) -> None:
            """Tell two at a time, newest first."""
            owner.lists += 1
            batches.reverse()
            if found := re.search(rf"[?&]{cursor}=(\w+)", self.path):
                ids = [batch["id"] for batch in batches]
                batches = batches[ids.index(found[1]) + 1 :]
            self.tell(200, {"object": "list", "data": batches[:2], "has_more": len(batches) > 2})

        def openai(self, batch: Batch) -> dict[str, Any]:
            lines = [] if owner.hold or batch.end == "failed" else self.openai_lines(batch)
            files = {kind for kind, _ in lines}
            counts = Counter(kind for kind, _ in lines)
            errors = {
                "object": "list",
                "data": [{"code": "x", "message": "the model does not exist", "line": 1}],
            }
            return {
                "id": batch.id,
                "object": "batch",
                "status": "in_progress" if owner.hold else batch.end,
                "created_at": int(batch.created.timestamp()),
                "expires_at": int((batch.created + timedelta(days=1)).timestamp()),
                "output_file_id": f"output-{batch.id}" if "output" in files else None,
                "error_file_id": f"error-{batch.id}" if "error" in files else None,
                "errors": errors if batch.end == "failed" else None,
                "metadata": batch.metadata,
                "request_counts": {
                    "completed": counts["output"],
                    "failed": counts["error"],
                    "total": len(batch.requests),
                },
            }

        def openai_lines(self, batch: Batch) -> list[tuple[str, Any]]:
            made = [_openai_line(r, owner.fate(i, r["body"])) for i, r in enumerate(batch.requests)]
            return [line for line in made if line is not None]

        def anthropic(self, batch: Batch) -> dict[str, Any]:
            kinds = {"ok": "succeeded", "unreadable": "succeeded", "expired": "expired"}
            fates = [owner.fate(i, r["params"]) for i, r in enumerate(batch.requests)]
            counts = Counter(kinds.get(fate, "errored") for fate in fates if fate != "missing")
            if owner.hold:
                counts = Counter({"processing": len(batch.requests)})
            names = ("processing", "succeeded", "errored", "canceled", "expired")
            return {
                "id": batch.id,
                "type": "message_batch",
                "processing_status": "in_progress" if owner.hold else "ended",
                "created_at": batch.created.isoformat(),
                "expires_at": (batch.created + timedelta(days=1)).isoformat(),
                "request_counts": {name: counts[name] for name in names},
                "results_url": None if owner.hold else "http://attacker.invalid/results",
            }

        def openai_results(self, kind: str, id_: str) -> list[Any]:
            batch = owner.find(id_)
            assert batch is not None
            return [line for of, line in self.openai_lines(batch) if of == kind]

        def anthropic_results(self, id_: str) -> list[Any]:
            batch = owner.find(id_)
            assert batch is not None
            made = [_anthropic_line(r, owner.fate(i, r["params"])) for i, r in enumerate(batch.requests)]
            return [line for line in made if line is not None]

        def fetch(self, lines: list[Any]) -> None:
            """Send results last request first."""
            fault = owner.fetching.popleft() if owner.fetching else None
            if self.faulty(fault):
                return
            lines.reverse()
            if fault == "cut":
                lines = lines[: len(lines) // 2]
            self.send(b"".join(owner.spoil(json.dumps(line).encode()) + b"\n" for line in lines))

        def faulty(self, fault: object) -> bool:
            if fault == "drop":
                self.close_connection = True
            elif fault == "html":
                self.send(b"<html><body>Bad gateway</body></html>", kind="text/html")
            elif isinstance(fault, bytes):
                self.close_connection = True
                self.wfile.write(fault)
            elif isinstance(fault, int):
                error = {"message": f"fault {fault} for {KEY}", "type": "some_error"}
                self.tell(fault, {"error": error}, {"Retry-After": "0.1"} if fault == 429 else None)
            else:
                return False
            return True

        def tell(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
            self.send(json.dumps(body).encode(), status, headers=headers)

        def send(
            self,
            body: bytes,
            status: int = 200,
            kind: str = "application/json",
            headers: dict[str, str] | None = None,
        ) -> None:
            other = owner.instead(f"{self.command} {self.path}", body)
            if other is not None:
                self.close_connection = True
                self.wfile.write(other)
                return
            self.send_response(status)
            for name, value in {"Content-Type": kind, **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Api
