"""What is kept for how long: what a purge tells, removes, leaves, and writes down."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text

from clinic_app import clock, database
from clinic_app.accounts.models import AuditEntry, Invitation, Member
from clinic_app.booking import appointments, privacy
from clinic_app.booking.appointments import Patient
from clinic_app.booking.models import Appointment
from clinic_app.enquiries import search, states
from clinic_app.enquiries.models import Enquiry, EnquiryEntry, EnquiryWords
from clinic_app.extensions import db
from clinic_app.mail import chores
from clinic_app.mail.models import OutboxMail
from clinic_app.people import erasing, finding
from clinic_app.people.identities import parse
from clinic_app.retention import kinds, purging
from clinic_app.retention.models import Purge

from . import databases
from .booking.conftest import MONDAY, NOW, at, clinic  # noqa: F401  fixtures
from .factories import enquire
from .people.conftest import WORDS, jo, left_of_jo, noon  # noqa: F401  fixtures
from .reading import how_many, page_of
from .staff.conftest import staff  # noqa: F401  a fixture

# ruff: noqa: F811  fixtures that are imported
YEAR = timedelta(days=366)


@pytest.fixture
def run(app):
    def run(*words):
        result = app.test_cli_runner().invoke(args=["purge", *words])
        db.session.rollback()
        db.session.expire_all()
        assert result.exit_code == 0, result.output
        return result.output

    return run


@pytest.fixture
def book(clinic, at, noon):
    """Books Alex, or somebody else, on the Monday after NOW, years later where asked; gives the number."""
    hours = iter(range(9, 17))

    def book(*, years=0, **who):
        patient = Patient(**({"name": "Alex Placeholder", "email": "alex@example.org"} | who))
        with database.transaction():
            made = appointments.book(
                service=clinic.visit,
                practitioner=clinic.robin,
                starts_at=at(MONDAY, f"{next(hours):02}:00"),
                patient=patient,
            )
            for name in ("starts_at", "ends_at", "busy_until"):
                setattr(made, name, getattr(made, name) + years * timedelta(days=364))
        return made.id

    return book


def there(model, *ids) -> list[int]:
    db.session.rollback()
    return [each for each in ids if db.session.get(model, each, populate_existing=True)]


def receive(**changes) -> int:
    with database.transaction():
        return enquire(**changes).id


def test_a_dry_run_tells_how_many_of_what_and_removes_nothing(run, jo, noon):
    assert "appointments          0" in run()
    noon.shift(8 * YEAR)
    told = run()
    assert "appointments          2, the oldest from" in told
    assert "mails" in told
    assert "Nothing was removed. `flask purge --really` removes it." in told
    assert how_many(Appointment) == 2


def test_of_many_a_dry_run_tells_how_many_at_least_and_counts_all_when_asked(run, book, noon, monkeypatch):
    monkeypatch.setattr(purging, "LOOKED_AT", 2)
    for number in range(3):
        book(email=f"kit{number}@example.org", phone=f"+6149157000{number}")
    assert "+" not in run()
    noon.shift(8 * YEAR)
    told, counted = run(), run("--count")
    assert "appointments          2+, the oldest from" in told
    assert "Behind the oldest 2 of a kind there may be more (+). `flask purge --count` looks through all." in told
    assert "appointments          3, the oldest from" in counted
    assert "+" not in counted


def test_after_seven_years_nothing_of_a_person_is_left_in_any_table_index_or_file(
    run, app, jo, noon, with_settings
):
    with_settings(disposal_register="off")
    noon.shift(8 * YEAR)
    with database.transaction() as session:
        session.execute(text("UPDATE mail_outbox SET state = 'failed', claim = NULL WHERE state = 'queued'"))
    assert "Removed: appointments 2, enquiries 1" in run("--really")
    assert left_of_jo() == []
    if database.is_sqlite():
        files = databases.files_of_sqlite(db.engine.url.database).lower()
        assert [word for word in WORDS if word.encode() in files] == []
    tables = (Appointment, Enquiry, EnquiryEntry, EnquiryWords, OutboxMail)
    assert [how_many(table) for table in tables] == [0] * 5
    assert how_many(Enquiry, Enquiry.id.in_(search.words("trapeze").by_index)) == 0
    assert run("--really") == "There was nothing to remove.\n"


def test_an_appointment_is_kept_with_the_last_of_the_same_person(run, book, noon):
    old, of_other = book(), book(email="kit@example.org", name="Kit Example")
    newer = book(years=3)
    noon.shift(8 * YEAR)
    run("--really")
    assert there(Appointment, old, of_other, newer) == [old, newer]
    noon.shift(3 * YEAR)
    run("--really")
    assert there(Appointment, old, newer) == []


def test_who_shares_a_number_keeps_the_others_records(run, book, noon):
    old = book(phone="+61491570156")
    book(years=3, email="kit@example.org", name="Kit Example", phone="+61491570156")
    noon.shift(8 * YEAR)
    run("--really")
    assert there(Appointment, old) == [old]


def test_who_has_another_address_since_and_then_another_number_is_the_same_person(run, book, noon):
    mobile, other_mobile = "+61491570156", "+61491570157"
    oldest = book(phone=mobile)
    between = book(email="alex@work.example", phone=mobile)
    newest = book(years=3, email="alex@work.example", phone=other_mobile)
    noon.shift(8 * YEAR)
    run("--really")
    assert there(Appointment, oldest, between, newest) == [oldest, between, newest]
    noon.shift(3 * YEAR)
    run("--really")
    assert there(Appointment, oldest, between, newest) == []


@databases.ON_EITHER
def test_a_number_that_many_patients_share_is_not_looked_through_again_for_each_of_them(run, book, noon):
    """As where staff have put the clinic's own for who has none. Told by how much SQLite does."""
    first, steps = book(phone="+61291234567"), []
    columns = [column for column in Appointment.__table__.columns if column.key != "id"]
    like = dict(db.session.execute(select(*columns).where(Appointment.id == first)).one()._mapping)
    driver = db.session.connection().connection.driver_connection

    def share(many: range) -> int:
        unlike = ("uid", "token_hash", "nonce", "email", "email_key")
        each = (dict.fromkeys(unlike, f"{number}@example.org") for number in many)
        rows = [like | one | {"status": "cancelled"} for one in each]
        db.session.execute(insert(Appointment.__table__), rows)
        steps.clear()
        driver.set_progress_handler(lambda: steps.append(1), 100)
        purging.due(whole=True)
        driver.set_progress_handler(None, 0)
        return len(steps)

    noon.shift(8 * YEAR)
    few = share(range(100))
    assert share(range(100, 400)) < 6 * few


def test_records_of_who_was_under_age_are_kept_to_the_end_of_the_year_they_turn_25(run, book, noon):
    child, before, adult = book(), book(), book(email="kit@example.org", name="Kit Example")
    with database.transaction() as session:
        session.get(Appointment, child).birth_year = 2020
    noon.move_to(NOW.replace(year=2045, month=12, day=30))
    run("--really")
    assert there(Appointment, child, before, adult) == [child, before]
    noon.move_to(NOW.replace(year=2046, month=1, day=2))
    run("--really")
    assert there(Appointment, child, before) == []


def test_enquiries_go_after_the_appointments_of_whoever_sent_them(run, book, noon):
    ours, others = (
        receive(email="Alex@example.org", phone=""),
        receive(email="lee@example.com", nonce="n-2", phone=""),
    )
    book(years=3)
    noon.shift(8 * YEAR)
    run("--really")
    assert there(Enquiry, ours, others) == [ours]
    noon.shift(3 * YEAR)
    assert "Removed: appointments 1, enquiries 1" in run("--really")


def test_spam_goes_after_ninety_days_and_other_enquiries_stay(run, noon, app):
    spam, ham = receive(honeypot="x"), receive(nonce="n-2")
    noon.shift(timedelta(days=89))
    run("--really")
    assert there(Enquiry, spam, ham) == [spam, ham]
    noon.shift(timedelta(days=2))
    run("--really")
    assert there(Enquiry, spam, ham) == [ham]


def test_mails_about_an_enquiry_go_with_it_however_long_others_are_kept(run, noon, with_settings):
    with_settings(keep_mails_days=36_500)
    old = receive()
    noon.shift(timedelta(days=1))
    receive(nonce="n-2", email="lee@example.org", phone="")
    with database.transaction() as session:
        states.mark_spam(session.get(Enquiry, old))
        before = set(session.scalars(select(OutboxMail.about_id)))
    noon.shift(timedelta(days=91))
    assert run("--really") == "Removed: spam 1.\n"
    assert before - set(db.session.scalars(select(OutboxMail.about_id))) == {old}


def test_what_staff_mark_as_spam_goes_ninety_days_after_they_did(run, noon, app):
    old = receive()
    noon.shift(timedelta(days=100))
    with database.transaction() as session:
        states.mark_spam(session.get(Enquiry, old))
    for days in (0, 89):
        noon.shift(timedelta(days=days))
        run("--really")
        assert there(Enquiry, old) == [old]
    noon.shift(timedelta(days=2))
    assert run("--really") == "Removed: spam 1.\n"


def test_spam_from_a_patients_address_is_kept_with_their_appointments(run, book, noon):
    spam = receive(email="Alex@example.org", phone="", honeypot="x")
    book()
    noon.shift(timedelta(days=100))
    run("--really")
    assert there(Enquiry, spam) == [spam]
    noon.shift(8 * YEAR)
    assert "Removed: appointments 1, spam 1" in run("--really")


def test_mails_go_after_two_years_but_never_those_that_wait(run, noon, app):
    receive()
    with database.transaction() as session:
        waiting, sent = session.scalars(select(OutboxMail).order_by(OutboxMail.id))
        sent.state, sent.sent_at = "sent", clock.now()
        numbers = waiting.id, sent.id
    noon.shift(timedelta(days=731))
    run("--really")
    assert there(OutboxMail, *numbers) == [numbers[0]]
    assert how_many(Enquiry) == 1


def test_invitations_that_ended_long_ago_go(run, noon, app):
    with database.transaction() as session:
        member = Member(name="Casey Invented", email="casey@clinic.example", role_names=[])
        session.add(member)
        session.flush()
        session.add(Invitation(member_id=member.id, token_hash="0" * 64, expires_at=clock.now()))
    noon.shift(timedelta(days=31))
    assert "invitations 1" in run("--really")


def test_the_trail_tells_counts_and_nobodys_name(run, book, noon):
    book(), book()
    noon.shift(8 * YEAR)
    run("--really")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "purged")).one()
    assert (entry.by, entry.details) == ("command line", {"appointments": 2})


def test_the_register_notes_name_period_and_day_as_state_laws_ask(run, book, noon):
    book(), book(), book(name="=Kit Example", email="kit@example.org")
    noon.shift(8 * YEAR)
    run("--really")
    days = f"{MONDAY},{MONDAY},{clock.today()}"
    assert run("--register").splitlines() == [
        "name,first appointment,last appointment,removed on",
        f"'=Kit Example,{days}",
        f"Alex Placeholder,{days}",
    ]


def test_the_register_notes_nobody_who_stays_and_nobody_who_is_nobody_by_now(run, book, noon):
    book(), book(name="Lee Example", email="lee@example.org", years=5)
    nobodys = book(name="Kit Example", email="kit@example.org")
    noon.shift(8 * YEAR)
    with database.transaction():
        privacy.anonymise([nobodys])
    assert run("--really") == "Removed: appointments 2.\n"
    assert [line.partition(",")[0] for line in run("--register").splitlines()] == ["name", "Alex Placeholder"]


def test_large_amounts_go_in_batches_of_short_transactions(run, jo, noon, monkeypatch):
    monkeypatch.setattr(purging, "LOOKED_AT", 50)
    with database.transaction() as session:
        first = session.get(Enquiry, jo.enquiry)
        columns = {c.name: getattr(first, c.name) for c in Enquiry.__table__.c if c.name != "id"}
        columns |= {"email_key": "buyer@example.org", "phone": "", "state": "spam"}
        rows = [columns | {"reference": f"{n:09}", "form_key": f"key {n}"} for n in range(170)]
        session.execute(insert(Enquiry), rows)
    noon.shift(timedelta(days=100))
    steps = 0
    done = None
    while done is None:
        with database.transaction():
            done = purging.step()
        steps += 1
        assert steps < 10
    assert (steps, done) == (5, {"spam": 170})


def test_the_site_purges_by_itself_once_a_day_where_it_is_told_to(app, book, noon, with_settings):
    old = book()
    noon.shift(8 * YEAR)
    chores.do_all(app)
    assert there(Appointment, old) == [old]
    with_settings(purge="daily")
    for _ in range(4):
        chores.do_all(app)
    assert there(Appointment, old) == []
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "purged")).all()
    assert [entry.by for entry in entries] == ["schedule"]
    assert not purging.is_due()
    noon.shift(timedelta(days=1))
    assert purging.is_due()


def test_a_purge_by_a_clock_that_was_far_ahead_keeps_no_other_waiting(app, noon, with_settings):
    with_settings(purge="daily")
    noon.shift(YEAR)
    chores.do_all(app)
    assert not purging.is_due()
    noon.shift(-YEAR)
    assert purging.is_due()


def test_a_clock_that_leaps_ahead_has_a_day_to_be_noticed_in(app, book, noon, with_settings):
    with_settings(purge="daily")
    old = book()

    def purge():
        for _ in range(4):
            chores.do_all(app)
        return there(Appointment, old)

    purge()
    noon.shift(8 * YEAR)
    assert purge() == [old]
    noon.shift(-8 * YEAR)
    assert purge() == [old]
    noon.shift(8 * YEAR)
    assert purge() == [old]
    noon.shift(timedelta(days=1))
    assert purge() == []


def test_a_purge_that_is_put_off_counts_nothing_that_the_one_before_removed(app, book, noon, with_settings):
    with_settings(purge="daily")
    book()
    noon.shift(8 * YEAR)
    for _ in range(4):
        chores.do_all(app)
    noon.shift(purging.LEAP + timedelta(days=1))
    chores.do_all(app)
    assert db.session.scalar(select(Purge.counts)) == {}
    assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "purged")).all()) == 1


def test_a_purge_that_was_broken_off_goes_on_where_it_stopped(book, noon, app):
    book(), book(email="kit@example.org", name="Kit Example")
    noon.shift(8 * YEAR)
    with database.transaction():
        assert purging.step() is None
    assert db.session.get(Purge, 1).finished_at is None
    with database.transaction():
        assert purging.step() == {"appointments": 2}


def test_a_step_looks_through_so_many_and_the_next_one_goes_on_behind_them(book, noon, app, monkeypatch):
    monkeypatch.setattr(purging, "LOOKED_AT", 1)
    kept, gone, newer = book(), book(email="kit@example.org", name="Kit Example"), book(years=3)

    def purged():
        """What is left after each step."""
        left, done = [], None
        while done is None:
            with database.transaction():
                done = purging.step(by=None)
            left.append(there(Appointment, kept, gone, newer))
        return left

    noon.shift(8 * YEAR)
    first, second, *others = purged()
    assert (first, second) == ([kept, gone, newer], [kept, newer])
    assert all(left == [kept, newer] for left in others)
    noon.shift(3 * YEAR)
    assert purged()[:2] == [[newer], []]


@pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)
def test_only_one_server_purges_at_a_time(app, noon):
    """SQLite's writers queue anyway."""
    with db.engine.connect() as other, other.begin():
        other.execute(select(func.pg_advisory_xact_lock(database.PURGING)))
        with database.transaction():
            assert purging.step() is None
            assert db.session.get(Purge, 1) is None


def plan_of(query) -> str:
    """How the database would run it, with so many rows that it has to think."""
    compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    sqlite = db.engine.dialect.name == "sqlite"
    if not sqlite:
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
    words = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    return "\n".join(str(row) for row in db.session.execute(text(words + str(compiled))))


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds.KINDS if kind.name != "invitations"], ids=lambda k: k.name
)
def test_what_is_due_is_found_by_indexes(app, kind):
    ahead, due = kind.ahead(clock.now(), (NOW, 7)).limit(purging.LOOKED_AT), kind.due_of([1, 2, 3], clock.now())
    for query, index in ((ahead, "ix_"), (due, ""), (purging._counting(kind, clock.now(), 9), "ix_")):
        plan = plan_of(query)
        assert "Seq Scan" not in plan
        scans = [line for line in plan.splitlines() if "SCAN" in line and "INDEX" not in line]
        assert not [line for line in scans if "SCAN anon_" not in line]  # those are what was found, limited
        assert index in plan


def test_the_year_of_birth_is_noted_by_staff_and_leaves_no_trace_in_the_trail(book, noon, staff):
    number, reception = book(), staff("reception")
    page = f"/staff/appointments/{number}"
    assert reception.post(f"{page}/birth-year", data={"birth_year": "2015"}).status_code == 303
    db.session.rollback()
    assert db.session.get(Appointment, number, populate_existing=True).birth_year == 2015
    assert "born in 2015: kept at least to the end of 2040" in reception.get(page).text
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "noted the year of birth")).one()
    assert (entry.about_id, entry.details) == (number, {})
    of_age = clock.local(db.session.get(Appointment, number).starts_at).year - 19
    for wrong in ("2999", "12", "abc", "-5", "99999999999999999999", "1950", str(of_age)):
        reception.post(f"{page}/birth-year", data={"birth_year": wrong})
        db.session.rollback()
        assert db.session.get(Appointment, number, populate_existing=True).birth_year == 2015
    reception.post(f"{page}/birth-year", data={"birth_year": ""})
    db.session.rollback()
    assert db.session.get(Appointment, number, populate_existing=True).birth_year is None


def test_a_year_of_birth_is_not_saved_over_one_that_was_noted_meanwhile_nor_once_it_is_nobodys(book, noon, staff):
    number, reception = book(), staff("reception")
    page = f"/staff/appointments/{number}"
    shown = page_of(reception, page).find("input", {"name": "shown"})["value"]
    reception.post(f"{page}/birth-year", data={"birth_year": "2015", "shown": shown})
    told = reception.post(f"{page}/birth-year", data={"birth_year": "", "shown": shown}, follow_redirects=True)
    assert "someone else has changed the year of birth" in told.text
    assert "born in 2015" in told.text
    with database.transaction():
        erasing.remove(finding.find([parse("alex@example.org")]), anonymous=True)
    assert "Year of birth" not in reception.get(page).text
    reception.post(f"{page}/birth-year", data={"birth_year": "2015"})
    db.session.rollback()
    assert db.session.get(Appointment, number, populate_existing=True).birth_year is None


def test_erasing_somebody_noted_as_under_age_asks_whether_the_law_keeps_it(book, noon):
    number = book()
    with database.transaction() as session:
        session.get(Appointment, number).birth_year = 2020
    noon.shift(10 * YEAR)
    person = finding.find([parse("alex@example.org")])
    assert erasing.may_have_to_be_kept(person, now=clock.now())
    noon.shift(11 * YEAR)
    assert not erasing.may_have_to_be_kept(person, now=clock.now())


def test_owners_see_who_looked_from_the_record_itself(book, noon, staff):
    number, enquiry = book(), receive()
    reference = db.session.get(Enquiry, enquiry).reference
    for path in (f"/staff/appointments/{number}", f"/staff/enquiries/{reference}"):
        assert "Who has looked" in staff("owner").get(path).text
        assert "Who has looked" not in staff("reception").get(path).text
