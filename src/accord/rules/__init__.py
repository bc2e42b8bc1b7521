"""Agreements and what follows from them: terms, facts, standing, release, preview, access. Pure."""
