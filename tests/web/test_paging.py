"""Addresses of pages of lists."""

import pytest

from clinic_app.web.paging import same_page
from tests.databases import ON_EITHER

pytestmark = ON_EITHER


@pytest.mark.parametrize(
    ("path", "changes", "expected"),
    [
        ("/staff/mail", {"at": "x"}, "/staff/mail?at=x"),
        ("/staff/mail?at=a&state=sent", {"at": "b"}, "/staff/mail?state=sent&at=b"),
        ("/staff/mail?at=a", {"at": None}, "/staff/mail"),
        ("/staff/audit?about=a%3A1&about=b%3A2", {"at": "x"}, "/staff/audit?about=a%3A1&about=b%3A2&at=x"),
        ("/staff/mail?endpoint=x&_external=1", {"at": "b"}, "/staff/mail?endpoint=x&_external=1&at=b"),
        ("/staff/%22%3E?q=%3Cb%3E", {}, "/staff/%22%3E?q=%3Cb%3E"),
    ],
)
def test_what_else_the_address_says_stays(app, path, changes, expected):
    with app.test_request_context(path):
        assert same_page(**changes) == expected
