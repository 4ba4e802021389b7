"""What staff's forms share."""

from ..web.page_form import PageForm


class StaffForm(PageForm):
    """A form of staff's. Other sites' posts are refused before any form is read: see guards.same_origin_only."""
