"""What staff's pages show: one of everything that they deal with, in each of its states; invented."""

import itertools
from datetime import date, time, timedelta
from types import SimpleNamespace

from sqlalchemy import select, update

from clinic_app import clock
from clinic_app.accounts import invitations
from clinic_app.accounts.invitations import Invited
from clinic_app.accounts.models import Member
from clinic_app.blog import posts, revisions, writing
from clinic_app.booking import appointments, changes, hours, profiles
from clinic_app.booking import privacy as kept
from clinic_app.booking.models import Appointment
from clinic_app.booking.notifications import OUTDATED
from clinic_app.enquiries import entries, references, replies, reply_templates, states
from clinic_app.enquiries import privacy as written
from clinic_app.extensions import db
from clinic_app.mail import outbox
from clinic_app.mail import privacy as mails
from clinic_app.mail.models import OutboxMail
from clinic_app.people import identities, links
from clinic_app.testimonials import moderation
from clinic_app.times.periods import Period
from tests.blog.make import composed
from tests.booking.make import row
from tests.factories import enquire
from tests.staff.conftest import PASSWORD_HASH
from tests.staff.signing import new_secret, passkey_of
from tests.testimonials.invented import CLINICAL, SERVICE, received

REFUSED = "550 5.1.1 <jo@example.org>: Recipient address rejected: User unknown in virtual mailbox table"
SPAM = "Cheap backlinks and casino jackpots for your site: https://a.example https://b.example <a href='x'>"
DRAFT = "10 best stretches\n\n## One\n\nRoll slowly.\n\n### Two\n\nThese nine cure back pain. [Here](/nothing)\n"
OF_LEE = {"name": "Lee Invented", "email": "lee@example.org", "email_key": "lee@example.org", "phone": None}
CLINIC_CLOSED = timedelta(days=100)  # so far ahead that nobody's appointment is in the way


def fill(facts: dict) -> tuple[dict, dict[str, int]]:
    """Put it all in, beside the appointments that `facts` names. Flushes.

    Gives facts for addresses, and the members of staff by name.
    """
    members = _members()
    casey = members["owner"]
    facts = _enquiries(casey) | _appointments(casey, facts["a_booked"]) | _calendar() | _posts() | _testimonials()
    facts |= _mails() | _team(members) | _people() | _anonymous(casey)
    return facts, {name: member.id for name, member in members.items()}


def _members() -> dict[str, Member]:
    """One of each role, and one for each way to take a second step."""
    robin = profiles.practitioner("robin-sample")
    made = {role: _member(role, role) for role in ("owner", "reception", "editor")}
    made["practitioner"] = _member("robin", "practitioner", name="Robin Sample", practitioner_id=robin.id)
    made["newcomer"] = _member("newcomer", "practitioner", name="Kim Imaginary")
    app = {"tf_totp_secret": new_secret(), "tf_primary_method": "authenticator"}
    made["app"] = _member("app", "editor", name="Lee Invented", mf_recovery_codes=["one", "two"], **app)
    made["passkey"] = _member("passkey", "editor", name="Jo Fictional", webauthn=[passkey_of("My phone")])
    made["both"] = _member("both", "owner", name="Max Madeup", webauthn=[passkey_of("My laptop")], **app)
    return made


def _member(who: str, role: str, *, name="Casey Invented", **columns) -> Member:
    member = Member(name=name, email=f"{who}@clinic.example", role_names=[role], password=PASSWORD_HASH, **columns)
    db.session.add(member)
    db.session.flush()
    return member


def _enquiries(casey: Member) -> dict:
    numbers = itertools.count()

    def ask(hours_ago: float, **words):
        enquiry = enquire(nonce=f"look{next(numbers)}", **words)
        enquiry.received_at = clock.now() - timedelta(hours=hours_ago)
        return enquiry

    new = ask(60, name="Pat Pretend", email="pat@example.org")
    answered = ask(30, name="Jo Fictional", email="jo@example.org", message="Could I come on a Thursday?")
    replies.send(answered, text="Yes, we are here until eight.", by=casey)
    entries.note(answered, text="Prefers evenings.", by=casey)
    entries.note_call(answered, text="Rang back: Thursday it is.", by=casey)
    states.assign(answered, to=casey, by=casey)
    clinic = SimpleNamespace(robin=profiles.practitioner("robin-sample"), visit=profiles.service("follow-up"))
    thursday = clock.today() + timedelta(days=21 + (3 - clock.today().weekday()) % 7)
    booked = OF_LEE | {"enquiry_id": answered.id, "created_at": clock.now()}
    db.session.add(row(clinic, clock.instant_of(thursday, time(11)), **booked))
    by_phone = ask(1, name="Max Madeup", email="", message="Please call me back.")
    spam = ask(2, name="Sam Sample", email="sam@example.org", message=SPAM, honeypot="x")
    closed = ask(90, name="Kim Imaginary", email="kim@example.org", message="I left a bottle at yours.")
    states.close(closed, by=casey)
    for name, text in (("Parking", "Hello {name},\n\nthere is room."), ("Hours", "We open at eight.")):
        template = reply_templates.create(name=name, text=text)
    asked = {"new": new, "answered": answered, "by_phone": by_phone, "spam": spam, "closed": closed}
    return {name: references.shown(each.reference) for name, each in asked.items()} | {"template": template.id}


def _appointments(casey: Member, booked: int) -> dict:
    robin, visit = profiles.practitioner("robin-sample"), profiles.service("follow-up")
    clinic, days = SimpleNamespace(robin=robin, visit=visit), itertools.count(31)

    def past(status: str, **columns) -> Appointment:
        at = clock.instant_of(clock.today() - timedelta(days=next(days)), time(10))
        appointment = row(clinic, at, status=status, price_cents=8500, **columns)
        db.session.add(appointment)
        db.session.flush()
        return appointment

    odd = clock.instant_of(clock.today() + timedelta(days=20), time(5))
    outside = appointments.book(
        service=visit,
        practitioner=robin,
        starts_at=odd,
        patient=appointments.Patient(name="Kit Example", phone="+61491570110", is_new=True),
        by="staff",
        override="They fly at seven.",
        hand=changes.hand_of(casey),
    )
    here = changes.hand_of(casey)
    arrived = appointments.fulfil(past("booked"), hand=here)
    missed = appointments.mark_no_show(past("booked", phone=None), hand=here)
    return {
        "a_outside": outside.id,
        "a_arrived": arrived.id,
        "a_missed": missed.id,
        "a_started": past("booked").id,
        "a_undoable": past("booked").id,
        "busy_day": clock.local(db.session.get_one(Appointment, booked).starts_at).date(),
        "today": clock.today(),
        "outside_day": clock.local(odd).date(),
    }


def _calendar() -> dict:
    robin, kit = profiles.practitioner("robin-sample"), profiles.practitioner("kit-example")
    later = clock.today() + CLINIC_CLOSED
    hours.take_time_off(robin, _days(later), reason="A conference")
    hours.add_extra_hours(kit, Period(clock.instant_of(later, time(6)), clock.instant_of(later, time(8))))
    hours.close_clinic(_days(later + timedelta(days=1)), reason="Moving the treadmill")
    left = profiles.save_practitioner("lee-invented", name="Lee Invented", position=9, hours={})
    left.left_on = clock.today() - timedelta(days=1)
    old = profiles.save_service("old", name="Group class", minutes=30, price_cents=2000, position=9)
    old.retired = True
    db.session.flush()
    service, after = profiles.service("follow-up"), clock.instant_of(clock.today() + timedelta(days=3), time(10))
    theirs = SimpleNamespace(robin=left, visit=service)
    asked = row(theirs, after, status="requested", **OF_LEE)
    booked = row(theirs, after + timedelta(hours=1), **OF_LEE)
    db.session.add_all((asked, booked))
    db.session.flush()
    return {
        "robin": robin.id,
        "kit": kit.id,
        "left": left.id,
        "service_id": service.id,
        "retired": old.id,
        "a_stranded": asked.id,
        "a_left_behind": booked.id,
    }


def _days(day: date) -> Period:
    return Period(clock.instant_of(day, time(0)), clock.instant_of(day + timedelta(days=1), time(0)))


def _posts() -> dict:
    writer = revisions.Writer("Casey Invented")
    draft = writing.save(composed("stretches", body="First.", draft=True), post=None, began_with=0, by=writer)
    changed = composed("stretches", title="10 best stretches", body=DRAFT, draft=True)
    writing.save(changed, post=draft, began_with=1, by=writer)
    later = composed("later", published_at=clock.now() + timedelta(days=9))
    scheduled = writing.save(later, post=None, began_with=0, by=writer)
    newest = revisions.latest(draft.id)
    public = posts.get("ten-areas-of-the-spine-every-runner-should-know")
    return {"draft": draft.id, "scheduled": scheduled.id, "published": public.id, "revision": newest.id} | {
        "first_revision": revisions.before(newest).id
    }


def _testimonials() -> dict:
    waiting, plain = received(CLINICAL), received(SERVICE)
    copy = received(SERVICE.replace("park", "put"), name="Robin Sampel")
    hidden = received("Shut when I came by, on a public holiday.", name="Pat Pretend")
    moderation.hide(hidden, by="Casey Invented", note="It was a holiday.")
    gone = received("Warm room, fresh towels, soft music and a friendly hello.", name="Jo Fictional")
    moderation.record_consent(gone, how="By email", at=clock.now(), by="Casey Invented")
    moderation.withdraw_consent(gone, by="Casey Invented", note="Asked on the phone.")
    numbers = {"t_waiting": waiting, "t_published": plain, "t_copy": copy, "t_hidden": hidden, "t_withdrawn": gone}
    return {name: testimonial.id for name, testimonial in numbers.items()}


def _mails() -> dict:
    """Mails wait, since nobody sends them here; some are made sent, failed, given up and withdrawn, also in a
    worker's hand and too late."""
    notices = select(OutboxMail).filter_by(name="appointment_notice")  # which no other page of these withdraws
    first = db.session.scalars(notices.order_by(OutboxMail.id).limit(7))
    queued, sent, failed, given_up, withdrawn, in_hand, in_vain = first
    now = clock.now()
    for mail in (sent, in_vain):
        mail.state, mail.sent_at, mail.attempts, mail.last_attempted_at = "sent", now, 1, now
    in_hand.state, in_hand.claim, in_hand.claimed_at, in_hand.given_up_at = "sending", "a worker's", now, now
    for mail in (in_hand, in_vain):
        mail.withdrawn_at, mail.last_error = now, f"Withdrawn: {OUTDATED}"
    for mail in (failed, given_up, withdrawn):
        mail.state, mail.last_error, mail.attempts, mail.last_attempted_at = "failed", REFUSED, 3, now
    given_up.given_up_at = withdrawn.given_up_at = now
    withdrawn.withdrawn_at, withdrawn.last_error = now, f"Withdrawn: {OUTDATED}\n{REFUSED}"
    numbers = {"m_queued": queued, "m_sent": sent, "m_failed": failed, "m_given_up": given_up}
    numbers |= {"m_withdrawn": withdrawn, "m_withdrawn_in_hand": in_hand, "m_withdrawn_in_vain": in_vain}
    return {name: mail.id for name, mail in numbers.items()}


def _anonymous(casey: Member) -> dict:
    """What is left of somebody who wrote, was answered and came."""
    clinic = SimpleNamespace(robin=profiles.practitioner("robin-sample"), visit=profiles.service("follow-up"))
    enquiry = enquire(name="Lee Invented", email="lee@example.org", nonce="look-anonymous")
    replies.send(enquiry, text="Come at ten.", by=casey)
    at = clock.instant_of(clock.today() - timedelta(days=60), time(10))
    came = row(clinic, at, status="fulfilled", **OF_LEE)
    db.session.add(came)
    db.session.flush()
    given = {"about": ("appointment", came.id), "context": {"sent_at": clock.now()}}
    outbox.enqueue("test", to="lee@example.org", event="look:anonymous", **given)
    ids = mails.find(about={"enquiry": [enquiry.id], "appointment": [came.id]}, to=())
    db.session.execute(update(OutboxMail).where(OutboxMail.id.in_(ids)).values(state="sent", sent_at=clock.now()))
    mails.anonymise(ids)
    written.anonymise([enquiry.id])
    kept.anonymise([came.id])
    return {
        "anonymous": references.shown(enquiry.reference),
        "a_anonymous": came.id,
        "m_anonymous": max(ids),
    }


def _team(members: dict[str, Member]) -> dict:
    gone = _member("gone", "editor", name="Sam Sample", active=False)
    link = invitations.invite(Invited(email="invited@clinic.example", roles=("editor",)), by=members["owner"])
    invited = db.session.scalars(select(Member).filter_by(email="invited@clinic.example")).one()
    return {
        "member": members["both"].id,
        "gone": gone.id,
        "invited": invited.id,
        "invitation": link.split("/")[-1],
    }


def _people() -> dict:
    known = [identities.parse("jo@example.org")]
    older = [identities.parse("kim@example.org")]
    nobody = [identities.parse("nobody@example.org")]
    shared = [*known, identities.parse("0491 570 006")]
    return {
        "who": links.token_of(known),
        "who_past": links.token_of(older),
        "who_unknown": links.token_of(nobody),
        "who_shared": links.token_of(shared),
    }
