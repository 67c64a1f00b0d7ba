"""Draw a grid from llama.cpp's server: as many requests at once as it has slots, answers kept as bytes until the end."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from _processes import Child

from tempkit.types import Sample, Sweep

SPIN = {"GOMP_SPINCOUNT": "20000"}
"""How tempkit has its engine's threads wait: they spin for a moment, then sleep."""


@dataclass(frozen=True)
class Setup:
    """How a server is started."""

    model: str
    stretch: int
    threads: int
    slots: int
    cache_ram_mib: int | None = None
    short_spin: bool = False
    """Its threads wait as tempkit's do, not as OpenMP has it by default."""

    def __str__(self) -> str:
        extras = ["no prompt cache in main memory"] if self.cache_ram_mib == 0 else []
        extras += ["short spinning"] if self.short_spin else []
        return ", ".join([f"{self.slots} slots", *extras])


def serve_and_draw(setup: Setup, legs: dict[str, list[Sweep]]) -> dict[str, Any]:
    """Start a server, draw every leg from it, and end it; loading and a first request are not timed."""
    question = asdict(setup)
    environment = SPIN if question.pop("short_spin") else None
    with Child("_server", environment) as server:
        started = server.ask(question)
        first = next(iter(legs.values()))[0]
        warm = replace(first, sampling=replace(first.sampling, max_tokens=1), samples=first.samples[:1])
        draw(started["url"], [warm], 1)
        drawn = {name: draw(started["url"], leg, setup.slots) for name, leg in legs.items()}
        return {
            "legs": drawn,
            "peak_bytes": server.ask(None)["peak_bytes"],
            "system": started["system"],
            "setup": asdict(setup),
        }


def draw(url: str, sweeps: Sequence[Sweep], slots: int) -> dict[str, Any]:
    """Return tokens and seconds of every sample of some sweeps."""
    jobs = [(sweep, sample) for sweep in sweeps for sample in sweep.samples]
    bodies = [_body(sweep, sample) for sweep, sample in jobs]
    answers: list[bytes] = [b""] * len(jobs)
    waiting = iter(range(len(jobs)))
    lock = threading.Lock()
    errors: list[str] = []

    def work() -> None:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=600)
        try:
            while True:
                with lock:
                    i = next(waiting, None)
                if i is None or errors:
                    return
                # Where the server ends a connection it says so in its answer, and the next request opens another.
                connection.request(
                    "POST", "/v1/chat/completions", bodies[i], {"Content-Type": "application/json"}
                )
                response = connection.getresponse()
                answers[i] = response.read()
                if response.status != 200:
                    errors.append(f"HTTP {response.status}: {answers[i][:500]!r}")
        except (OSError, HTTPException) as e:
            errors.append(repr(e))
        finally:
            connection.close()

    # Daemons: after Ctrl-C nobody waits for answers that will not come.
    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(slots, len(jobs)))]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if errors:
        raise SystemExit(f"llama.cpp's server: {errors[0]}")
    tokens = sum(_tokens(data, sweep) for data, (sweep, _) in zip(answers, jobs, strict=True))
    return {"tokens": tokens, "seconds": seconds, "samples": len(jobs)}


def _body(sweep: Sweep, sample: Sample) -> bytes:
    """Lay out a request, neutral but for the temperature, as tempkit's own samples are."""
    sampling = sweep.sampling
    request = {
        "messages": [{"role": m.role, "content": m.content} for m in sweep.item.messages],
        "temperature": sample.temperature,
        "seed": sample.seed,
        "max_tokens": sampling.max_tokens,
        "top_k": 0,
        "top_p": 1.0,
        "min_p": 0.0,
        "repeat_penalty": 1.0,
        "frequency_penalty": 0.0,
        "presence_penalty": 0.0,
        "logprobs": True,
        "top_logprobs": sampling.logprobs,
    }
    return json.dumps(request).encode()


def _tokens(data: bytes, sweep: Sweep) -> int:
    """Return how many tokens were generated, the end token not counted, as tempkit and llama-cpp-python count.

    The server's `completion_tokens` counts the end token; its logprobs list a character of several tokens once.
    """
    told = json.loads(data)
    choice, said = told["choices"][0], told["usage"]["completion_tokens"]
    entries = choice["logprobs"]["content"]
    stopped = choice["finish_reason"] == "stop"
    if not 0.5 * said <= len(entries) <= said:
        raise SystemExit(f"llama.cpp's server gave logprobs for {len(entries)} of {said} tokens")
    if not stopped and said < sweep.sampling.max_tokens:
        raise SystemExit("a slot of llama.cpp's server has too little room: an answer was cut")
    if any(len(entry["top_logprobs"]) != sweep.sampling.logprobs for entry in entries):
        raise SystemExit("llama.cpp's server did not give as many logprobs as were asked for")
    return int(said) - stopped
