"""Where the answers to one question diverge: a tree of shared prefixes, summarised and laid out."""
