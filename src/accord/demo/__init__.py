"""A community of three nodes that lives through a story, as a person would start it."""
