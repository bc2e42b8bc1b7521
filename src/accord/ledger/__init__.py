"""Entries, envelopes, the tree, notes, keys, cards, proofs and their verification: pure."""
