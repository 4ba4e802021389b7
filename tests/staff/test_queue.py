"""The queue: what waits for whom, and today's appointments beside it."""

from datetime import time, timedelta

import pytest

from clinic_app import clock, database
from clinic_app.booking import appointments, profiles
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.blog.make import post
from tests.factories import enquire
from tests.reading import page_of, parsed
from tests.testimonials.invented import CLINICAL, received

ROUND_THE_CLOCK = {day: [(time(0), time(0))] for day in range(7)}


@pytest.fixture
def clinic(app):
    """Robin and Kit, who work round the clock; a request to Robin for in three days."""
    with database.transaction():
        robin = profiles.save_practitioner("robin", name="Robin Sample", hours=ROUND_THE_CLOCK)
        kit = profiles.save_practitioner("kit", name="Kit Example", hours=ROUND_THE_CLOCK)
        check = profiles.save_service(
            "check", name="Running check", minutes=60, price_cents=14000, confirm="staff"
        )
        ask(check, robin, days=3)
    return {"robin": robin, "kit": kit, "check": check}


def ask(service, practitioner, *, days=0, at=None, by="patient", override="for the test", name="Alex Placeholder"):
    at = at or clock.instant_of(clock.today() + timedelta(days=days), time(12))
    patient = appointments.Patient(name=name, email="alex@example.org")
    return appointments.book(
        service=service, practitioner=practitioner, starts_at=at, patient=patient, by=by, override=override
    )


def everything_waits() -> None:
    """One of each kind that the clinic of this file has not."""
    with database.transaction():
        enquire(name="Robin Sample")
        received(CLINICAL, name="Lee Invented")
        post(title="Half a post", draft=True)
        mail = db.session.scalars(db.select(OutboxMail)).first()
        mail.state, mail.last_error, mail.last_attempted_at = "failed", "550 No such person", clock.now()


def rows(answer) -> list[str]:
    page = parsed(answer.text)
    return [" ".join(row.get_text(" ").split()) for row in page.select("[aria-labelledby=waits-title] .row")]


def test_an_owner_sees_all_that_waits_each_with_its_next_action(staff, clinic):
    everything_waits()
    answer = staff("owner").get("/staff")
    found = " ".join(rows(answer))
    for action in (
        "Answer : Robin Sample",
        "Confirm : Alex Placeholder",
        "Decide : Lee Invented",
        "Finish : Half a post",
    ):
        assert action in found, found
    assert "550 No such person" in found


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        ("reception", {"Enquiry", "Request", "Failed email"}),
        ("editor", {"Testimonial", "Draft"}),
        ("practitioner", set()),
    ],
)
def test_a_role_sees_what_it_can_do_something_about(staff, clinic, role, kinds):
    everything_waits()
    page = page_of(staff(role), "/staff")
    shown = {chip.get_text() for chip in page.select("[aria-labelledby=waits-title] .chip")} - {"Overdue"}
    assert shown == kinds


def test_a_name_that_is_read_from_the_right_stands_before_its_time(staff, clinic):
    with database.transaction():
        made = ask(clinic["check"], clinic["robin"], days=4, name="שרה")
    alone = f"\N{FIRST STRONG ISOLATE}שרה\N{POP DIRECTIONAL ISOLATE}, {clock.format_when(made.starts_at)}"
    assert any(alone in row for row in rows(staff("reception").get("/staff")))


def test_what_is_overdue_comes_first(staff, app):
    with database.transaction():
        received(CLINICAL, name="Lee Invented")
        enquire(name="Jo Fictional").received_at = clock.now() - timedelta(days=2)
    first = rows(staff("owner").get("/staff"))[0]
    assert first.startswith("Jo Fictional")
    assert "Overdue" in first


def test_a_practitioner_sees_requests_and_the_day_of_their_own_only(staff, clinic):
    with database.transaction():
        ask(clinic["check"], clinic["robin"], by="staff")
    robins = staff("practitioner", practitioner=clinic["robin"]).get("/staff").text
    kits = staff("practitioner", practitioner=clinic["kit"]).get("/staff").text
    assert robins.count("Alex Placeholder") > kits.count("Alex Placeholder") == 0


def test_today_stands_beside_the_queue(staff, clinic):
    with database.transaction():
        ask(clinic["check"], clinic["robin"], by="staff")
    page = page_of(staff("reception"), "/staff")
    assert "12:00 pm Alex Placeholder" in " ".join(
        page.select_one("[aria-labelledby=today-title]").get_text(" ").split()
    )


def test_today_has_the_appointments_of_who_has_left(staff, clinic):
    with database.transaction():
        ask(clinic["check"], clinic["robin"], by="staff")
        profiles.save_practitioner("robin", left_on=clock.today() - timedelta(days=1))
    for member in (staff("reception"), staff("practitioner", practitioner=clinic["robin"])):
        page = page_of(member, "/staff")
        assert "Alex Placeholder" in page.select_one("[aria-labelledby=today-title]").text


def test_what_hours_have_stranded_waits_to_be_moved(staff, clinic):
    last_day, after = clock.today() + timedelta(days=3), clock.instant_of(clock.today() + timedelta(days=5))
    with database.transaction():
        for days in (2, 5, 15):
            ask(clinic["check"], clinic["kit"], days=days, by="staff", override=None)
        ask(clinic["check"], clinic["kit"], days=4, by="staff")  # agreed outside hours
        ask(clinic["check"], clinic["robin"], days=5, by="staff", override=None)
        profiles.save_practitioner("kit", left_on=last_day)
    found = [row for row in rows(staff("reception").get("/staff")) if "Outside hours" in row]
    assert len(found) == 1
    assert f"{clock.format_day(after, year=False)}, 12:00 pm Running check with Kit Example" in found[0]
    robins = staff("practitioner", practitioner=clinic["robin"]).get("/staff")
    assert not [row for row in rows(robins) if "Outside hours" in row]


def test_the_rail_counts_what_waits(staff, clinic):
    everything_waits()
    page = page_of(staff("owner"), "/staff")
    counts = {a.get_text(" ").split()[0]: a.select_one(".rail-count") for a in page.select(".rail-list a")}
    numbers = {label: count.contents[0] for label, count in counts.items() if count}
    assert numbers == {"Enquiries": "1", "Calendar": "1", "Testimonials": "1", "Mail": "1"}


def test_many_of_one_kind_do_not_push_the_others_out(staff, app):
    with database.transaction():
        for number in range(30):
            enquire(name=f"Sample {number}", nonce=f"n{number}")
        received(CLINICAL, name="Lee Invented")
    answer = staff("owner").get("/staff")
    assert len(rows(answer)) == 7
    assert "All 30 enquiries" in answer.text


def test_links_lead_to_all_that_wait_of_the_kinds_that_the_rail_does_not_count(staff, clinic):
    with database.transaction():
        for days in range(1, 8):
            ask(clinic["check"], clinic["kit"], days=days, by="staff", override=None)
            post(f"half-{days}", title=f"Half a post {days}", draft=True)
        post(title="A whole post")
        profiles.save_practitioner("kit", left_on=clock.today())
    owner, kit = staff("owner"), staff("practitioner", practitioner=clinic["kit"])
    assert len(rows_behind(owner, "All 7 appointments outside hours")) == 7
    assert len(rows_behind(kit, "All 7 appointments outside hours")) == 7
    drafts = rows_behind(owner, "All 7 drafts")
    assert len(drafts) == 7 and all("Half a post" in row for row in drafts)


def test_a_link_leads_to_all_requests_that_wait_and_to_nothing_else(staff, clinic):
    with database.transaction():
        for days in range(-6, 0):
            ask(clinic["check"], clinic["robin"], days=days)
        ask(clinic["check"], clinic["kit"], days=4, by="staff")
    assert len(rows_behind(staff("reception"), "All 7 requests")) == 7
    assert len(rows_behind(staff("practitioner", practitioner=clinic["robin"]), "All 7 requests")) == 7


def rows_behind(member, link: str) -> list[str]:
    """The rows of the page that this link of the queue leads to."""
    queue = page_of(member, "/staff")
    listed = page_of(member, queue.find("a", string=link)["href"])
    return [row.get_text(" ") for row in listed.select("main .row")]


def test_requests_stand_in_the_order_of_their_list_and_are_told_by_the_same_words(staff, clinic):
    with database.transaction():
        for days in (-2, -1):
            ask(clinic["check"], clinic["kit"], days=days)
        ask(clinic["check"], clinic["kit"], days=10).told_at -= timedelta(days=3)
        for hours in (20, 2):  # who asked for the later time has waited longer
            at = clock.now().replace(second=0, microsecond=0) + timedelta(hours=hours)
            soon = ask(clinic["check"], clinic["robin"], at=at)
            soon.told_at -= timedelta(hours=hours)
    reception = staff("reception")
    queue = page_of(reception, "/staff")
    listed = page_of(reception, "/staff/calendar/requests")
    assert told(queue) == told(listed)
    assert [mark for _, mark in told(listed)] == [
        *("Starts within a day", "Starts within a day", "Overdue"),
        *("Its time has come", "Its time has come", ""),
    ]


def told(page) -> list[tuple[str, str]]:
    """(address, mark) of each request; how long it has waited may stand behind the mark."""
    requested = page.select("main .row:has(.button)")
    marks = [(row.a["href"], row.select_one(".chip-bad")) for row in requested]
    return [(address, mark.text.partition(":")[0] if mark else "") for address, mark in marks]


def test_requests_that_lapsed_stay_behind_those_that_can_still_be_kept(staff, clinic):
    with database.transaction():
        for days in range(-7, 0):
            ask(clinic["check"], clinic["kit"], days=days)
        ask(clinic["check"], clinic["robin"], days=5).told_at -= timedelta(days=2)
    found = rows(staff("owner").get("/staff"))
    assert ["Its time has come" in row for row in found if "Request" in row] == [False] + [True] * 5
    assert sum("Answer : Alex Placeholder" in row for row in found) == 5
    assert sum("Confirm : Alex Placeholder" in row for row in found) == 1
