"""Who belongs: members, keys, ledgers, accession."""
