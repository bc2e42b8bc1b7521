"""Who comes in: sign-in, first set-up, one's own account, accounts and tokens."""
