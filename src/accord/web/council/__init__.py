"""Decisions: motions, ballots, sessions, minutes, working groups."""
