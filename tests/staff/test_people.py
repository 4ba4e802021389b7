"""Looking a person up, giving them what is held, erasing it; and that no address on the way tells who it is."""

import io
import json
import re
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from clinic_app import database
from clinic_app.accounts.models import AuditEntry
from clinic_app.booking import appointments, changes
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.people import links, restoring
from clinic_app.people.identities import number, parse
from clinic_app.people.models import Erasure
from tests.queries import count
from tests.reading import how_many, page_of, parsed, text_of

from ..booking.conftest import MONDAY, at, clinic  # noqa: F401  fixtures
from ..factories import enquire
from ..people.conftest import JO, WORDS, jo, lee, left_of_jo, noon, stored  # noqa: F401  fixtures

DECISION = {"kind": "erased", "reason": "asked", "remark": "By letter", "checked": "y"}


def look_up(client, who="jo.f@example.org"):
    """The path of the page of whoever is known by this."""
    answer = client.post("/staff/people", data={"who": who})
    assert answer.status_code == 303, answer.text
    return answer.location


def fields_of(page):
    """What the form of the erasing page sends by itself."""
    return {i["name"]: i["value"] for i in page.main.find_all("input", type="hidden") if i.get("value")}


def erase(client, path, **changes):
    page = page_of(client, path + "/erase")
    return client.post(path + "/erase", data=fields_of(page) | DECISION | changes)


def last_entry(action):
    db.session.rollback()
    query = select(AuditEntry).filter_by(action=action).order_by(AuditEntry.id.desc())
    return db.session.scalars(query).first()


def test_a_person_is_looked_up_by_address_or_number_and_seen_with_all_that_is_held(jo, lee, staff):  # noqa: F811
    client = staff("reception")
    for who in ("JO.F@example.org", "0491 570 156"):
        page = page_of(client, look_up(client, who))
        words = page.main.text
        assert "I fell off a trapeze." in words
        assert "Follow-up with Robin Sample" in words
        assert "Jo Fictional" in words
        assert "Lee Invented" not in words
    assert page.find("a", href=re.compile(r"^/staff/enquiries/\d{3}-\d{3}-\d{3}$"))
    assert page.find("a", href=re.compile(r"^/staff/mail/\d+$"))


def test_neither_the_address_nor_the_title_of_a_page_tells_who_it_is(jo, staff):  # noqa: F811
    client = staff("owner")
    path = look_up(client)
    for page in (path, path + "/erase"):
        title = page_of(client, page).title.text.lower()
        assert not [word for word in (*WORDS, "jo ") if word in page.lower() or word in title]
    assert not any(word in client.get(path + "/export").headers["Content-Disposition"].lower() for word in WORDS)


def test_what_else_the_records_are_known_by_can_be_included_but_is_not_by_itself(jo, staff):  # noqa: F811
    with database.transaction():
        enquire(name="Lee Invented", email="lee@example.com", phone=JO.phone, nonce="x")
    client = staff("owner")
    page = page_of(client, look_up(client))
    assert "lee" not in page.main.text.lower()

    (include,) = [a for a in page.main.find_all("a") if a.text.startswith("Include")]
    both = page_of(client, include["href"])
    assert "Lee Invented" in both.main.text
    alone = [a["href"] for a in both.main.find_all("a") if a.text.startswith("Only this")]
    assert "Lee Invented" not in page_of(client, alone[0]).main.text


def test_of_two_who_share_address_and_number_each_is_given_theirs_and_erased_alone(jo, staff):  # noqa: F811
    with database.transaction():
        enquire(name="Kim Fictional", email=JO.email, phone=JO.phone, message="It is my wrist.", nonce="x")
    client = staff("owner")
    page = page_of(client, look_up(client))
    assert "One person, or several" in page.main.text
    (kim,) = [a["href"] for a in page.main.find_all("a") if a.text == "Only this name: Kim Fictional"]
    page = page_of(client, kim)
    assert "my wrist" in page.main.text
    assert "trapeze" not in page.main.text
    with zipfile.ZipFile(io.BytesIO(client.get(kim + "/export").data)) as archive:
        given_out = b"".join(map(archive.read, archive.namelist()))
    assert b"wrist" in given_out
    assert b"trapeze" not in given_out
    (both,) = [a["href"] for a in page.main.find_all("a") if a.text == "Include Jo Fictional"]
    assert "all of it goes: Jo Fictional, Kim Fictional" in page_of(client, both + "/erase").main.text
    assert "Records under other names stay: Jo Fictional" in page_of(client, kim + "/erase").main.text
    assert erase(client, kim).status_code == 303
    assert "wrist" not in stored()
    assert left_of_jo() == list(WORDS)
    assert restoring.back() == []
    assert "under jo.f@example.org and the name Kim Fictional." in page_of(client, kim).main.text


@pytest.mark.parametrize("who", ["", "Jo Fictional", "12", "jo@", "\0", "x" * 500])
def test_what_finds_nobody_comes_back_with_a_message(jo, staff, who):  # noqa: F811
    answer = staff("owner").post("/staff/people", data={"who": who})
    assert answer.status_code == 200
    page = parsed(answer.text)
    assert page.title.text.startswith("Error: ")
    assert page.find(id="who-error")


def test_an_address_in_the_query_only_fills_the_form_in(jo, staff):  # noqa: F811
    page = page_of(staff("owner"), "/staff/people?q=jo.f@example.org")
    assert page.find(id="who")["value"] == "jo.f@example.org"
    assert "trapeze" not in page.text


def test_of_a_person_who_is_not_known_the_page_says_that_nothing_is_held(app, staff):
    client = staff("reception")
    page = page_of(client, look_up(client, "nobody@example.org"))
    assert "Nothing is held" in page.main.text
    assert not page.find("a", href=re.compile("export|erase"))


def test_all_of_it_is_given_out_as_a_file(jo, staff):  # noqa: F811
    client = staff("reception")
    answer = client.get(look_up(client) + "/export")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert len(json.loads(archive.read("details.json"))["appointments"]) == 2


def test_no_law_of_another_country_is_named(jo, staff, with_settings):  # noqa: F811
    client = staff("owner")
    assert "Privacy Principle 12" in page_of(client, path := look_up(client)).main.text
    with_settings(country="GB", state="ENG", keep_appointments_years=8)
    assert "Principle" not in page_of(client, path).main.text
    page = page_of(client, path + "/erase")
    assert "8 years from the last appointment" in page.main.text
    assert not re.search("Australia|New South Wales|seven years", page.text)


def test_erasing_asks_and_then_leaves_nothing(jo, lee, staff):  # noqa: F811
    client = staff("owner")
    path = look_up(client)
    page = page_of(client, path + "/erase")
    assert "1 enquiry, 2 appointments and 15 emails" in page.main.text
    assert "seven years" in page.main.text
    answer = erase(client, path)
    assert answer.status_code == 303, answer.text
    assert "Erased: 1 enquiry, 2 appointments and 13 emails." in page_of(client, answer.location).text
    assert left_of_jo() == []
    assert "lee invented" in stored()
    assert "Nothing is held" in page_of(client, path).text
    assert "Erased under one of these on" in page_of(client, path).text


def test_details_are_made_anonymous_with_the_reason_kept(jo, staff):  # noqa: F811
    client = staff("owner")
    assert erase(client, look_up(client), kind="anonymous").status_code == 303
    assert left_of_jo() == []
    words = page_of(client, "/staff/people/erasures").main.text
    assert "The person asked for it" in words
    assert "By letter" in words
    assert "Made anonymous" in words


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"kind": ""}, "kind", "Choose whether"),
        ({"kind": "shredded"}, "kind", "Not a valid choice"),
        ({"reason": ""}, "reason", "Choose the reason"),
        ({"checked": ""}, "checked", "Confirm that no law"),
        ({"remark": "Ms Fictional wrote"}, "remark", "Leave out “Fictional”"),
        ({"remark": "x" * 501}, "remark", "Shorten"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_nothing_is_erased(jo, staff, changes, field, words):  # noqa: F811
    client = staff("owner")
    answer = erase(client, look_up(client), **changes)
    assert answer.status_code == 200
    page = parsed(answer.text)
    assert page.title.text.startswith("Error: ")
    assert words in page.find(id=f"{field}-error").text
    assert page.find("a", href=f"#{field}")
    assert how_many(Erasure) == 0


def test_what_may_be_a_first_name_is_asked_about_and_goes_through_at_the_second_press(jo, staff):  # noqa: F811
    with database.transaction():
        db.session.get(Enquiry, jo.enquiry).name = "May Fictional"
    client = staff("owner")
    path = look_up(client)
    page = parsed(erase(client, path, remark="May wrote").text)
    assert "“May” may be their name. Leave it out then" in page.find(id="remark-error").text
    nameless = page.find("input", attrs={"name": "nameless"})["value"]
    page = parsed(erase(client, path, remark="Letter of May", nameless=nameless).text)
    assert "“May” may be their name" in page.find(id="remark-error").text, "other words are looked at anew"
    nameless = page.find("input", attrs={"name": "nameless"})["value"]
    assert erase(client, path, remark="Letter of May", nameless=nameless).status_code == 303
    assert left_of_jo() == []


def test_what_was_erased_is_noted_beside_the_backups(jo, staff, with_settings, tmp_path):  # noqa: F811
    with_settings(backup_folder=str(tmp_path))
    client = staff("owner")
    erase(client, look_up(client))
    (note,) = tmp_path.iterdir()
    assert note.name == "clinic-erasures.jsonl"
    assert json.loads(note.read_text())["counts"]["enquiries"] == 1
    assert not [word for word in WORDS if word in note.read_text().lower()]


def test_a_folder_that_is_not_there_keeps_nobody_from_erasing(jo, staff, with_settings, tmp_path, caplog):  # noqa: F811
    with_settings(backup_folder=str(tmp_path / "unmounted"))
    client = staff("owner")
    assert erase(client, look_up(client)).status_code == 303
    assert left_of_jo() == []
    assert "What was erased is not noted beside the backups: No such file or directory" in caplog.text


def test_what_came_in_meanwhile_is_shown_before_it_is_erased(jo, staff):  # noqa: F811
    client = staff("owner")
    path = look_up(client)
    sent = fields_of(page_of(client, path + "/erase")) | DECISION
    with database.transaction():
        enquire(name=JO.name, email=JO.email, message="One more thing.", nonce="jo-2")
    answer = client.post(path + "/erase", data=sent)
    assert "Something has come in or gone" in answer.text
    again = fields_of(parsed(answer.text))
    assert client.post(path + "/erase", data=sent | again).status_code == 303


def test_appointments_to_come_are_listed_in_place_of_the_form(jo, clinic, at, staff):  # noqa: F811
    with database.transaction():
        appointments.book(
            service=clinic.visit,
            practitioner=clinic.robin,
            starts_at=at(MONDAY.replace(day=26), "09:00"),
            patient=JO,
        )
    client = staff("owner")
    path = look_up(client)
    page = page_of(client, path + "/erase")
    assert "First cancel or decline this appointment" in page.main.text
    assert "Thu 26 Nov 2026, 9:00 am" in text_of(page.main)
    assert client.post(path + "/erase", data=DECISION | {"seen": "x"}).status_code == 200
    assert set(left_of_jo()) == set(WORDS)


def test_who_expected_them_hears_of_the_cancelling_before_they_are_erased(jo, clinic, at, staff, noon):  # noqa: F811
    client = staff("owner")
    wanted = {"service": clinic.visit, "practitioner": clinic.robin, "patient": JO}
    with database.transaction():
        made = appointments.book(**wanted, starts_at=at(MONDAY.replace(day=26), "09:00"))
        hand = changes.hand_of(SimpleNamespace(id=1, name="Casey"))
        appointments.cancel(made, by=appointments.STAFF, hand=hand)
    path = look_up(client)
    answer = erase(client, path)
    assert "Press the button again in 30 seconds" in parsed(answer.text).find(role="alert").text
    noon.shift(timedelta(seconds=31))
    assert erase(client, path).status_code == 303


def test_every_look_is_in_the_audit_trail_without_the_person_and_their_records(jo, staff):  # noqa: F811
    client = staff("owner")
    path = look_up(client)
    page_of(client, path)
    client.get(path + "/export")
    for action in ("opened", "exported"):
        counts = {"enquiries": 1, "appointments": 2, "mails": 15}
        assert last_entry(action).details == {"what": "all that is held"} | counts, (
            "not which: some may be made nobody's"
        )
    assert last_entry("looked up a person").member_id == client.member_id
    erase(client, path)
    entry = last_entry("erased")
    assert (entry.kind, entry.details["enquiries"]) == ("erasure", 1)
    assert left_of_jo() == []


def test_an_owner_sees_who_has_looked_at_a_person(jo, lee, staff):  # noqa: F811
    reception, owner = staff("reception", name="Kit Example"), staff("owner", name="Robin Sample")
    page_of(reception, look_up(reception))
    page_of(reception, look_up(reception, "lee@example.com"))
    reception.get(f"/staff/appointments/{jo.kept}")
    page = page_of(owner, look_up(owner))
    trail = page_of(owner, page.find("a", href=re.compile("about="))["href"])
    rows = [" ".join(row.text.split()) for row in trail.select(".trail .row-main > p:first-child")]
    assert f"Kit Example opened appointment {jo.kept}" in rows
    assert f"Kit Example opened person {number(parse(JO.email))}" in rows
    assert f"Kit Example opened person {number(parse('lee@example.com'))}" not in rows
    assert not page_of(reception, look_up(reception)).find("a", href=re.compile("about="))


def test_who_may_look_may_not_always_erase(jo, staff, client):  # noqa: F811
    reception = staff("reception")
    path = look_up(reception)
    assert not page_of(reception, path).find("a", href=re.compile("erase"))
    assert reception.get(path + "/erase").status_code == 403
    assert reception.post(path + "/erase", data=DECISION).status_code == 403
    assert reception.get("/staff/people/erasures").status_code == 403
    for role in ("editor", "practitioner"):
        for address in ("/staff/people", path, path + "/export"):
            assert staff(role).get(address).status_code == 403
    assert client.get(path).status_code == 302


@pytest.mark.parametrize("token", ["x", "gAAAA", "é", "a" * 3000])
def test_links_that_are_none_are_not_found(jo, staff, token):  # noqa: F811
    for path in ("", "/export", "/erase"):
        assert staff("owner").get(f"/staff/people/{token}{path}").status_code == 404


def test_a_link_that_has_ended_leads_to_the_search(jo, noon, staff):  # noqa: F811
    path = look_up(staff("owner"))
    noon.shift(60 * 60 * 25)
    client = staff("owner")
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (303, "/staff/people")
    assert "That link has ended" in client.get("/staff/people").text


def test_other_pages_can_link_to_a_person(app):
    with app.test_request_context():
        path = app.jinja_env.globals["people_url"]("Jo.F@example.org")
        assert links.read(path.rpartition("/")[2]) == (parse("jo.f@example.org"),)
        assert app.jinja_env.globals["people_url"]("") == "/staff/people"
        assert app.jinja_env.globals["people_url"](None) == "/staff/people"


def test_a_persons_page_asks_as_many_questions_of_few_records_as_of_many(jo, staff):  # noqa: F811
    client = staff("owner")
    path = look_up(client)
    of_few = count(lambda: page_of(client, path))
    with database.transaction():
        for number in range(60):
            enquire(name=JO.name, email=JO.email, nonce=f"many {number}")
    assert count(lambda: page_of(client, path)) == of_few


def test_mails_that_wait_are_withdrawn(jo, staff):  # noqa: F811
    client = staff("owner")
    erase(client, look_up(client), kind="anonymous")
    db.session.rollback()
    states = db.session.scalars(select(OutboxMail.state).distinct()).all()
    assert states == ["sent"]


def test_what_is_nobodys_any_more_offers_no_next_appointment(jo, staff):  # noqa: F811
    client = staff("owner")
    erase(client, look_up(client), kind="anonymous")
    for appointment in (jo.kept, jo.moved):
        page = page_of(client, f"/staff/appointments/{appointment}")
        assert not page.main.find("a", href=re.compile("/book"))
        form = page_of(client, f"/staff/calendar/book?again={appointment}")
        assert not form.find(id="name").get("value")
