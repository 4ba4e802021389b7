"""What staff's forms share."""

from flask_wtf import FlaskForm


class StaffForm(FlaskForm):
    """A form of staff's. Other sites' posts are refused before any form is read: see guards.same_origin_only."""

    class Meta:
        csrf = False
