"""Whether the table of pages has all of them."""

import re

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

from clinic_app import create_app

from .states import STATES

# Pages that one comes to by the steps of another row.
BY_STEPS = {"security.mf_recovery", "security.tf_select", "security.two_factor_token_validation"}
# What is no page: files, a mail's own document in its frame, and addresses that only lead on.
NO_PAGES = {
    "security.two_factor_rescue",
    "security.wan_delete",
    "staff.account.changed",
    "staff.audit.file",
    "staff.figures.appointments",
    "staff.figures.enquiries",
    "staff.figures.file",
    "staff.mail.body",
    "staff.people.file",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(instance=tmp_path_factory.mktemp("table"), environ={})


def test_every_page_of_staffs_has_a_row(app):
    addresses = app.url_map.bind("localhost")
    rows = {_endpoint(addresses, state.path) for state in STATES}
    staffs = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and str(rule).startswith("/staff")
    }
    assert staffs - rows - BY_STEPS - NO_PAGES == set()


def _endpoint(addresses, path: str) -> str | None:
    """The view at a row's path, whose facts are all taken for 1."""
    try:
        return addresses.match(re.sub(r"{\w+}", "1", path.partition("?")[0]))[0]
    except (MethodNotAllowed, NotFound):
        return None
