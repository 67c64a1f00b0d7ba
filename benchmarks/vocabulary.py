"""What share of the local engine's time sampling takes at a vocabulary of 151,936 tokens, as Qwen's models have.

Sampling's work grows with the vocabulary and does not depend on the rest of the model, so beside a small model it weighs
the most. This pads the bundled model's vocabulary in a temporary file, draws a small grid with it and with the original,
and prints where the time went: in llama.cpp (which has a larger output layer to compute then), in sampling, and in
everything else (bookkeeping, spelling tokens out, packing answers). The padded model's text means nothing.

The engine's own code runs here without the process around it, so that the sampler can be timed from outside.
Run it on a quiet machine: python benchmarks/vocabulary.py
"""

import argparse
import dataclasses
import tempfile
from pathlib import Path
from typing import Any

from _grid import Grid
from _padding import pad_vocabulary
from _processes import Child, run
from _summary import spread

from tempkit.backends.gguf.files import find_model_file
from tempkit.planning.experiment import parse_model

N_VOCAB = 151_936

ENVIRONMENT = {"GOMP_SPINCOUNT": "20000", "OPENBLAS_NUM_THREADS": "1"}
"""What tempkit starts its engine with."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="fewer than 3 make no figures (default: 3)")
    parser.add_argument("--repeat", type=int, help="replicates at each temperature; default: the demo's")
    parser.add_argument("--max-tokens", type=int, default=48, help="per answer (default: 48)")
    args = parser.parse_args()
    grid = Grid.of_demo(None, 1, args.repeat, args.max_tokens)
    original = find_model_file(parse_model(grid.model))
    with tempfile.TemporaryDirectory(prefix="tempkit-benchmark-") as folder:
        padded = Path(folder) / "padded.gguf"
        had = pad_vocabulary(original, padded, N_VOCAB)
        models = {had: grid, N_VOCAB: dataclasses.replace(grid, model=f"gguf:{padded}")}
        print(f"{original.name}: each prompt's first item, answers of up to {args.max_tokens} tokens")
        print(f"With {N_VOCAB:,} tokens the text means nothing; only its time is looked at.", flush=True)
        done: dict[int, list[dict[str, Any]]] = {n: [] for n in models}
        for number in range(args.rounds):
            for n in models if number % 2 == 0 else reversed(models):
                with Child("_timed_draw", ENVIRONMENT) as child:
                    told = child.ask(dataclasses.asdict(models[n]))
                if told["n_vocab"] != n:
                    raise SystemExit(f"llama.cpp counts {told['n_vocab']} tokens, not {n}")
                done[n].append(told)
    for n, rounds in done.items():
        print(f"\nVocabulary of {n:,}: {spread([r['tokens'] / r['wall_s'] for r in rounds], '.1f')} tokens/s")
        print(f"in llama.cpp    {spread([r['decode_s'] / r['wall_s'] for r in rounds], '.1%')}")
        print(f"in sampling     {spread([r['sampling_s'] / r['wall_s'] for r in rounds], '.1%')}")
        rest = [(r["wall_s"] - r["decode_s"] - r["sampling_s"]) / r["wall_s"] for r in rounds]
        print(f"everything else {spread(rest, '.1%')}")
        per_pass = [r["sampling_s"] / r["passes"] * 1e3 for r in rounds]
        print(f"sampling takes  {spread(per_pass, '.3f')} ms per token evaluated")


if __name__ == "__main__":
    run(main)
