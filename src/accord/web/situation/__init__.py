"""The start page: what changed, what waits, what flows with whom."""
