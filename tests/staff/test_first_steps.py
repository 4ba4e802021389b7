"""The first steps of a new clinic, on its owner's queue below what waits there."""

from datetime import time

import pytest

from clinic_app import clock, config, database
from clinic_app.booking import profiles
from clinic_app.cli.content import bring_in_folder
from clinic_app.extensions import db
from clinic_app.mail import outbox
from clinic_app.site_folder import STARTER
from tests.factories import enquire
from tests.queries import count
from tests.reading import page_of

from .conftest import new_member

HOURS = {0: [(time(9), time(17))]}
NAMED = {
    "name": "Riverside",
    "phone": "02 5550 0199",
    "email": "us@riverside.example",
    "street": "1 Quay Road",
    "suburb": "Riverside",
    "postcode": "2000",
}


@pytest.fixture
def owner(app, staff, with_settings):
    with_settings(mail_server="mail.clinic.example", **NAMED)
    return staff("owner")


def steps(browser) -> dict[str, bool]:
    """Each step and whether it is ticked; empty where there is no such list."""
    page = page_of(browser, "/staff")
    return {item.a.text: "done" in item.get("class", []) for item in page.select(".first-steps li")}


def send_a_mail() -> None:
    with database.transaction():
        mail_id = outbox.enqueue("test", to="kit@example.org", event="a test", context={"sent_at": clock.now()})
        mail = db.session.get(outbox.OutboxMail, mail_id)
        mail.state, mail.sent_at = "sent", clock.now()


def set_up() -> None:
    """Everything that is not optional."""
    with database.transaction():
        profiles.save_practitioner("kim", name="Kim Imaginary", hours=HOURS)
        profiles.save_service("visit", name="Visit", minutes=30, price_cents=8000)
    send_a_mail()


def test_a_new_owner_sees_what_to_do_and_where(owner):
    found = steps(owner)
    assert found.pop("Name your clinic"), "it has been named"
    assert found.pop("Take the examples away"), "there are none"
    assert list(found.values()) == [False] * 5
    page = page_of(owner, "/staff")
    for link in page.select(".first-steps a"):
        assert owner.get(link["href"], follow_redirects=True).status_code == 200, link


def test_what_the_program_brought_along_is_not_what_the_owner_did(app, owner):
    bring_in_folder(STARTER)
    assert [step for step, is_done in steps(owner).items() if is_done] == ["Name your clinic"]


def test_each_step_is_ticked_when_it_is_done(owner):
    with database.transaction():
        kim = profiles.save_practitioner("kim", name="Kim Imaginary")
    assert steps(owner)["Say who works here"]
    assert not steps(owner)["Set their hours"]
    with database.transaction():
        profiles.set_hours(kim, HOURS)
    assert steps(owner)["Set their hours"]
    with database.transaction():
        profiles.save_service("visit", name="Visit", minutes=30, price_cents=8000)
    assert steps(owner)["Say what you offer"]
    new_member("reception")
    assert steps(owner) == {
        "Name your clinic": True,
        "Say who works here": True,
        "Set their hours": True,
        "Say what you offer": True,
        "Take the examples away": True,
        "Send a test email": False,
        "Invite your colleagues": True,
    }


def test_the_list_stays_while_patients_see_what_the_program_brought_along(app, owner):
    bring_in_folder(STARTER)
    set_up()
    assert not steps(owner)["Take the examples away"]


def test_changing_what_the_program_brought_along_ticks_a_step_too(app, owner):
    bring_in_folder(STARTER)
    service = profiles.service("follow-up")
    sent = {"name": "Follow-up", "minutes": "30", "price_cents": "90", "confirm": "instant"}
    assert owner.post(f"/staff/services/{service.id}", data=sent).status_code == 303
    done = [step for step, is_done in steps(owner).items() if is_done]
    assert done == ["Name your clinic", "Say what you offer"]


@pytest.mark.parametrize("key", ["street", "suburb", "postcode"])
def test_the_list_stays_while_pages_tell_the_address_of_an_example(owner, with_settings, key):
    set_up()
    with_settings(**{key: config.defaults()[key]})
    assert not steps(owner)["Name your clinic"]


def test_a_mail_that_became_a_file_reached_nobody(owner, with_settings):
    send_a_mail()
    assert steps(owner)["Send a test email"]
    with_settings(mail_server="")
    assert not steps(owner)["Send a test email"]


def test_the_list_goes_when_all_but_the_optional_is_done(owner):
    set_up()
    assert steps(owner) == {}


def test_the_list_stands_below_what_waits(owner):
    with database.transaction():
        enquire()
    assert steps(owner)
    page = page_of(owner, "/staff")
    assert [title.text for title in page.select("h2")][:2] == ["Waiting for you", "First steps"]


def test_only_owners_see_the_list(app, staff):
    assert steps(staff("reception")) == {}


def test_the_list_takes_as_many_queries_whatever_is_done(app, owner):
    none_done = count(lambda: owner.get("/staff"))
    send_a_mail()
    with database.transaction():
        profiles.save_service("visit", name="Visit", minutes=30, price_cents=8000)
    new_member("reception")
    assert count(lambda: owner.get("/staff")) == none_done
