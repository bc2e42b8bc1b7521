"""What is known: search, lists, objects, their history and relations."""
