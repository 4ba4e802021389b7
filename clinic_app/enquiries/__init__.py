"""Enquiries: messages from the contact form."""
