"""Sections with known scores, made without a model."""

import numpy as np

from tempkit.analysis.tables import ScoredSection, Table
from tempkit.types import ModelSpec, Prompt


def table_of(values, *, measure="fact_recall", temperatures=None, version="1", missing=None):
    values = np.asarray(values, dtype=float)
    grid = temperatures or tuple(round(0.4 * i, 1) for i in range(values.shape[1]))
    items = tuple(f"item-{i}" for i in range(values.shape[0]))
    return Table.of(measure, version, items, grid, values, missing=missing)


def section_of(*tables, use_case="technical-documentation"):
    return ScoredSection(
        use_case=use_case,
        prompts=(Prompt(name="facts", use_case=use_case),),
        model=ModelSpec(backend="scripted", name="m", label="scripted:m"),
        tables=tables,
    )


def clustered(rng, means, *, items=30, replicates=6, item_sd=0.2, interaction_sd=0.05, noise_sd=0.1):
    """Scores with an effect of the item, one of the item at a temperature, and noise: (items, T, replicates)."""
    means = np.asarray(means, dtype=float)
    base = rng.normal(0, item_sd, (items, 1, 1))
    own = rng.normal(0, interaction_sd, (items, len(means), 1))
    noise = rng.normal(0, noise_sd, (items, len(means), replicates))
    return means[np.newaxis, :, np.newaxis] + base + own + noise
