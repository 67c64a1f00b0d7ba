"""Models as embedders: the same vectors as llama.cpp's own ways give, difficult servers, and clear words where it cannot be."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import pytest
from numpy.typing import NDArray
from servers.embeddings import EmbeddingServer
from servers.http_script import Answer
from support import serve

from tempkit.backends.remote import Policy, model_session
from tempkit.errors import ModelError, UsageError
from tempkit.models.embedding import EmbeddingModel

TEXTS = [
    "A byte has 8 bits.",
    "There are 8 bits in a byte.",
    "The cat sat on the mat.",
    "日本語のテキスト",
    "-",
]


@pytest.fixture(autouse=True)
def _quick_and_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_session, "Policy", functools.partial(Policy, first_delay_s=0.01))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as running:
        yield running


def embed(server: EmbeddingServer, texts: list[str], **options: Any) -> NDArray[np.float32]:
    with EmbeddingModel("openai:letters", {"base_url": server.base_url, **options}) as model:
        return model.embed(texts)


def unit(rows: object) -> NDArray[np.float64]:
    made = np.asarray(rows, dtype=np.float64)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_unit_vectors_in_the_order_of_the_texts(server: EmbeddingServer) -> None:
    texts = [f"{'ab' * (i % 7)} c{'d' * i}" for i in range(200)]
    found = embed(server, texts)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, unit([server.vector(text) for text in texts]), atol=1e-6)
    assert sorted(server.texts) == sorted(texts)
    assert max(len(body["input"]) for body in server.bodies) <= 64
    first = server.bodies[0]
    assert (first["model"], first["encoding_format"], set(first)) == (
        "letters",
        "float",
        {"model", "input", "encoding_format"},
    )
    assert server.keys[0] is None  # a key goes to nobody it was not meant for


def test_the_key_goes_with_every_request(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETTERS_KEY", "sk-letters")
    embed(server, ["a"], api_key_env="LETTERS_KEY")
    assert server.keys == ["Bearer sk-letters"]


def test_what_passes_is_tried_again(server: EmbeddingServer) -> None:
    server.faults += [
        Answer({"error": {"message": "busy"}}, 503),
        Answer({"error": {"message": "slow down"}}, 429),
        Answer("<html>"),
    ]
    assert embed(server, ["abc"]).shape == (1, 27)
    assert len(server.bodies) == 4


def test_what_cannot_be_read_is_tried_again_once(server: EmbeddingServer) -> None:
    server.faults += [Answer({"data": []})] * 3
    with pytest.raises(ModelError, match="0 vectors came for 1 texts"):
        embed(server, ["abc"])
    assert len(server.bodies) == 2


@pytest.mark.parametrize(
    "refusal",
    [
        Answer({"error": {"code": "context_length_exceeded", "message": "too long"}}, 400),
        Answer(
            {"error": {"message": "input is too large to process. increase the physical batch size"}}, 500
        ),
        Answer({"error": {"message": "`inputs` must have less than 512 tokens"}}, 413),
    ],
)
def test_a_text_that_is_too_long_is_cut_and_counted(server: EmbeddingServer, refusal: Answer) -> None:
    server.longest, server.too_long = 1000, refusal
    texts = ["short", "a" * 900 + "b" * 1500, "other", "c" * 30_000]
    with EmbeddingModel("openai:letters", {"base_url": server.base_url}) as model:
        found = model.embed(texts)
        assert model.cut == 2
        assert model.embed(["short"]).shape == (1, 27)
        assert model.cut == 2
    kept = ["short", "a" * 600, "other", "c" * 625]
    np.testing.assert_allclose(found, unit([server.vector(text) for text in kept]), atol=1e-6)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            Answer({"error": {"message": "This server does not support embeddings."}}, 501),
            "HTTP 501: This server does",
        ),
        (Answer({"error": {"message": "model not found"}}, 404), "HTTP 404: model not found"),
        (Answer({"error": {"message": "no embedding model"}}, 400), "HTTP 400: no embedding model"),
        (Answer({"error": {"message": "wrong key"}}, 401), "HTTP 401: wrong key"),
    ],
)
def test_a_server_without_embeddings_is_asked_once_and_says_so(
    server: EmbeddingServer, fault: Answer, said: str
) -> None:
    server.faults.append(fault)
    with pytest.raises(
        ModelError, match=r"openai:letters: http://127.0.0.1:.*/v1/embeddings gives no embeddings: "
    ) as e:
        embed(server, ["abc"])
    assert said in str(e.value)
    assert "\n" not in str(e.value)
    assert len(server.bodies) == 1


def test_vectors_that_cannot_be_compared_are_refused(server: EmbeddingServer) -> None:
    server.vector = lambda text: [1.0] * (3 + len(text))
    with pytest.raises(
        ModelError, match=r"its vectors differ in length \(4 and 5\), so they cannot be compared"
    ):
        embed(server, ["a", "ab"])
    with EmbeddingModel("openai:letters", {"base_url": server.base_url}) as model:
        assert model.embed(["a"]).shape == (1, 4)
        with pytest.raises(ModelError, match="differ in length"):
            model.embed(["ab"])
    server.vector = lambda _text: [0.0, 0.0]
    with pytest.raises(ModelError, match="no direction"):
        embed(server, ["a"])
    server.vector = lambda _text: []
    with pytest.raises(ModelError, match="a vector holds no numbers"):
        embed(server, ["a"])


def test_texts_that_no_server_takes(server: EmbeddingServer) -> None:
    assert embed(server, ["\ud800x", "a\x00b", "\x00"]).shape == (3, 27)
    assert server.texts == ["?x", "a b", "?"]
    with pytest.raises(ValueError, match="blank"):
        embed(server, ["a", " \n"])
    assert embed(server, []).shape[0] == 0


def test_a_server_that_is_not_there() -> None:
    with (
        pytest.raises(ModelError, match=r"cannot reach http://127.0.0.1:1/v1"),
        EmbeddingModel("openai:x", {"base_url": "http://127.0.0.1:1/v1"}),
    ):
        pass


def test_other_backends_have_none() -> None:
    with pytest.raises(UsageError, match="scripted:words gives no embeddings; name an openai: model"):
        EmbeddingModel("scripted:words")


def test_llama_cpps_own_server(bundled_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With embeddings, with a text beyond what it takes at once; and without."""
    monkeypatch.setenv("LLAMA_KEY", "sk-test-0123456789")
    with serve(bundled_gguf, "sk-test-0123456789", "--embeddings") as running:
        options = {"base_url": running.base_url, "api_key_env": "LLAMA_KEY"}
        with EmbeddingModel("openai:smollm2", options) as model:
            rows = model.embed([*TEXTS, "word " * 800])
            assert (rows.shape, model.cut) == ((6, 576), 1)
            assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1
            np.testing.assert_allclose(model.embed(TEXTS[:1])[0], rows[0], atol=1e-2)
    with (
        serve(bundled_gguf, "") as running,
        EmbeddingModel("openai:x", {"base_url": running.base_url}) as model,
        pytest.raises(ModelError, match="gives no embeddings: HTTP 501"),
    ):
        model.embed(["a"])


def test_a_gguf_model_gives_what_llama_cpp_python_gives(bundled_gguf: Path) -> None:
    llama = llama_cpp.Llama(
        str(bundled_gguf),
        embedding=True,
        n_ctx=512,
        pooling_type=llama_cpp.LLAMA_POOLING_TYPE_MEAN,
        n_threads=1,
        flash_attn=True,
        verbose=False,
    )
    try:
        expected = unit([llama.embed(text, normalize=False) for text in TEXTS])
    finally:
        llama.close()
    with EmbeddingModel(f"gguf:{bundled_gguf}") as model:
        found = model.embed(TEXTS)
        assert np.all((found * expected).sum(axis=1) > 0.99)
        np.testing.assert_allclose(model.embed(TEXTS[2:3])[0], found[2], atol=1e-2)
        assert model.name.startswith(f"gguf:{bundled_gguf}@")
        assert (model.cut, str(model.note)) == (
            0,
            "it was not made for embeddings, so the mean of its tokens' states is taken: expect little of that",
        )


def test_a_gguf_model_cuts_what_is_longer_than_its_context() -> None:
    with EmbeddingModel("gguf:smollm2", {"n_ctx": 32}) as model:
        found = model.embed([*TEXTS, "word " * 100] * 9)
        assert (found.shape, model.cut) == ((54, 576), 9)
        assert np.all(np.linalg.norm(found[:6] - found[-6:], axis=1) < 0.05)
