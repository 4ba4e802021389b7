"""Enquiries and appointments as rows of a file.

The queries are made at once. Their rows are read while the file is sent, when the request's session has ended.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row

from ...booking import listing as appointment_lists
from ...booking.models import Appointment, Practitioner, Service
from ...csv_files import Cell
from ...enquiries import listing as enquiry_lists
from ...enquiries import references
from ...enquiries.models import Enquiry
from ...web.filters import dialled
from .asked import STATUSES, Asked


class FileColumn(NamedTuple):
    """A column of a file: what stands at its head, what is read for it, and how that is written."""

    header: str
    read: ColumnElement
    write: Callable[[Any], Cell] = lambda value: value


ENQUIRIES = (
    FileColumn("Reference", Enquiry.reference, references.shown),
    FileColumn("Received", Enquiry.received_at),
    FileColumn("State", Enquiry.state),
    FileColumn("Name", Enquiry.name),
    FileColumn("Email", Enquiry.email),
    FileColumn("Phone", Enquiry.phone, dialled),
    FileColumn("About", Enquiry.topic),
    FileColumn("Message", Enquiry.message),
    FileColumn("First answered", Enquiry.first_answered_at),
    FileColumn("Closed", Enquiry.closed_at),
)
APPOINTMENTS = (
    FileColumn("Number", Appointment.id),
    FileColumn("Starts", Appointment.starts_at),
    FileColumn("Ends", Appointment.ends_at),
    FileColumn("Status", Appointment.status, STATUSES.get),
    FileColumn("Practitioner", Practitioner.name.label("practitioner")),
    FileColumn("Service", Service.name.label("service")),
    FileColumn("Price", Appointment.price_cents, lambda cents: cents / 100),
    FileColumn("Name", Appointment.name),
    FileColumn("Email", Appointment.email),
    FileColumn("Phone", Appointment.phone, lambda number: dialled(number or "")),
    FileColumn("First visit", Appointment.is_new, lambda is_new: "yes" if is_new else "no"),
    FileColumn("Note", Appointment.note),
    FileColumn("Made", Appointment.created_at),
    FileColumn("Made by", Appointment.made_by),
    FileColumn("Cancelled", Appointment.cancelled_at),
    FileColumn("Cancelled by", Appointment.cancelled_by),
    FileColumn("Reason", Appointment.cancel_reason),
)


File = tuple[list[str], Iterator[list[Cell]]]  # its header and its rows


def enquiries(asked: Asked) -> File:
    """The enquiries that came in these weeks, in order."""
    return _file(ENQUIRIES, enquiry_lists.received_in(asked.weeks, _read(ENQUIRIES), state=asked.state))


def appointments(asked: Asked) -> File:
    """The appointments that start in these weeks, in order."""
    narrowed = {"practitioner": asked.practitioner, "status": asked.status}
    return _file(APPOINTMENTS, appointment_lists.starting_in(asked.weeks, _read(APPOINTMENTS), **narrowed))


def _read(columns: Sequence[FileColumn]) -> list[ColumnElement]:
    return [column.read for column in columns]


def _file(columns: Sequence[FileColumn], rows: Iterable[Row]) -> File:
    """Rows have the values of the columns, and more behind them."""
    written = ([column.write(value) for column, value in zip(columns, row, strict=False)] for row in rows)
    return [column.header for column in columns], written
