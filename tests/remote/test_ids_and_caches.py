"""What providers say of an answer beside its text: its id, and how much of the prompt was in their cache."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tempkit.backends.anthropic.answers import read_message
from tempkit.backends.google.answers import read_answer as read_gemini
from tempkit.backends.ollama import read_chat
from tempkit.backends.openai.answers import read_answer as read_openai
from tempkit.backends.openai.responses import read_response
from tempkit.backends.remote import Answer

CHOICES = [{"message": {"content": "yes"}, "finish_reason": "stop"}]


def gemini(content: bytes) -> Answer:
    return read_gemini(content.decode())


@pytest.mark.parametrize(
    ("read", "body", "expected"),
    [
        (
            read_openai,
            {
                "id": "chatcmpl-1",
                "choices": CHOICES,
                "usage": {
                    "prompt_tokens": 9,
                    "prompt_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 1},
                },
            },
            ("chatcmpl-1", 8, 1),
        ),
        (
            read_openai,
            {
                "id": 7,
                "choices": CHOICES,
                "usage": {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": -1}},
            },
            (None, None, None),
        ),
        (read_openai, {"id": "x" * 10_000, "choices": CHOICES}, (None, None, None)),
        (
            read_response,
            {
                "id": "resp_1",
                "status": "completed",
                "output": [{"type": "message", "content": [{"type": "output_text", "text": "yes"}]}],
                "usage": {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 0}},
            },
            ("resp_1", 0, None),
        ),
        (
            read_message,
            {
                "id": "msg_1",
                "content": [{"type": "text", "text": "yes"}],
                "stop_reason": "end_turn",
                "usage": {"input_tokens": 9, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 5},
            },
            ("msg_1", 4, 5),
        ),
        (
            gemini,
            {
                "responseId": "r1",
                "candidates": [{"content": {"parts": [{"text": "yes"}]}, "finishReason": "STOP"}],
                "usageMetadata": {"promptTokenCount": 9, "cachedContentTokenCount": 3},
            },
            ("r1", 3, None),
        ),
        (
            read_chat,
            {"message": {"content": "yes"}, "done": True, "done_reason": "stop"},
            (None, None, None),
        ),
    ],
)
def test_an_answers_id_and_its_cached_tokens(
    read: Callable[[bytes], Answer], body: dict[str, Any], expected: tuple[str | None, int | None, int | None]
) -> None:
    answer = read(json.dumps(body).encode())
    assert (answer.response_id, answer.cache_read_tokens, answer.cache_write_tokens) == expected
