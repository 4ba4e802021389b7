"""When an answer is overdue: after the hours that the clinic has given itself (setting `answer_within_hours`)."""

from datetime import datetime, timedelta

from flask import current_app

from . import clock


def overdue_since(now: datetime | None = None) -> datetime:
    """What came at this instant or before, and is not answered yet, should have been by now."""
    hours = current_app.config["CLINIC"].answer_within_hours
    return (now or clock.now()) - timedelta(hours=hours)
