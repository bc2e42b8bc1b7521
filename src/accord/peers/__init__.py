"""The federation door: serving peers, and following them."""
