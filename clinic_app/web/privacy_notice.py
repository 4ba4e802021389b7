"""The collection notice (Australian Privacy Principle 5): its text from settings, its version from its text."""

import hashlib
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

TEMPLATE = "public/pages/privacy_notice.html"


@dataclass(frozen=True)
class PrivacyNotice:
    """The notice as HTML, and the version that is stored with what people send."""

    version: str
    html: Markup


def privacy_notice() -> PrivacyNotice:
    """The notice as it stands. Any change of its words changes its version."""
    html = render_template(TEMPLATE)
    return PrivacyNotice(version=hashlib.sha256(html.encode()).hexdigest()[:8], html=Markup(html))  # noqa: S704
