"""How a report's numbers came about, and its data as files."""
