"""The audit trail: one entry for each change that staff make, and for each opening of a patient's details."""

from typing import Any

from ..extensions import db
from .models import AuditEntry, Member

COMMAND_LINE = "command line"


def record(action: str, *, by: Member | None, kind: str = "", id: int | None = None, **details: Any) -> AuditEntry:
    """Write down that `by` (None: the command line) did `action`, to the thing of this kind and number.

    `action` is in the past tense ("opened", "replied to"); `details` are small JSON values, without anything of a
    patient. Part of the caller's transaction: what is rolled back was not done. Flushes.
    """
    entry = AuditEntry(
        member_id=by and by.id,
        by=by.name if by else COMMAND_LINE,
        action=action,
        kind=kind,
        about_id=id,
        details=details,
    )
    db.session.add(entry)
    db.session.flush()
    return entry
