"""What the pages are for, and what their words mean."""
