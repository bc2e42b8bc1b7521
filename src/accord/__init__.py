"""Accord: security cooperation among equals."""

__version__ = "0.1.0"
