"""Use cases: what is wanted of an answer, and which temperature serves it."""
