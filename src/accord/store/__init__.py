"""Durable state behind small ports: one writer that commits in groups, readers beside it."""
