"""From the rounds of `local.py` to its tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any

Round = Mapping[str, Mapping[str, Any]]
"""By contestant: its answer, with tokens and seconds by leg."""

LABELS = {
    "tempkit": "tempkit",
    "server": "llama.cpp's server",
    "highlevel": "llama-cpp-python",
    "highlevel-logprobs": "llama-cpp-python, logprobs",
    "bare": "bare llama_decode (tokens in)",
}


def spread(values: Iterable[float], form: str = ".2f") -> str:
    known = list(values)
    return f"{median(known):{form}} (from {min(known):{form}} to {max(known):{form}})"


def tokens_per_second(answer: Mapping[str, Any], leg: str | None, count: str = "tokens") -> float:
    """Of one leg, or of all: total tokens over total seconds."""
    legs = [answer["legs"][leg]] if leg else answer["legs"].values()
    return float(sum(part[count] for part in legs) / sum(part["seconds"] for part in legs))


def limit(round_: Round, leg: str | None) -> float:
    """Tokens/s of output if nothing but llama_decode took time: bare passes/s over tempkit's passes per token."""
    ours, bare = round_["tempkit"]["legs"], round_["bare"]["legs"]
    names = [leg] if leg else list(ours)
    seconds = sum(ours[n]["passes"] * bare[n]["seconds"] / bare[n]["passes"] for n in names)
    return float(sum(ours[n]["tokens"] for n in names) / seconds)


def summarise(rounds: Sequence[Round], legs: list[str]) -> dict[str, Any]:
    """Return everything that is printed, by the round; `all` is no leg but the sum of them."""
    columns: dict[str, str | None] = {**{name: name for name in legs}, "all": None}
    names = [name for name in LABELS if name in rounds[0]]

    def each(of: Callable[[Round, str | None], float]) -> dict[str, list[float]]:
        return {column: [of(r, leg) for r in rounds] for column, leg in columns.items()}

    def rate(name: str) -> Callable[[Round, str | None], float]:
        count = "passes" if name == "bare" else "tokens"
        return lambda r, leg: tokens_per_second(r[name], leg, count)

    def total(r: Round, leg: str | None, field: str) -> float:
        ours = r["tempkit"]["legs"]
        return float(sum(ours[n][field] for n in ([leg] if leg else legs)))

    summary: dict[str, Any] = {
        "tokens_per_second": {name: each(rate(name)) for name in names},
        "peak_bytes": {name: [r[name]["peak_bytes"] for r in rounds] for name in names},
        "ratio": {
            name: each(lambda r, leg, name=name: rate("tempkit")(r, leg) / rate(name)(r, leg))  # type: ignore[misc]
            for name in names
            if name not in ("tempkit", "bare")
        },
        "passes_per_token": each(lambda r, leg: total(r, leg, "passes") / total(r, leg, "tokens")),
        "decode_share": each(lambda r, leg: total(r, leg, "decode_s") / total(r, leg, "wall_s")),
        "mean_width": each(lambda r, leg: total(r, leg, "passes") / total(r, leg, "steps")),
        "by_item": {
            leg: {
                item: counts["passes"] / counts["tokens"]
                for item, counts in rounds[0]["tempkit"]["legs"][leg]["items"].items()
            }
            for leg in legs
        },
    }
    if "bare" in names:
        summary["limit"] = each(limit)
        summary["share_of_limit"] = each(lambda r, leg: rate("tempkit")(r, leg) / limit(r, leg))
    return summary


def show(summary: Mapping[str, Any], legs: list[str]) -> None:
    columns = [*legs, "all"]
    count = len(next(iter(summary["passes_per_token"].values())))
    print(
        f"\n{f'Tokens/s, median of {count} rounds':<32}" + "".join(f"{c:>10}" for c in [*columns, "peak MB"])
    )
    for name, rates in summary["tokens_per_second"].items():
        peak = median(summary["peak_bytes"][name]) / 1e6
        print(f"{LABELS[name]:<32}" + "".join(f"{median(rates[c]):10.1f}" for c in columns) + f"{peak:10.0f}")
    if "limit" in summary:
        print(f"{'limit: bare / passes per token':<32}", end="")
        print("".join(f"{median(summary['limit'][c]):10.1f}" for c in columns))
    print("Peaks: tempkit's is its engine's process and its own added up; a server's is without any client.")
    if any(name.startswith("highlevel") for name in summary["ratio"]):
        print(
            "llama-cpp-python drew a small part: each prompt's first item, one replicate at each temperature."
        )

    print("\nRatios, round by round")
    for name, ratios in summary["ratio"].items():
        for column in columns:
            print(f"tempkit / {LABELS[name]}, {column}: {spread(ratios[column])}")
    for column in columns if "limit" in summary else ():
        print(f"tempkit / limit, {column}: {spread(summary['share_of_limit'][column])}")

    print("\nWhat tempkit's engine did")
    for column in columns:
        items = [
            v
            for leg, by_item in summary["by_item"].items()
            if column in (leg, "all")
            for v in by_item.values()
        ]
        alone = f"; items by themselves {min(items):.3f} to {max(items):.3f}"
        print(f"forward passes per token, {column}: {median(summary['passes_per_token'][column]):.3f}{alone}")
    for column in columns:
        print(
            f"in llama.cpp, {column}: {spread(summary['decode_share'][column], '.1%')} of the time, "
            f"{median(summary['mean_width'][column]):.1f} tokens at once"
        )
