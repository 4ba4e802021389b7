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


@pytest.mark.parametrize("path", ["/", "/book", "/contact", "/staff/sign-in", "/staff/account"])
def test_links_on_other_sites_lead_to_every_page(app, path):
    client = Site(app).client("owner")
    client.environ_base.pop("HTTP_SEC_FETCH_SITE")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        assert client.get(path, headers=headers, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://the-name-before-a-proxy.example"},
    ],
)
@pytest.mark.parametrize("path", ["/contact", "/staff/sign-in"])
def test_either_sign_is_enough_and_the_browsers_own_word_goes_first(app, path, headers):
    client = Site(app).client("owner")
    client.environ_base.pop("HTTP_SEC_FETCH_SITE")
    assert client.post(path, headers=headers, data={}).status_code != 403
