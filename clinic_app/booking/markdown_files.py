"""Practitioners and services as Markdown files with front matter; the body is the bio or the description."""

import re
from collections.abc import Callable
from datetime import date, time

from flask import current_app
from sqlalchemy import select

from .. import checks
from ..extensions import db
from ..imports.front_matter import MarkdownRow
from ..imports.rows import BadRow, Importer, Outcome, Result
from ..imports.values import YEARS
from ..pictures.media import Staging
from . import lineup, profiles
from .models import Practitioner, Service

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


def practitioners(staging: Staging) -> Importer:
    """Brings practitioners in by slug; hours left out of a file stay as they are."""
    return Importer(prepare=lambda row: prepare_practitioner(row, staging), save=save_practitioner)


def services(_staging: Staging) -> Importer:
    """Brings services in by slug."""
    return Importer(prepare=prepare_service, save=save_service)


def prepare_practitioner(row: MarkdownRow, staging: Staging) -> dict:
    """What `save_practitioner` takes; raises BadRow."""
    row.required("name", "name")
    if (slug := _slug(row)) in lineup.TAKEN[Practitioner]:
        raise BadRow(f"slug {slug!r} stands for every practitioner; give another")
    return {
        "slug": slug,
        "name": row.text("name"),
        "role": row.text("role"),
        **profiles.bio(row["body"]),
        "photo": row.picture("photo", staging),
        "photo_alt": row.text("photo_alt"),
        "email": _checked("email", checks.email, row.text("email")) if row.text("email") else None,
        "position": _number(row, "position", 0, 10_000) or 0,
        "hours": week(row["hours"]) if row["hours"] else None,
        "offers": row.texts("services") or None,
        **({"left_on": _day(row, "left_on")} if row["left_on"] else {}),
    }


def save_practitioner(prepared: dict) -> Result:
    """Store it; raises BadRow for a service that is not there."""
    values = dict(prepared)
    if values["offers"] is not None:
        values["offers"] = [_service(slug) for slug in values["offers"]]
    return _saved(Practitioner, values, profiles.save_practitioner)


def prepare_service(row: MarkdownRow) -> dict:
    """What `save_service` takes; raises BadRow."""
    row.required("name", "name")
    row.required("minutes", "minutes")
    own = {name: _number(row, name, low, high) for name, (low, high) in profiles.OWN_RULES.items()}
    return {
        "slug": _slug(row),
        "name": row.text("name"),
        "minutes": _number(row, "minutes", *profiles.MINUTES),
        "price_cents": _price(row.text("price")),
        **profiles.description(row["body"]),
        "first_visit": row.flag("first_visit"),
        "confirm": _checked("confirm", checks.one_of("instant", "staff"), row.text("confirm") or "instant"),
        "position": _number(row, "position", 0, 10_000) or 0,
        **({"retired": row.flag("retired")} if row["retired"] != "" else {}),
        **own,
    }


def save_service(prepared: dict) -> Result:
    """Store it."""
    return _saved(Service, dict(prepared), profiles.save_service)


def week(value) -> dict[int, tuple[tuple[time, time], ...]]:
    """Weekly hours from a table of days to lists such as `08:00-12:00`, weekday 0 Monday; raises BadRow.

    Hours that end at or before their start (22:00-02:00) end on the next day.
    """
    if not isinstance(value, dict):
        raise BadRow("hours should be a table of days, such as monday")
    if unknown := {str(day).lower() for day in value} - set(checks.DAYS):
        raise BadRow(f"hours: {sorted(unknown)[0]!r} is not a day, such as monday")
    return {
        checks.DAYS.index(str(day).lower()): _checked(f"hours of {day}", checks.day_hours, periods)
        for day, periods in value.items()
    }


def _slug(row: MarkdownRow) -> str:
    if not SLUG.fullmatch(row["slug"]):
        raise BadRow(f"slug {row['slug'][:60]!r} should be small letters, digits and hyphens")
    return row["slug"]


def _price(text: str) -> int:
    currency = current_app.config["CLINIC"].currency
    return _checked(f"price {text[:30]!r}", lambda price: checks.cents(price, currency), text)


def _number(row: MarkdownRow, name: str, low: int, high: int) -> int | None:
    return None if row[name] in ("", None) else _checked(name, checks.whole_number(low, high), row[name])


def _checked(called: str, check: Callable, value):
    """What the check makes of the value; raises BadRow."""
    try:
        return check(value)
    except ValueError as should_be:
        raise BadRow(f"{called} should be {should_be}") from None


def _day(row: MarkdownRow, name: str) -> date:
    if type(row[name]) is not date or row[name].year not in YEARS:
        raise BadRow(f"{name} should be a date of the years {YEARS[0]} to {YEARS[-1]}, such as 2026-11-24")
    return row[name]


def _service(slug: str) -> Service:
    try:
        return profiles.service(slug)
    except profiles.NotFound:
        raise BadRow(f"services: there is no service {slug!r}") from None


def _saved(model, values: dict, save: Callable) -> Result:
    before = _snapshot(db.session.scalar(select(model).filter_by(slug=values["slug"])))
    saved = save(values.pop("slug"), **values)
    if before is None:
        return Result(Outcome.CREATED)
    return Result(Outcome.UNCHANGED if _snapshot(saved) == before else Outcome.UPDATED)


def _snapshot(row) -> dict | None:
    if row is None:
        return None
    columns = {attribute.key: getattr(row, attribute.key) for attribute in row.__mapper__.column_attrs}
    if isinstance(row, Practitioner):
        columns["hours"] = {(h.weekday, h.starts, h.ends) for h in row.hours}
        columns["services"] = {service.id for service in row.services}
    return columns
