"""Enquiries and appointments as rows of a file, read while it is sent."""

from collections.abc import Iterator

from flask import current_app
from sqlalchemy import Row

from ... import phones
from ...booking import tables as appointment_rows
from ...csv_files import Cell
from ...enquiries import references
from ...enquiries import tables as enquiry_rows
from .asked import STATUSES, Asked

ENQUIRIES = (
    *("Reference", "Received", "State", "Name", "Email", "Phone", "About", "Message"),
    *("First answered", "Closed"),
)
APPOINTMENTS = (
    *("Number", "Starts", "Ends", "Status", "Practitioner", "Service", "Price", "Name", "Email", "Phone"),
    *("First visit", "Note", "Made", "Made by", "Cancelled", "Cancelled by", "Reason"),
)


# Both read their filters at once and the rows later, when the request's session has ended.


def enquiries(asked: Asked) -> Iterator[list[Cell]]:
    """The enquiries that came in these weeks, in order."""
    country = current_app.config["CLINIC"].country
    return (_enquiry(row, country) for row in enquiry_rows.received_in(asked.weeks, state=asked.state))


def appointments(asked: Asked) -> Iterator[list[Cell]]:
    """The appointments that start in these weeks, in order."""
    country = current_app.config["CLINIC"].country
    rows = appointment_rows.starting_in(asked.weeks, practitioner=asked.practitioner, status=asked.status)
    return (_appointment(row, country) for row in rows)


def _enquiry(row: Row, country: str) -> list[Cell]:
    return [
        references.shown(row.reference),
        row.received_at,
        row.state,
        row.name,
        row.email,
        phones.dialled(row.phone, country),
        row.topic,
        row.message,
        row.first_answered_at,
        row.closed_at,
    ]


def _appointment(row: Row, country: str) -> list[Cell]:
    return [
        row.id,
        row.starts_at,
        row.ends_at,
        STATUSES[row.status],
        row.practitioner,
        row.service,
        row.price_cents / 100,
        row.name,
        row.email,
        phones.dialled(row.phone or "", country),
        "yes" if row.is_new else "no",
        row.note,
        row.created_at,
        row.made_by,
        row.cancelled_at,
        row.cancelled_by,
        row.cancel_reason,
    ]
