"""Ways to reach models: one module per protocol or engine, found by name through entry points."""
