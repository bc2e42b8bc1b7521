"""Errors, messages, time, limits, canonical JSON: what every other package stands on."""
