"""STIX 2.1 at the door: what is checked, what is understood, and what is kept untouched."""
