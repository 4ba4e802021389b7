"""Testimonials: patients' words, kept as written."""
