"""A model outside a run: loaded once and asked to score texts or to embed them."""
