"""Services and practitioners: what can be booked, with whom, in which order."""

from ..area import area

services = area("services", f"{__name__}.services", needs=("services",))
practitioners = area("practitioners", f"{__name__}.practitioners", needs=("services",))

from . import leaving, photos, practitioner_pages, service_pages  # noqa: E402, F401  their views hang on these
