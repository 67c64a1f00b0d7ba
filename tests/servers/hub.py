"""A model hub on loopback: the two requests about a repository that `huggingface_hub` makes, and ways to go wrong."""

import json
import threading
from dataclasses import dataclass, field
from hashlib import sha256
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

from servers.loopback import Handler, Loopback
from support import PATIENCE_S

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Refusal:
    """An answer with a status that is no success; `code` is what the hub says in X-Error-Code."""

    status: int
    code: str = ""
    message: str = ""


@dataclass
class Repo:
    """`files` by path; `listing` and `download` refuse what they are about; `sizes` tell of files other sizes."""

    files: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    listing: Refusal | None = None
    download: Refusal | None = None
    commit: str = COMMIT


class HubServer(Loopback):
    """Serves `repos`. `cut`: close the connection after so many bytes of a file; `hold`: wait there until it is set."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.requests: list[str] = []
        self.tokens: list[str] = []
        self.agents: list[str] = []
        self.cut: int | None = None
        self.hold: threading.Event | None = None
        self.holding = threading.Event()
        self.plain_page = False
        owner = self

        class Files(Handler):
            def do_HEAD(self) -> None:  # noqa: N802  (http.server calls it so)
                self._answer()

            def do_GET(self) -> None:  # noqa: N802  (http.server calls it so)
                self._answer()

            def _answer(self) -> None:
                path = unquote(urlsplit(self.path).path)
                owner.requests.append(f"{self.command} {path}")
                owner.tokens.append(self.headers.get("Authorization", ""))
                owner.agents.append(self.headers.get("User-Agent", ""))
                if owner.plain_page:
                    self._send(200, b"<html>a proxy's page</html>", {"Content-Type": "text/html"})
                elif path.startswith("/api/models/"):
                    self._listing(path.removeprefix("/api/models/"))
                elif "/resolve/main/" in path:
                    self._file(*path[1:].split("/resolve/main/", 1))
                else:
                    self._refuse(Refusal(404))

            def _listing(self, name: str) -> None:
                repo = owner.repos.get(name)
                refusal = repo.listing if repo else Refusal(404, "RepoNotFound", "Repository not found")
                if repo is None or refusal:
                    self._refuse(refusal or Refusal(404))
                    return
                siblings = [_sibling(file, data, repo) for file, data in repo.files.items()]
                told = {"id": name, "sha": repo.commit, "siblings": siblings}
                self._send(200, json.dumps(told).encode(), {"Content-Type": "application/json"})

            def _file(self, name: str, file: str) -> None:
                repo = owner.repos[name]
                if repo.download or file not in repo.files:
                    self._refuse(repo.download or Refusal(404, "EntryNotFound"))
                    return
                data = repo.files[file]
                etag = f'"{sha256(data).hexdigest()}"'
                headers = {
                    "ETag": etag,
                    "X-Linked-ETag": etag,
                    "X-Linked-Size": str(len(data)),
                    "X-Repo-Commit": repo.commit,
                    "Content-Type": "application/octet-stream",
                }
                self._send(200, data, headers)

            def _refuse(self, refusal: Refusal) -> None:
                headers = {"X-Error-Code": refusal.code, "X-Error-Message": refusal.message}
                self._send(refusal.status, b"", {k: v for k, v in headers.items() if v})

            def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "HEAD":
                    return
                if owner.cut is not None and headers.get("X-Repo-Commit"):
                    self.wfile.write(body[: owner.cut])
                    self.wfile.flush()
                    if owner.hold is not None:
                        owner.holding.set()
                        owner.hold.wait(PATIENCE_S)
                    self.close_connection = True
                    return
                self.wfile.write(body)

        super().__init__(Files)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.hold is not None:
            self.hold.set()
        super().__exit__(kind, error, trace)


def _sibling(file: str, data: bytes, repo: Repo) -> dict[str, Any]:
    size = repo.sizes.get(file, len(data))
    lfs = {"sha256": sha256(data).hexdigest(), "size": size, "pointerSize": 134}
    return {"rfilename": file, "size": size, "blobId": sha256(data).hexdigest()[:40], "lfs": lfs}
