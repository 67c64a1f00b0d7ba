"""Statistics of the choice: pure functions on arrays of items x temperatures x replicates."""
