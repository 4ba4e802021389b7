"""Makes every table known to the mapper and to migrations."""

from importlib import import_module

MODULES = (
    "mail.models",
    "enquiries.models",
    "blog.models",
    "testimonials.models",
    "booking.models",
    "accounts.models",
    "content_version",
    "rate_limits",
    "sent_forms",
    "servers",
    "privacy_notice",
    "site_marks",
    "pictures.library",
    "people.models",
    "recovery.models",
    "retention.models",
)


def load() -> None:
    """Import each module that has tables."""
    for module in MODULES:
        import_module(f"clinic_app.{module}")
