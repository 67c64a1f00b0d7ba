"""What a server may send in the place of vectors: those of the right texts, or one clear error; never other ones, never a traceback."""

import functools
import json
import struct
from base64 import b64encode
from typing import Any

import numpy as np
import pytest
from servers.deciding import Asked, Deciding, Given

from tempkit.backends.remote import Policy, model_session
from tempkit.errors import ModelError
from tempkit.models.embedding import EmbeddingModel

VECTORS = [[1.0, 0.0, 2.0], [0.0, 3.0, 1.0], [2.0, 2.0, 0.5]]
FIRST = {"index": 0, "embedding": VECTORS[0]}
LAST = [{"index": i, "embedding": VECTORS[i]} for i in (1, 2)]


@pytest.fixture(autouse=True)
def _quick_and_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_session, "Policy", functools.partial(Policy, first_delay_s=0.01))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def embedded(content: str) -> Any:
    """Return what becomes of three texts."""

    def decide(asked: Asked) -> Given:
        return Given({"data": []}) if asked.lists else Given(content)

    with Deciding(decide) as server, EmbeddingModel("openai:e", {"base_url": f"{server.url}/v1"}) as model:
        return model.embed(["a", "b", "c"])


def rows(*data: Any, **more: Any) -> str:
    return json.dumps({"object": "list", "data": list(data), **more})


RIGHT = {
    "in order": rows(FIRST, *LAST),
    "in another order, by their indices": rows(LAST[1], FIRST, LAST[0]),
    "without indices": rows(*({"embedding": v} for v in VECTORS)),
    "with indices that are none": rows(*({"embedding": v, "index": None} for v in VECTORS)),
    "with an empty error": rows(FIRST, *LAST, error=None),
    "whole numbers": rows(
        *({"index": i, "embedding": [int(2 * x) for x in v]} for i, v in enumerate(VECTORS))
    ),
    "very small numbers": rows(
        *({"index": i, "embedding": [x * 1e-60 for x in v]} for i, v in enumerate(VECTORS))
    ),
    "very large numbers": rows(
        *({"index": i, "embedding": [x * 1e60 for x in v]} for i, v in enumerate(VECTORS))
    ),
    "indices as text": rows(*({"index": str(i), "embedding": VECTORS[i]} for i in (2, 0, 1))),
    "indices that say nothing": rows(*({"index": "x", "embedding": v} for v in VECTORS)),
    "usage that is none": rows(FIRST, *LAST, usage={"prompt_tokens": -1, "total_tokens": 10**400}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_vectors_are_those_of_the_texts(name: str) -> None:
    made = np.array(VECTORS)
    np.testing.assert_allclose(
        embedded(RIGHT[name]), made / np.linalg.norm(made, axis=1, keepdims=True), atol=1e-6
    )


PACKED = b64encode(struct.pack("<3f", *VECTORS[0])).decode()

WRONG = {
    "no vector": rows({"index": 0, "embedding": None}, *LAST),
    "a row without a vector": rows({"index": 0}, *LAST),
    "no row": rows(None, *LAST),
    "a vector of nothing": rows({"index": 0, "embedding": []}, *LAST),
    "a vector that is shorter": rows({"index": 0, "embedding": [1.0, 2.0]}, *LAST),
    "a vector that is longer": rows({"index": 0, "embedding": [1.0, 2.0, 3.0, 4.0]}, *LAST),
    "a vector without a direction": rows({"index": 0, "embedding": [0.0, 0.0, 0.0]}, *LAST),
    "NaN": rows({"index": 0, "embedding": [1.0, float("nan"), 0.0]}, *LAST),
    "infinity": rows({"index": 0, "embedding": [1.0, float("inf"), 0.0]}, *LAST),
    "infinities that end each other": rows(
        {"index": 0, "embedding": [float("-inf"), float("inf"), 0.0]}, *LAST
    ),
    "a number beyond a float": rows({"index": 0, "embedding": [1.0, 2.0, 3.0]}, *LAST).replace(
        "3.0]", "1e400]", 1
    ),
    "a whole number beyond a float": rows({"index": 0, "embedding": [1, 2, 10**400]}, *LAST),
    "no number": rows({"index": 0, "embedding": [1.0, None, 0.0]}, *LAST),
    "strings": rows({"index": 0, "embedding": ["1.0", "0.0", "2.0"]}, *LAST),
    "truths": rows({"index": 0, "embedding": [True, False, True]}, *LAST),
    "base64": rows({"index": 0, "embedding": PACKED}, *LAST),
    "base64, all of them": rows(*({"index": i, "embedding": PACKED} for i in range(3))),
    "a vector for each token": rows({"index": 0, "embedding": [VECTORS[0], VECTORS[1]]}, *LAST),
    "a mapping": rows({"index": 0, "embedding": {"0": 1.0, "1": 0.0, "2": 2.0}}, *LAST),
    "one too few": rows(FIRST, LAST[0]),
    "one too many": rows(FIRST, *LAST, {"index": 3, "embedding": VECTORS[0]}),
    "one twice": rows(FIRST, FIRST, LAST[1]),
    "an index counted from one": rows(*({"index": i + 1, "embedding": v} for i, v in enumerate(VECTORS))),
    "an index below zero": rows({"index": -1, "embedding": VECTORS[0]}, *LAST),
    "an index beyond any": rows({"index": 10**30, "embedding": VECTORS[0]}, *LAST),
    "an index here and none there": rows({"embedding": VECTORS[0]}, *LAST[:1], {"embedding": VECTORS[2]}),
    "an index that is a word beside others": rows({"index": "x", "embedding": VECTORS[0]}, *LAST),
    "an index as text, twice": rows({"index": "2", "embedding": VECTORS[0]}, *LAST),
    "no index beside others": rows({"embedding": VECTORS[0]}, *LAST),
    "an index that is true": rows({"index": True, "embedding": VECTORS[0]}, *LAST),
    "numbers whose squares are beyond a float": rows({"index": 0, "embedding": [1e300, 1e300, 0.0]}, *LAST),
    "none at all": rows(),
    "no list": json.dumps({"data": None}),
    "a mapping of them": json.dumps({"data": {"0": VECTORS[0]}}),
    "an error in a 200": json.dumps({"error": {"message": "the model is away"}, "data": []}),
    "an error beside them": rows(FIRST, *LAST, error={"message": "the model is away"}),
    "nesting without end": '{"data":[{"embedding":' + "[" * 200_000,
    "a page": "<html>no</html>",
    "nothing": "",
    "half": rows(FIRST, *LAST)[:60],
}


@pytest.mark.parametrize("name", WRONG)
def test_anything_else_is_one_clear_error(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        embedded(WRONG[name])
    said = str(caught.value)
    assert said.startswith("openai:e: ")
    assert "\n" not in said
    assert len(said) < 500
