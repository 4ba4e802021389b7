"""What staff's forms share."""

import re
import secrets

from wtforms import HiddenField

from ..sent_forms import NONCE_LENGTH
from ..web.page_form import PageForm
from ..web.reachable import Reachable

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


class ReachableForm(Reachable, StaffForm):
    """A form of somebody who leaves an email address, a phone number, or both."""

    if_neither = ("phone", "Enter a phone number or an email address, so that we can reach them")
