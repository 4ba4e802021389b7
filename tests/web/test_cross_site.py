"""Every address that changes something, asked for by another site's form."""

import pytest

from tests.hostile.site import Site

# The secret in their address is the proof, and browsers without Fetch Metadata send `Origin: null` from them.
BY_SECRET = "manage."
ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "https://elsewhere.example"},
    {"Origin": "https://localhost.elsewhere.example"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "null"},
)


def test_nothing_is_changed_by_forms_of_other_sites(app):
    site, asked = Site(app), 0
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}:
            if rule.endpoint.startswith(BY_SECRET):
                continue
            path = rule.build(site.arguments(rule))[1]
            for headers in ELSEWHERE:
                client = site.client("owner")
                client.environ_base.pop("HTTP_SEC_FETCH_SITE", None)
                assert client.open(path, method=method, headers=headers).status_code == 403, (path, headers)
            asked += 1
    assert asked > 90


@pytest.mark.parametrize("path", ["/staff/account", "/staff/sign-in"])
def test_staffs_forms_say_where_they_come_from(app, path):
    client = Site(app).client("owner")
    client.environ_base.pop("HTTP_SEC_FETCH_SITE")
    assert client.post(path, data={}).status_code == 403
