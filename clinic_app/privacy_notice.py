"""The collection notice (Australian Privacy Principle 5): its text from settings, its version from its text."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from flask import current_app, render_template
from markupsafe import Markup
from sqlalchemy import String, Text, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from . import clock
from .extensions import db
from .types import UTCDateTime

TEMPLATE = "public/pages/privacy_notice.html"


class KeptNotice(db.Model):
    """A notice that visitors have seen, so that the version stored with a record can be read years later."""

    __tablename__ = "privacy_notices"

    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    html: Mapped[str] = mapped_column(Text)
    first_used_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PrivacyNotice(NamedTuple):
    """The notice as HTML, and the version that is stored with what people send."""

    version: str
    html: Markup


def privacy_notice() -> PrivacyNotice:
    """The notice as it stands. Any change of its words changes its version.

    Each form asks for it, so it is kept for as long as its template and the settings are the same.
    """
    made_from = current_app.jinja_env.get_template(TEMPLATE), current_app.config["CLINIC"]
    kept = current_app.extensions.get("privacy_notice")
    if kept is None or kept[0] != made_from:
        html = render_template(made_from[0])
        version = hashlib.sha256(html.encode()).hexdigest()[:8]
        kept = made_from, PrivacyNotice(version=version, html=Markup(html))  # noqa: S704
        current_app.extensions["privacy_notice"] = kept
    return kept[1]


def dated(version: str) -> datetime | None:
    """When the notice of this version was first shown; None where that was not kept, or the database is away."""
    try:
        kept = db.session.get(KeptNotice, version)
    except OperationalError:
        db.session.rollback()
        return None
    return kept and kept.first_used_at


def is_any_kept() -> bool:
    """Whether the site was set up before: `keep` is a part of that."""
    return db.session.scalar(select(KeptNotice.version).limit(1)) is not None


def keep() -> None:
    """Keep the notice as it stands, unless it is kept; flushes. A server does so before it shows it."""
    notice = privacy_notice()
    if not db.session.get(KeptNotice, notice.version):
        db.session.add(KeptNotice(version=notice.version, html=str(notice.html), first_used_at=clock.now()))
        db.session.flush()
