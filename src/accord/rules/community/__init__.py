"""Who belongs to a community and to its circles, what each may do, and what was decided. Pure."""
