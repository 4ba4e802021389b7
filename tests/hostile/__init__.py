"""The site fed with what nobody means well by: see docs/security.md."""
