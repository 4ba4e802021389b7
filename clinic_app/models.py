"""Makes every table known to the mapper and to migrations."""

from importlib import import_module

PACKAGES = ("mail", "enquiries", "blog", "testimonials", "booking")


def load() -> None:
    """Import each domain package's models."""
    for package in PACKAGES:
        import_module(f"clinic_app.{package}.models")
