"""From what a user asks for to a `Plan`: an experiment file or options, temperatures, seeds, use cases, consent."""
