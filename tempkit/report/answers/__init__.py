"""The report's answers: one example of every distinct text, with its tokens and scores."""
