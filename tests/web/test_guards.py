"""Who counts as one visitor."""

import pytest

from clinic_app.web.guards import client_address
from tests.databases import ON_EITHER

pytestmark = ON_EITHER


@pytest.mark.parametrize(
    ("address", "visitor"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"),
        ("unix", "unix"),
    ],
)
def test_a_visitor_is_an_address_or_a_network_of_64_bits(app, address, visitor):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert client_address() == visitor
