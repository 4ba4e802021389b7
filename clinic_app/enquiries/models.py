"""Tables of enquiries."""
