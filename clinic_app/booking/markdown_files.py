"""Practitioners and services as Markdown files with front matter, known by their slug."""

from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import inspect

from .. import checks, markup
from ..front_matter import MarkdownRow
from ..importing import BadRow, Importer, Outcome, Result
from ..media import Staging
from . import profiles
from .models import Practitioner, Service

MINUTES = checks.whole_number(5, 720)
POSITION = checks.whole_number(0, 10_000)
CONFIRM = checks.one_of("instant", "staff")


def practitioners(staging: Staging) -> Importer:
    """Brings practitioners in; a file without `hours` leaves theirs as they are."""
    return Importer(
        prepare=lambda row: _practitioner(row, staging), save=lambda values: _save(Practitioner, values)
    )


def services(_staging: Staging) -> Importer:
    """Brings services in; a new one is offered by every practitioner."""
    return Importer(prepare=_service, save=lambda values: _save(Service, values))


def _practitioner(row: MarkdownRow, staging: Staging) -> dict[str, Any]:
    row.required("name", "name")
    values = {
        "slug": row.text("slug"),
        "name": row.text("name"),
        "role": row.text("role"),
        "bio": row["body"],
        "bio_as_html": markup.render(row["body"]).html,
        "photo": row.picture("photo", staging),
        "photo_alt": row.text("photo_alt"),
        "position": _checked(row, "position", POSITION, default=0),
    }
    if row["hours"]:
        week = _checked(row, "hours", checks.hours)
        values["hours"] = {checks.DAYS.index(day): periods for day, periods in week.items() if periods}
    return values


def _service(row: MarkdownRow) -> dict[str, Any]:
    row.required("name", "name")
    return {
        "slug": row.text("slug"),
        "name": row.text("name"),
        "minutes": _checked(row, "minutes", MINUTES),
        "price_cents": _cents(row),
        "description": row["body"],
        "description_as_html": markup.render(row["body"]).html,
        "first_visit": row.flag("first_visit"),
        "confirm": _checked(row, "confirm", CONFIRM, default="instant"),
        "position": _checked(row, "position", POSITION, default=0),
    }


def _checked(row: MarkdownRow, name: str, check, *, default: Any = None) -> Any:
    value = row[name]
    if value == "" and default is not None:
        return default
    try:
        return check(value)
    except ValueError as should_be:
        raise BadRow(f"{name} {value!r} should be {should_be}") from None


def _cents(row: MarkdownRow) -> int:
    text = row.text("price")
    try:
        cents = Decimal(text) * 100
    except InvalidOperation:
        cents = Decimal("NaN")
    if not (cents.is_finite() and cents >= 0 and cents == cents.to_integral_value()):
        raise BadRow(f'price {text!r} should be an amount, such as "95.00"')
    return int(cents)


def _save(model: type, values: dict[str, Any]) -> Result:
    save, find = {
        Practitioner: (profiles.save_practitioner, profiles.practitioner),
        Service: (profiles.save_service, profiles.service),
    }[model]
    try:
        before = _snapshot(find(values["slug"]))
    except profiles.NotFound:
        save(**values)
        return Result(Outcome.CREATED)
    after = _snapshot(save(**values))
    return Result(Outcome.UNCHANGED if after == before else Outcome.UPDATED)


def _snapshot(row: Practitioner | Service) -> dict[str, Any]:
    """What a file can say of it."""
    columns = {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}
    if isinstance(row, Practitioner):
        columns["hours"] = sorted((hours.weekday, hours.starts, hours.ends) for hours in row.hours)
    return columns
