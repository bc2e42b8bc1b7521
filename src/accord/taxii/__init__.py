"""The TAXII 2.1 door: for users' tools."""
