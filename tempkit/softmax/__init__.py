"""Softmax at a temperature: on a whole vocabulary, and what its most probable tokens tell at another temperature."""
