"""The endpoints that the probe is tried on: good ones and, for each thing that goes wrong, bad ones, with what is to be said of each."""

from dataclasses import replace

from endpoint import Switches
from endpoint_expected import GOOD, Kind

__all__ = ["FAULTY", "HEALTHY", "KINDS"]

_STEADINESS = frozenset({"steady alone", "steady together"})
_ALL = frozenset(GOOD)
_PENALTIES = frozenset({"frequency_penalty", "presence_penalty"})
_CUTS = frozenset({"top_p", "top_k", "min_p"})


def _not_one(temperature: float) -> bool:
    return temperature != 1


def _always(_: float) -> bool:
    return True


def _zero(temperature: float) -> bool:
    return temperature == 0


def _hardly(temperature: float) -> float:
    return temperature * 0.3


def _more(temperature: float) -> float:
    return temperature / 0.3


def _clamped(temperature: float) -> float:
    return min(temperature, 1.0)


def _deaf(_: float) -> float:
    return 1.0


def _cool(_: float) -> float:
    return 0.7


_REJECTING = {
    "openai-chat": _not_one,
    "openai-responses": _always,
    "anthropic": _not_one,
    "search-preview": _always,
    "bedrock": _always,
}
"""By whose words: which temperatures such models do not take."""

_LLAMA = {"top_k": 40, "top_p": 0.95, "min_p": 0.05}
"""llama.cpp's own, when it is left to itself."""
_CUTTING = Switches(cuts_first=True, defaults=_LLAMA, unknown="dropped", drops=frozenset({"top_p"}))


def _both(kind: Kind) -> tuple[Kind, Kind]:
    """Return a kind with logprobs, and without."""
    silent = replace(kind.switches, logprobs="none")
    return kind, replace(kind, name=f"{kind.name}, no logprobs", switches=silent)


HEALTHY: tuple[Kind, ...] = (
    *_both(Kind(name="good", switches=Switches())),
    *_both(Kind(name="good, takes up to 2", switches=Switches(most=2), tells={"most": 2.0})),
    *_both(
        Kind(
            name="good, takes up to 1",
            switches=Switches(most=1, most_words="bedrock"),
            tells={"most": 1.0},
        )
    ),
    *_both(Kind(name="good, no seeds", switches=Switches(seeded=False), tells={"seed": "ignored"})),
    *_both(Kind(name="good, one choice", switches=Switches(choices=False), tells={"n": "dropped"})),
    Kind(name="good, tempered", switches=Switches(logprobs="tempered"), tells={"logprobs": "tempered"}),
    Kind(
        name="good, tempered, no seeds",
        switches=Switches(logprobs="tempered", seeded=False),
        tells={"logprobs": "tempered", "seed": "ignored"},
    ),
    *_both(Kind(name="good, seldom in doubt", switches=Switches(certain=0.85))),
    Kind(name="good, drawn token added", switches=Switches(drawn_added=True)),
    Kind(name="good, five logprobs", switches=Switches(most_logprobs=5), tells={"few logprobs": True}),
    Kind(
        name="good, refuses more than five logprobs",
        switches=Switches(most_logprobs=5, counts_logprobs=True),
        tells={"few logprobs": True},
    ),
    Kind(
        name="good, refuses logprobs",
        switches=Switches(refuses=frozenset({"logprobs", "top_logprobs"}), logprobs="none"),
    ),
    *_both(
        Kind(
            name="good, refuses seeds",
            switches=Switches(refuses=frozenset({"seed"})),
            tells={"seed": "refused"},
        )
    ),
    *_both(Kind(name="good, takes blanks off", switches=Switches(strips=True))),
    Kind(
        name="good, takes no more than it knows",
        switches=Switches(unknown="refused"),
        options={"extended_sampling": False},
        untold=_CUTS - {"top_p"},
    ),
)
"""Good ones, as they are about. What they tell besides is not to be taken for a fault."""

FAULTY: tuple[Kind, ...] = (
    *_both(
        Kind(
            name="ignores T",
            switches=Switches(temperature=_deaf),
            tells={"temperature": "ignored"},
            untold=_STEADINESS | _CUTS | {"zero"},
        )
    ),
    *_both(
        Kind(
            name="ignores T and seeds",
            switches=Switches(temperature=_cool, seeded=False),
            tells={"temperature": "ignored", "seed": "ignored"},
            untold=_STEADINESS | _CUTS | {"zero"},
        )
    ),
    *_both(
        Kind(
            name="clamps T at 1",
            switches=Switches(temperature=_clamped),
            tells={"temperature": "clamped", "limit": 1.0},
        )
    ),
    *(
        kind
        for name, remapped, factor in (("T is 0.3 T", _hardly, 0.3), ("T is T / 0.3", _more, 1 / 0.3))
        for kind in (
            Kind(
                name=name,
                switches=Switches(temperature=remapped),
                tells={"temperature": "remapped", "factor": factor},
            ),
            # Of this, texts show only that the temperature does something; the probe is to say so.
            Kind(
                name=f"{name}, no logprobs",
                switches=Switches(temperature=remapped, logprobs="none"),
                tells={"scale seen": False},
            ),
        )
    ),
    *(
        Kind(
            name=f"rejects T ({words})",
            switches=Switches(rejects=rejects, words=words),
            tells={"temperature": "rejected", "accepts": [1.0] if rejects is _not_one else []},
            untold=_ALL - {"temperature", "accepts"},
        )
        for words, rejects in _REJECTING.items()
    ),
    *_both(
        Kind(
            name="rejects T = 0",
            switches=Switches(rejects=_zero, words="tgi"),
            tells={"zero": False},
            untold=_STEADINESS,
        )
    ),
    *(
        half
        for name in ("top_p", "top_k", "min_p")
        for half in _both(
            Kind(name=f"drops {name}", switches=Switches(drops=frozenset({name})), tells={name: "dropped"})
        )
    ),
    Kind(
        name="drops penalties",
        switches=Switches(drops=_PENALTIES),
        tells=dict.fromkeys(sorted(_PENALTIES), "dropped"),
    ),
    *_both(
        Kind(
            name="drops what is not OpenAI's",
            switches=Switches(unknown="dropped"),
            tells={"top_k": "dropped", "min_p": "dropped"},
        )
    ),
    *_both(
        Kind(
            name="refuses what is not OpenAI's",
            switches=Switches(unknown="refused"),
            tells={"top_k": "refused", "min_p": "refused"},
        )
    ),
    Kind(
        name="cuts before T",
        switches=_CUTTING,
        tells={"truncates": True, "top_k": "dropped", "min_p": "dropped"},
        untold=frozenset({"temperature", "factor", "limit", "top_p"}),
    ),
    *(
        Kind(
            name=f"cuts before T ({name} only)",
            switches=replace(_CUTTING, defaults={name: value}),
            tells={"truncates": True},
            untold=frozenset({"temperature", "factor", "limit"}) | _CUTS,
        )
        for name, value in _LLAMA.items()
    ),
    Kind(
        name="post-sampling logprobs", switches=Switches(logprobs="sampled"), tells={"logprobs": "tempered"}
    ),
    Kind(
        name="cuts before T, post-sampling logprobs",
        switches=replace(_CUTTING, logprobs="sampled"),
        tells={"truncates": True},
        untold=frozenset({"temperature", "factor", "limit", "logprobs"}) | _CUTS,
    ),
    Kind(name="drawn token first", switches=Switches(drawn_first=True), tells={"unsorted": True}),
    Kind(name="sentinels", switches=Switches(sentinels=True), tells={"sentinels": True}),
    *_both(
        Kind(
            name="another model after 50",
            switches=Switches(switches_after=50, switches_to="tiny-2"),
            tells={"same model": False},
            untold=_ALL - {"same model"},
        )
    ),
    *_both(
        Kind(
            name="another model after 50, same name",
            switches=Switches(switches_after=50),
            tells={"same model": False},
            untold=_ALL - {"same model"},
        )
    ),
    *_both(
        Kind(
            name="flips near-ties",
            switches=Switches(rounding="always"),
            tells={"steady alone": False, "steady together": False},
            untold=frozenset({"seed"}),
        )
    ),
    *_both(
        Kind(
            name="flips near-ties beside others",
            switches=Switches(rounding="concurrent"),
            tells={"steady together": False},
            untold=frozenset({"seed"}),
        )
    ),
    *_both(
        Kind(
            name="thinks in its text",
            switches=Switches(thinks="in text"),
            tells={"thinking": True},
            untold=_ALL - {"thinking", "temperature"},
        )
    ),
    Kind(
        name="thinks among its logprobs",
        switches=Switches(thinks="in logprobs"),
        tells={"thinking": True},
        untold=_ALL - {"thinking", "temperature"},
    ),
    *_both(
        Kind(
            name="forgets the prompt's beginning",
            switches=Switches(prompt_words=256),
            tells={"forgets": True},
        )
    ),
)
"""Bad ones, each with its fault."""

KINDS: tuple[Kind, ...] = (*HEALTHY, *FAULTY)
