"""Languages: catalogues, numbers as a language writes them, messages that are translated where they are shown."""
