"""The legal basis: texts, signatures, reservations, amendments, standing."""
