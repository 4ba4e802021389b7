"""Tables of blog."""
