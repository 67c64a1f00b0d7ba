"""Tables for and from other programs, over one schema of columns."""
