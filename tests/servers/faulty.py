"""A chat server on loopback with faults on order, as a process of its own: it prints its address and serves until killed.

What befalls a request is drawn from its own body and how often that came before, so it does not depend on the order in
which requests arrive. `GET /stats` tells what happened; `served` counts complete answers by the digest of the request. After
`GET /allow/N` it answers N more requests and keeps the others waiting, until it is asked for more or, with `all`, for no end.
"""

import argparse
import asyncio
import json
import random
from collections import Counter
from hashlib import sha256

FAULTS = (
    "429",
    "429-retry-after",
    "500",
    "drop",
    "html",
    "empty",
    "hang",
    "trickle",
    "cut",
    "400",
    "400-temperature",
)


class Server:
    """One server's settings and counts."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.shares = {name: float(share) for name, share in (pair.split("=") for pair in args.fault)}
        if unknown := set(self.shares) - set(FAULTS):
            raise SystemExit(f"no such fault: {unknown}")
        self.came: Counter[str] = Counter()
        self.served: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.under_way = self.most = 0
        self.allowed: int | None = None
        """How many more requests are answered; None: all."""
        self.waiting = 0
        """Requests that are not allowed yet."""
        self.changed = asyncio.Event()
        self.logprobs = [
            {
                "token": f" w{i}",
                "logprob": -0.5,
                "bytes": list(f" w{i}".encode()),
                "top_logprobs": [
                    {"token": f" w{i}" if k == 0 else f" v{k}", "logprob": -0.5 - k, "bytes": [32, 118]}
                    for k in range(args.top)
                ],
            }
            for i in range(1, args.tokens)
        ]
        self.rest = json.dumps(self.logprobs)[1:-1]
        self.text = "".join(f" w{i}" for i in range(1, args.tokens))

    def fault(self, digest: str) -> str:
        """Say what befalls this request: a fault's name, or nothing."""
        at = random.Random(f"{self.args.seed} {digest} {self.came[digest]}").random()
        for name, share in self.shares.items():
            at -= share
            if at < 0:
                return name
        return ""

    def answer(self, digest: str, request: dict[str, object]) -> bytes:
        """Write a whole answer; its first token names the request."""
        first = digest[:8]
        logprobs = ""
        if request.get("logprobs"):
            top = [{"token": first, "logprob": -0.25}]
            token = json.dumps({"token": first, "logprob": -0.25, "bytes": None, "top_logprobs": top})
            logprobs = f',"logprobs":{{"content":[{token}{"," if self.rest else ""}{self.rest}]}}'
        choices = ",".join(
            f'{{"index":{i},"finish_reason":"stop","message":{{"role":"assistant","content":"{first}{self.text}"}}{logprobs}}}'
            for i in range(int(str(request.get("n", 1))))
        )
        usage = f'{{"prompt_tokens":7,"completion_tokens":{self.args.tokens},"total_tokens":{self.args.tokens + 7}}}'
        return f'{{"id":"x","object":"chat.completion","created":1,"model":"m-1","choices":[{choices}],"usage":{usage}}}'.encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode().lower().split("\r\n")
                length = next((int(x[15:]) for x in lines if x.startswith("content-length:")), 0)
                body = await reader.readexactly(length)
                if lines[0].startswith("get"):
                    await self.get(lines[0], writer)
                elif not await self.post(body, reader, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the client has gone
        finally:
            writer.close()

    async def get(self, line: str, writer: asyncio.StreamWriter) -> None:
        """Answer `/stats` and `/allow`, and `/v1/models` as a server without any."""
        told: dict[str, object] = {"object": "list", "data": []}
        if "/allow/" in line:
            more = line.split("/allow/")[1].split()[0]
            self.allowed = None if more == "all" else (self.allowed or 0) + int(more)
            self.changed.set()
        if "/stats" in line:
            told = {
                "requests": self.came.total(),
                "served": self.served,
                "faults": self.faults,
                "most": self.most,
                "waiting": self.waiting,
            }
        await self.send(writer, 200, json.dumps(told).encode())

    async def post(self, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection is still of use."""
        digest = sha256(body).hexdigest()
        fault = self.fault(digest)
        self.came[digest] += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        if self.args.cap and self.under_way > self.args.cap:
            fault = "429"
        if fault:
            self.faults[fault] += 1
        try:
            return await self.leave(reader) and await self.reply(fault, digest, json.loads(body), writer)
        finally:
            self.under_way -= 1

    async def leave(self, reader: asyncio.StreamReader) -> bool:
        """Wait until one more request may be answered; return whether its client has waited too."""
        self.waiting += 1
        while self.allowed == 0 and not reader.at_eof():
            self.changed.clear()
            await self.changed.wait()
        self.waiting -= 1
        if reader.at_eof():
            return False
        if self.allowed is not None:
            self.allowed -= 1
        return True

    async def reply(
        self, fault: str, digest: str, request: dict[str, object], writer: asyncio.StreamWriter
    ) -> bool:
        """Do to a request what befalls it."""
        if fault.startswith("429"):
            headers = {"Retry-After": str(self.args.retry_after)} if fault == "429-retry-after" else {}
            error = {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}
            await self.send(writer, 429, json.dumps({"error": error}).encode(), headers)
            return True
        if fault == "400":
            await self.send(writer, 400, b'{"error":{"message":"Unknown parameter: top_q"}}')
            return True
        if fault == "400-temperature":
            error = {
                "message": "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
                "type": "invalid_request_error",
                "param": "temperature",
                "code": "unsupported_value",
            }
            await self.send(writer, 400, json.dumps({"error": error}).encode())
            return True
        if fault == "hang":
            await asyncio.sleep(3600)
        await asyncio.sleep(self.args.latency)
        if fault == "drop":
            writer.transport.abort()
            return False
        if fault == "500":
            await self.send(writer, 500, b'{"error":{"message":"The server had an error"}}')
        elif fault == "html":
            await self.send(
                writer, 200, b"<html><body>Bad gateway</body></html>", {"Content-Type": "text/html"}
            )
        elif fault == "empty":
            await self.send(writer, 200, b'{"object":"chat.completion","model":"m-1","choices":[]}')
        elif fault in ("cut", "trickle"):
            await self.broken(fault, self.answer(digest, request), writer)
            return False
        else:
            self.served[digest] += 1
            await self.send(writer, 200, self.answer(digest, request))
        return True

    async def broken(self, fault: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        """Send half of an answer, then end it, or go on so slowly that it never ends."""
        writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        )
        writer.write(body[: len(body) // 2])
        await writer.drain()
        if fault == "cut":
            writer.transport.abort()
            return
        for byte in body[len(body) // 2 :]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.5)

    @staticmethod
    async def send(
        writer: asyncio.StreamWriter, status: int, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        """Send one whole answer."""
        told = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + body)
        await writer.drain()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", action="append", default=[], metavar="NAME=SHARE", help=", ".join(FAULTS))
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--cap", type=int, default=0, help="more requests than this at once get a 429")
    parser.add_argument("--tokens", type=int, default=3)
    parser.add_argument("--top", type=int, default=2)
    parser.add_argument("--retry-after", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    serving = Server(parser.parse_args())
    server = await asyncio.start_server(serving.serve, "127.0.0.1", 0, backlog=1024, limit=2**20)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
