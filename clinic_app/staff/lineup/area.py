"""The areas' blueprints."""

from ..area import area

services = area("services", __name__, needs=("services",))
practitioners = area("practitioners", __name__, needs=("services",))
