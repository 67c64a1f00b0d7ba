"""Bring in what was made elsewhere: completions, scores, or both."""
