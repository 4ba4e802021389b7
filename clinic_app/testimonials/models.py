"""Tables of testimonials."""
