"""The outbox as staff see it: what waits, what went out, and what failed, in the mail server's own words."""

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select

from .. import clock
from ..accounts import members
from ..booking.models import Appointment
from ..database import transaction
from ..enquiries import references
from ..enquiries.models import Enquiry
from ..extensions import db
from ..lists import keyset
from ..mail import changing, listing, outbox, trying
from ..mail.models import OutboxMail
from ..web import headers
from ..web.fields import AtMost, EmailAddress, LineField, Required
from . import mail_acts, searching
from .area import area, lock, member, record, row
from .forms import StaffForm

bp = area("mail", __name__, needs=("mail",))

TABS = {"queued": "Queued", "sent": "Sent", "failed": "Failed", "given-up": "Given up"}
TEST_TIMEOUT = 5.0  # seconds for each answer: somebody waits for the page
ADDRESS_LENGTH = 254
TRIED_NOW = "We are trying again now, and keep trying for two more days if need be."
WITHDRAWN = "This email was withdrawn: a later change made it untrue, so it can’t be sent any more."
GIVEN_UP = ("Given up. We won’t try to send it again.",)
GIVEN_UP_BEFORE = ("It was given up in the meantime. The reason below is the first: yours is not kept.", "error")
HELD = "It goes out in a moment, as soon as nobody can undo what it is about any more."
SECRETS = (members.KIND,)  # what mails are about that hold links to sign in with: nobody reads them

# A mail's own page loads nothing, runs nothing, leads nowhere, and can stand in no page but ours.
BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)


class GiveUpForm(StaffForm):
    reason = LineField(
        "Why",
        [Required("a reason"), AtMost(200, "the reason")],
        description="We stop trying to send it. You can try again later.",
    )


class TestForm(StaffForm):
    address = LineField(
        "Email address",
        [Required("an email address"), AtMost(ADDRESS_LENGTH, "the email address"), EmailAddress()],
    )


@bp.get("")
def index():
    tab = request.args.get("state", "queued")
    tab = tab if tab in TABS else "queued"
    to = searching.words_asked("to")
    if to:
        with transaction():
            record("searched mail", state=tab)
    query = listing.matching(tab.replace("-", " "), to=to)
    page = keyset.page(query, order=listing.NEWEST_FIRST, at=request.args.get("at"))
    return render_template(
        "staff/mail/index.html",
        page=page,
        seen=mail_acts.latest([mail.id for mail in page.items]),
        tabs=TABS,
        tab=tab,
        to=to,
        token=request.args.get("to"),
        counts=listing.counts(),
        counted=listing.COUNTED,
    )


@bp.post("")
def find():
    """In the list that is open."""
    return searching.list_of("to", longest=ADDRESS_LENGTH, state=request.form.get("state") or None)


@bp.get("/<int:mail_id>")
def show(mail_id):
    with transaction():
        mail = row(OutboxMail, mail_id)
        record("opened", "mail", mail.id)
    return _page(mail, GiveUpForm(formdata=None))


@bp.get("/<int:mail_id>/body")
def body(mail_id):
    """The HTML part alone, for a frame."""
    with transaction():
        mail = row(OutboxMail, mail_id)
        if mail.about_kind in SECRETS or mail.is_anonymous:
            abort(404)
        record("opened", "mail", mail.id, part="html")
    answer = make_response(mail.html_body)
    answer.headers["Content-Security-Policy"] = BODY_POLICY
    return answer


@bp.post("/<int:mail_id>/retry")
def retry(mail_id):
    try:
        with transaction():
            mail = lock(row(OutboxMail, mail_id))
            if mail.given_up_at and not mail.withdrawn_at:
                mail_acts.refuse_unseen(mail)
            due = changing.retry(mail_id).next_attempt_at
            record("tried again", "mail", mail_id)
    except mail_acts.Unseen:
        return _page(row(OutboxMail, mail_id), GiveUpForm(formdata=None))
    except changing.Withdrawn:
        flash(WITHDRAWN, "error")
    except changing.NotFailed:
        flash("This email was sent, or is being sent just now.", "error")
    else:
        flash(HELD if due > clock.now() else TRIED_NOW)
    if (tab := request.form.get("list")) in TABS:
        return redirect(url_for(".index", state=tab), 303)
    return redirect(url_for(".show", mail_id=mail_id), 303)


@bp.post("/<int:mail_id>/give-up")
def give_up(mail_id):
    form = GiveUpForm()
    if not form.validate_on_submit():
        mail = row(OutboxMail, mail_id)
        if _may_be_given_up(mail):
            return _page(mail, form)
        flash("Nothing was changed: this email has been sent or given up in the meantime.", "error")
        return redirect(url_for(".show", mail_id=mail_id), 303)
    try:
        with transaction():
            mail = lock(row(OutboxMail, mail_id))
            if waits := _may_be_given_up(mail):
                mail_acts.refuse_unseen(mail)
                record("gave up", "mail", mail_id)
            changing.give_up(mail_id, reason=form.reason.data, by=member().name)
    except mail_acts.Unseen:
        return _page(row(OutboxMail, mail_id), form)
    except changing.Withdrawn:
        flash(WITHDRAWN, "error")
    except changing.NotWaiting:
        flash("This email was sent, or is being sent just now. It cannot be held back.", "error")
    else:
        flash(*(GIVEN_UP if waits else GIVEN_UP_BEFORE))
    return redirect(url_for(".show", mail_id=mail_id), 303)


@bp.route("/test", methods=["GET", "POST"])
def test():
    form = TestForm(address=member().email)
    if form.validate_on_submit():
        db.session.rollback()  # no transaction stays open while a mail server is waited for
        outcome = _send_test(form)
        with transaction():
            record("sent a test", taken=outcome is not None)
        if outcome:
            flash(outcome)
            return redirect(url_for(".test"), 303)
    return render_template("staff/mail/test.html", form=form, server=current_app.config["CLINIC"].mail_server)


def _send_test(form: TestForm) -> str | None:
    """What to say of it; None where it did not go out, which the form then says in the server's words."""
    settings = current_app.config["CLINIC"]
    try:
        taken = trying.send_test(form.address.data, timeout=TEST_TIMEOUT)
    except outbox.BadAddress:
        form.address.errors = [EmailAddress.message]
    except trying.ServerFailed as error:
        form.form_errors.append(f"{error}. Look at the mail settings.")
    except trying.NotTaken as error:
        form.form_errors.append(f"The mail server did not accept it: {error}")
    else:
        if settings.mail_server:
            return f"{settings.mail_server} has taken the email to {taken}, from {settings.sender}."
        return f"No mail server is set: the email to {taken} is written as a file in the instance's outbox."
    return None


def _may_be_given_up(mail: OutboxMail) -> bool:
    return mail.state in ("queued", "failed") and not mail.given_up_at


def _page(mail: OutboxMail, form: GiveUpForm):
    answer = make_response(
        render_template(
            "staff/mail/show.html",
            mail=mail,
            form=form,
            may_be_given_up=_may_be_given_up(mail),
            secret=mail.about_kind in SECRETS,
            sender=current_app.config["CLINIC"].sender,
            about=_about(mail),
            seen=mail_acts.latest([mail.id])[mail.id],
            news=mail_acts.unseen(mail),
        )
    )
    answer.headers["Content-Security-Policy"] = headers.policy(frame_src="'self'")
    return answer


def _about(mail: OutboxMail) -> dict | None:
    """What the mail is about, as a link where its page may be seen."""
    if mail.about_kind == "enquiry" and member().may("enquiries"):
        if reference := db.session.scalar(select(Enquiry.reference).where(Enquiry.id == mail.about_id)):
            reference = references.shown(reference)
            return {"label": f"Enquiry {reference}", "url": url_for("staff.enquiries.show", reference=reference)}
    elif mail.about_kind == "appointment" and (appointment := db.session.get(Appointment, mail.about_id)):
        return {
            "label": f"The appointment, now {clock.format_when(appointment.starts_at)}",
            "url": url_for("staff.appointments.show", appointment_id=appointment.id),
            "appointment": appointment,
        }
    return None
