"""Decisions of equals: motion, ballots, tallies, outcome. Pure; `docs/reference/decisions.md`."""
