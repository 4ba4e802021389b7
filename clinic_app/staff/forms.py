"""What staff's forms share."""

import re
import secrets

from wtforms import HiddenField

from ..sent_forms import NONCE_LENGTH
from ..web.page_form import PageForm

NONCE = re.compile(rf"[\w-]{{1,{NONCE_LENGTH}}}", re.ASCII)


class StaffForm(PageForm):
    """A form of staff's. Other sites' posts are refused before any form is read: see guards.same_origin_only."""


class OnceForm(StaffForm):
    """A form that is known again when it is sent twice."""

    nonce = HiddenField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not NONCE.fullmatch(self.nonce.data or ""):
            self.nonce.data = secrets.token_urlsafe(16)
