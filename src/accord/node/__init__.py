"""What a node does, one use case a file, and the projections it keeps. Doors call only this."""
