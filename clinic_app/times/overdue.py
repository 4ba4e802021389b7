"""When an answer is overdue: after the hours that the clinic has given itself (setting `answer_within_hours`)."""

from datetime import datetime, timedelta

from flask import current_app


def overdue_since(now: datetime) -> datetime:
    """What came at this instant or before, and is not answered by `now`, should have been."""
    return now - timedelta(hours=current_app.config["CLINIC"].answer_within_hours)
