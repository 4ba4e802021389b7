"""The health of the site, for who looks after it."""

from ..mail.servers import free_port


def test_the_page_says_what_is_wrong_and_what_to_do(staff):
    page = staff("reception").get("/staff/health")
    assert page.status_code == 200
    assert "Something is wrong." in page.text
    assert "There has never been one of this database." in page.text
    assert "Make one now" in page.text


def test_other_machines_are_asked_on_demand_only(staff, with_settings):
    owner = staff("owner")
    assert "None is set: emails are written as files" in owner.get("/staff/health").text
    with_settings(mail_server="localhost", mail_port=free_port())
    words = "No connection to the mail server localhost"
    assert words not in owner.get("/staff/health").text
    assert words in owner.get("/staff/health?ask=all").text


def test_who_does_not_look_after_mail_is_kept_out(staff):
    assert staff("editor").get("/staff/health").status_code == 403
