"""Services and practitioners: what can be booked, with whom, in which order."""

from . import leaving, photos, practitioner_pages, service_pages
from .area import practitioners, services

__all__ = ["leaving", "photos", "practitioner_pages", "practitioners", "service_pages", "services"]
