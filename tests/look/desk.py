"""Staff's pages in their states, by area."""

from datetime import timedelta

from playwright.sync_api import Page

from clinic_app import database
from clinic_app.accounts import audit
from clinic_app.blog import revisions, writing
from clinic_app.booking import appointments, availability, profiles
from clinic_app.booking.models import Appointment
from clinic_app.enquiries import inbox, replies
from clinic_app.extensions import db
from clinic_app.mail import changing
from tests.blog.make import composed

from .gate import REFUSED_AT_ONCE
from .office import DRAFT
from .sites import Site
from .state import State, attach, choose, post_from_elsewhere, press, shown, unfold, untick, write

ENQUIRIES, CALENDAR, APPOINTMENTS, POSTS = (
    "/staff/enquiries",
    "/staff/calendar",
    "/staff/appointments",
    "/staff/posts",
)
VOICES, MAIL, PEOPLE, TEAM, ACCOUNT = (
    "/staff/testimonials",
    "/staff/mail",
    "/staff/people",
    "/staff/team",
    "/staff/account",
)
HOURS, BOOK, CLOSURES = f"{CALENDAR}/hours/{{robin}}", f"{CALENDAR}/book", f"{CALENDAR}/closures"
REQUESTS = f"{CALENDAR}/requests"
LIST = "Name,Slug,Collection ID,Item ID,Created On,Updated On,Published On,Testimonial\n"
ROW = "{name},{slug},c,{slug},{day},{day},{day},{words}\n"
DAY = "Mon Nov 03 2025 00:00:00 GMT+0000 (Coordinated Universal Time)"
FILE = LIST + "".join(
    ROW.format(name=name, slug=slug, day=DAY, words=words)
    for name, slug, words in (
        ("Kim Imaginary", "kim", "The desk was kind and there is room for a bicycle."),
        ("Lee Invented", "lee", "After two sessions my sore elbow was cured."),
        ("", "nobody", "Nobody has said this."),
    )
)


def press_key(words: str):
    """Press a button that leads nowhere."""
    return lambda page, _site: page.locator("main").get_by_role("button", name=words, exact=True).click()


def saved_meanwhile(_page: Page, site: Site) -> None:
    """Someone else saves the draft that is open here."""
    with site.app.app_context(), database.transaction():
        draft = writing.find(site.facts["draft"])
        changed = composed("stretches", title="Ten stretches", body=DRAFT + "\nAnd more.\n", draft=True)
        number = revisions.latest_number(draft.id)
        writing.save(changed, post=draft, began_with=number, by=revisions.Writer("Kit Example"))


def answered_meanwhile(_page: Page, site: Site) -> None:
    """Someone else answers the enquiry that is open here."""
    with site.app.app_context(), database.transaction():
        replies.send(inbox.find(site.facts["new"]), text="No, we are closed.", by=None)


def moved_meanwhile(_page: Page, site: Site) -> None:
    """The patient moves the appointment that is open here."""
    with site.app.app_context(), database.transaction():
        booked = db.session.get_one(Appointment, site.facts["a_booked"])
        free = availability.load(booked.service, practitioner=booked.practitioner, ignoring=booked)
        (slot,) = free.nearest(booked.starts_at, 1)
        appointments.reschedule(booked, starts_at=slot.starts_at)


def changed_meanwhile(_page: Page, site: Site) -> None:
    """Someone else changes the service that is open here."""
    with site.app.app_context(), database.transaction():
        profiles.save_service("follow-up", **profiles.description("A look at how it went.\n\nBring your shoes."))


def tried_again_meanwhile(_page: Page, site: Site) -> None:
    """Someone else tries the email again that is open here, and it fails once more."""
    with site.app.app_context(), database.transaction():
        mail = changing.retry(site.facts["m_failed"])
        mail.state = "failed"
        audit.record("tried again", by=None, kind="mail", id=mail.id)


def removed_meanwhile(path: str):
    """What the page's first form with a text goes to is gone: it goes to `path`, where there is nothing."""
    script = "path => document.querySelector('main form:has(textarea)').setAttribute('action', path)"
    return lambda page, _site: page.evaluate(script, path)


def close_for_a_year(page: Page, site: Site) -> None:
    """Fill in the form for a closure that holds whatever has been booked."""
    page.locator("[name=first]").fill(str(site.facts["busy_day"]))
    page.locator("[name=last]").fill(str(site.facts["busy_day"] + timedelta(days=365)))


def leave_today(page: Page, site: Site) -> None:
    unfold(page, site)
    page.locator("[name=last_day]").fill(str(site.facts["today"]))


QUEUE = (
    State("queue", "/staff", role="owner"),
    State("queue: empty", "/staff", site="empty", role="owner"),
    State("queue: overfull", "/staff", site="full", role="owner"),
    State("queue: of a practitioner", "/staff", role="practitioner"),
    State("queue: of an editor", "/staff", role="editor"),
)
INBOX = (
    State("enquiries", ENQUIRIES, role="reception"),
    State("enquiries: empty", ENQUIRIES, site="empty", role="reception"),
    State("enquiries: overfull", ENQUIRIES, site="full", role="reception"),
    *(
        State(f"enquiries: {state}", f"{ENQUIRIES}?state={state}", role="reception")
        for state in ("open", "closed", "spam", "all")
    ),
    State("enquiries: mine", f"{ENQUIRIES}?state=open&owner=me", role="owner"),
    State("enquiries: nobody's", f"{ENQUIRIES}?state=closed&owner=me", role="reception"),
    State("enquiries: found", ENQUIRIES, (press("Search", q="thursday"),), role="reception"),
    State("enquiries: not found", ENQUIRIES, (press("Search", q="xyzzy"),), role="reception"),
    *(
        State(f"enquiry: {state}", f"{ENQUIRIES}/{{{state}}}", role="reception")
        for state in ("new", "answered", "by_phone", "spam", "closed", "anonymous")
    ),
    State("enquiry: overfull", f"{ENQUIRIES}/{{new}}", site="full", role="reception"),
    State("enquiry: of an unbroken name", f"{ENQUIRIES}/{{unbroken}}", site="full", role="reception"),
    State(
        "enquiry: answered by another meanwhile",
        f"{ENQUIRIES}/{{new}}",
        (answered_meanwhile, press("Send", reply="Yes, we open!")),
        role="reception",
    ),
    State("enquiry: with a template", f"{ENQUIRIES}/{{new}}", (press_key("Insert"),), role="reception"),
    State("enquiry: reply sent empty", f"{ENQUIRIES}/{{new}}", (press("Send"),), role="reception"),
    State("enquiry: note sent empty", f"{ENQUIRIES}/{{new}}", (press("Save note"),), role="reception"),
    State(
        "enquiry: removed by another meanwhile",
        f"{ENQUIRIES}/{{new}}",
        (removed_meanwhile(f"{ENQUIRIES}/999-999-999/reply"), press("Send", reply="Yes, we open!")),
        role="reception",
        status=404,
    ),
    State("enquiry: to correct", f"{ENQUIRIES}/{{new}}/correct", role="reception"),
    State(
        "enquiry: corrected to nothing",
        f"{ENQUIRIES}/{{new}}/correct",
        (press("Save the details", name="", email="", phone=""),),
        role="reception",
    ),
    State(
        "enquiry: corrected while a reply waited",
        f"{ENQUIRIES}/{{answered}}/correct",
        (press("Save the details", email="jo.fictional@example.org"),),
        role="reception",
    ),
    State("templates", f"{ENQUIRIES}/templates", role="reception"),
    State("templates: empty", f"{ENQUIRIES}/templates", site="empty", role="reception"),
    State("templates: sent empty", f"{ENQUIRIES}/templates", (press("Save template"),), role="reception"),
    State("template", f"{ENQUIRIES}/templates/{{template}}", role="reception"),
    State("template: wrong", f"{ENQUIRIES}/templates/{{template}}", (press("Save", name=""),), role="reception"),
    State(
        "template: removed by another meanwhile",
        f"{ENQUIRIES}/templates/{{template}}",
        (removed_meanwhile(f"{ENQUIRIES}/templates/999999"), press("Save")),
        role="reception",
    ),
)
DIARY = (
    State("calendar: day", f"{CALENDAR}?day={{busy_day}}", role="reception"),
    State("calendar: day outside hours", f"{CALENDAR}?day={{outside_day}}", role="reception"),
    State("calendar: today", CALENDAR, role="reception"),
    State("calendar: overfull", f"{CALENDAR}?day={{busy_day}}", site="full", role="reception"),
    State("calendar: week", f"{CALENDAR}?view=week&day={{busy_day}}", role="reception"),
    State("calendar: week, overfull", f"{CALENDAR}?view=week&day={{busy_day}}", site="full", role="reception"),
    State("calendar: one", f"{CALENDAR}?view=week&day={{busy_day}}&practitioner=robin-sample", role="reception"),
    State("calendar: own", f"{CALENDAR}?day={{busy_day}}", role="practitioner"),
    State("calendar: nobody's", CALENDAR, role="newcomer"),
    State("calendar: empty", CALENDAR, site="empty", role="reception"),
    State("requests", REQUESTS, role="reception"),
    State("requests: times offered", f"{REQUESTS}?state=offered", role="reception"),
    State("requests: empty", REQUESTS, site="empty", role="reception"),
    State("requests: none offered", f"{REQUESTS}?state=offered", site="empty", role="reception"),
    State("requests: overfull", REQUESTS, site="full", role="reception"),
    State("book", BOOK, role="reception"),
    State("book: from an enquiry", f"{BOOK}?enquiry={{new}}", role="reception"),
    State("book: the next one", f"{BOOK}?again={{a_booked}}", role="reception"),
    State("book: no service chosen", f"{BOOK}?service=retired", role="reception"),
    State("book: sent empty", BOOK, (press("Book the appointment"),), role="reception"),
    State(
        "book: outside hours",
        f"{BOOK}?day={{busy_day}}",
        (press("Book the appointment", at="05:00", name="Jo"),),
        role="reception",
    ),
    State("book: overfull", BOOK, site="full", role="reception"),
    *(
        State(f"appointment: {state}", f"{APPOINTMENTS}/{{a_{state}}}", role="reception")
        for state in (
            "booked",
            "requested",
            "offered",
            "cancelled",
            "withdrawn",
            "started",
            "arrived",
            "missed",
            "outside",
            "stranded",
            "left_behind",
            "anonymous",
        )
    ),
    State("appointment: overfull", f"{APPOINTMENTS}/{{a_booked}}", site="full", role="reception"),
    State(
        "appointment: stranded and accepted without a reason",
        f"{APPOINTMENTS}/{{a_stranded}}",
        (press("Accept the request"),),
        role="reception",
    ),
    State(
        "appointment: stranded and left as agreed without a reason",
        f"{APPOINTMENTS}/{{a_left_behind}}",
        (press("Leave it as agreed"),),
        role="reception",
    ),
    State("appointment: to be undone", f"{APPOINTMENTS}/{{a_undoable}}", (press("Arrived"),), role="reception"),
    State(
        "appointment: cancelled for too many words",
        f"{APPOINTMENTS}/{{a_booked}}",
        (write(5_000), press("Cancel the appointment")),
        role="reception",
    ),
    State(
        "appointment: moved by its patient meanwhile",
        f"{APPOINTMENTS}/{{a_booked}}",
        (moved_meanwhile, press("Cancel the appointment")),
        role="reception",
    ),
    State("appointment: to correct", f"{APPOINTMENTS}/{{a_booked}}/correct", role="reception"),
    State(
        "appointment: corrected to nothing",
        f"{APPOINTMENTS}/{{a_booked}}/correct",
        (press("Save the details", name="", email="", phone=""),),
        role="reception",
    ),
    State("move", f"{APPOINTMENTS}/{{a_booked}}/move", role="reception"),
    State(
        "move: sent empty",
        f"{APPOINTMENTS}/{{a_booked}}/move",
        (press("Move to this time", day="", at=""),),
        role="reception",
    ),
    State("offer", f"{APPOINTMENTS}/{{a_requested}}/offer", role="reception"),
    State(
        "offer: none chosen",
        f"{APPOINTMENTS}/{{a_requested}}/offer",
        (press("Offer these times"),),
        role="reception",
    ),
    State("hours: of all", f"{CALENDAR}/hours", role="reception"),
    State("hours: nobody's", f"{CALENDAR}/hours", role="newcomer"),
    State("hours", HOURS, role="reception"),
    State("hours: wrong", HOURS, (press("Save the weekly hours", monday="all day"),), role="reception"),
    State("hours: exception sent empty", HOURS, (press("Add these hours"),), role="reception"),
    State(
        "hours: extra without times",
        HOURS,
        (choose(kind="extra_hours"), press("Add these hours", first="2026-12-14")),
        role="reception",
    ),
    State(
        "hours: would strand",
        HOURS,
        (press("Save the weekly hours", monday="", tuesday="", wednesday="", thursday="", friday=""),),
        role="reception",
    ),
    State("closures", CLOSURES, role="reception"),
    State("closures: sent empty", CLOSURES, (press("Add the closure"),), role="reception"),
    State("closures: would strand", CLOSURES, (close_for_a_year, press("Add the closure")), role="reception"),
)
WRITING = (
    State("posts", POSTS, role="editor"),
    State("posts: empty", POSTS, site="empty", role="editor"),
    State("posts: overfull", POSTS, site="full", role="editor"),
    State("posts: not found", f"{POSTS}?q=xyzzy", role="editor"),
    State("posts: no drafts", f"{POSTS}?state=draft", site="empty", role="editor"),
    State("post: new", f"{POSTS}/new", role="editor"),
    State("post: sent empty", f"{POSTS}/new", (press("Publish now"),), role="editor"),
    State("post: before it goes out", f"{POSTS}/{{draft}}", (press("Publish now"),), role="editor"),
    State(
        "post: saved by another meanwhile",
        f"{POSTS}/{{draft}}",
        (saved_meanwhile, press("Save draft")),
        role="editor",
    ),
    State("post: draft", f"{POSTS}/{{draft}}", role="editor"),
    State("post: scheduled", f"{POSTS}/{{scheduled}}", role="editor"),
    State("post: published", f"{POSTS}/{{published}}", role="editor"),
    State("post: revisions", f"{POSTS}/{{draft}}/revisions", role="editor"),
    State("post: revision", f"{POSTS}/{{draft}}/revisions/{{revision}}", role="editor"),
    State("post: since a revision", f"{POSTS}/{{draft}}/revisions/{{first_revision}}?against=now", role="editor"),
    State("pictures", f"{POSTS}/pictures", role="editor"),
    State("pictures: empty", f"{POSTS}/pictures", site="empty", role="editor"),
    State("pictures: not found", f"{POSTS}/pictures?q=xyzzy", role="editor"),
    State("pictures: sent empty", f"{POSTS}/pictures", (press("Upload"),), role="editor"),
)
TESTIMONIALS = (
    *(
        State(f"voices: {state}", f"{VOICES}?state={state}", role="editor")
        for state in ("waiting", "published", "hidden", "all")
    ),
    State("voices: empty", VOICES, site="empty", role="editor"),
    State("voices: overfull", f"{VOICES}?state=published", site="full", role="editor"),
    State("voices: not found", f"{VOICES}?q=xyzzy", role="editor"),
    *(
        State(f"voice: {state}", f"{VOICES}/{{t_{state}}}", role="editor")
        for state in ("waiting", "published", "copy", "hidden", "withdrawn")
    ),
    State("voice: overfull", f"{VOICES}/{{voice}}", site="full", role="editor"),
    State("voice: consent sent empty", f"{VOICES}/{{t_published}}", (press("Record consent"),), role="editor"),
    State(
        "voice: name sent empty",
        f"{VOICES}/{{t_published}}",
        (press("Save name and date", **{"correction-name": ""}),),
        role="editor",
    ),
    State("voice: of an owner", f"{VOICES}/{{t_published}}", role="owner"),
    State("voice: erase", f"{VOICES}/{{t_published}}/erase", role="owner"),
    State(
        "voice: erase sent empty", f"{VOICES}/{{t_hidden}}/erase", (press("Erase this testimonial"),), role="owner"
    ),
    State("voice: erase overfull", f"{VOICES}/{{voice}}/erase", site="full", role="owner"),
    State("voices: order", f"{VOICES}/order", role="editor"),
    State("voices: import", f"{VOICES}/import", role="editor"),
    State("voices: import sent empty", f"{VOICES}/import", (press("Check the file"),), role="editor"),
    State(
        "voices: import of what is no such file",
        f"{VOICES}/import",
        (attach(b"\0"), press("Check the file")),
        role="editor",
    ),
    State(
        "voices: import without a column",
        f"{VOICES}/import",
        (attach("A,B\n1,2\n"), press("Check the file")),
        role="editor",
    ),
    State("voices: import checked", f"{VOICES}/import", (attach(FILE), press("Check the file")), role="editor"),
)
POST_OFFICE = (
    *(
        State(f"mail: {state}", f"{MAIL}?state={state}", role="reception")
        for state in ("queued", "sent", "failed", "given-up")
    ),
    State("mail: empty", MAIL, site="empty", role="reception"),
    State("mail: overfull", f"{MAIL}?state=queued", site="full", role="reception"),
    State("mail: not found", MAIL, (press("Search", to="nobody@example.org"),), role="reception"),
    *(
        State(f"mail: one {state}", f"{MAIL}/{{m_{state}}}", role="reception")
        for state in (
            *("queued", "sent", "failed", "given_up"),
            *("withdrawn", "withdrawn_in_hand", "withdrawn_in_vain", "anonymous"),
        )
    ),
    State("mail: given up for no reason", f"{MAIL}/{{m_failed}}", (press("Stop trying"),), role="reception"),
    State(
        "mail: tried again by another meanwhile",
        f"{MAIL}/{{m_failed}}",
        (tried_again_meanwhile, press("Stop trying", reason="They know.")),
        role="reception",
    ),
    State("mail: test", f"{MAIL}/test", role="reception"),
    State("mail: test sent empty", f"{MAIL}/test", (press("Send a test", address=""),), role="reception"),
)
RECORDS = (
    State("figures", "/staff/figures", role="owner"),
    State("figures: empty", "/staff/figures", site="empty", role="owner"),
    State("figures: of one", "/staff/figures?practitioner=robin-sample", role="owner"),
    State("figures: of too many weeks", "/staff/figures?from=2019-01-01&to=2026-11-01", role="owner"),
    State("people", PEOPLE, role="reception"),
    State("people: sent empty", PEOPLE, (press("Look up"),), role="reception"),
    State("person", f"{PEOPLE}/{{who}}", role="owner"),
    State("person: of reception", f"{PEOPLE}/{{who_shared}}", role="reception"),
    State("person: unknown", f"{PEOPLE}/{{who_unknown}}", role="owner"),
    State("person: still expected", f"{PEOPLE}/{{who}}/erase", role="owner"),
    State("person: erase", f"{PEOPLE}/{{who_past}}/erase", role="owner"),
    State(
        "person: erase sent empty", f"{PEOPLE}/{{who_past}}/erase", (press("Remove these details"),), role="owner"
    ),
    State(
        "person: erased for a reason that may be a name",
        f"{PEOPLE}/{{who_past}}/erase",
        (choose(kind="erased", reason="asked"), press("Remove these details", remark="Kim wrote")),
        role="owner",
    ),
    State(
        "person: not erased yet",
        f"{PEOPLE}/{{who_past}}/erase",
        (choose(kind="erased", reason="asked"), press("Remove these details")),
        role="owner",
    ),
    State("erasures: none", f"{PEOPLE}/erasures", role="owner"),
    State("audit trail", "/staff/audit", role="owner"),
    State("audit trail: overfull", "/staff/audit", site="full", role="owner"),
    State("audit trail: wrong days", "/staff/audit?from=2026-13-40&number=x", role="owner"),
    State("audit trail: nothing", "/staff/audit?from=2020-01-01&to=2020-01-02", role="owner"),
)
LINEUP = (
    State("services", "/staff/services", role="owner"),
    State("services: empty", "/staff/services", site="empty", role="owner"),
    State("services: overfull", "/staff/services", site="full", role="owner"),
    State("service: new", "/staff/services/new", role="owner"),
    State("service: sent empty", "/staff/services/new", (press("Add the service"),), role="owner"),
    State("service", "/staff/services/{service_id}", role="owner"),
    State(
        "service: changed by another meanwhile",
        "/staff/services/{service_id}",
        (changed_meanwhile, press("Save", price_cents="99.00")),
        role="owner",
    ),
    State("service: retired", "/staff/services/{retired}", role="owner"),
    State("practitioners", "/staff/practitioners", role="owner"),
    State("practitioners: empty", "/staff/practitioners", site="empty", role="owner"),
    State("practitioners: overfull", "/staff/practitioners", site="full", role="owner"),
    State("practitioner: new", "/staff/practitioners/new", role="owner"),
    State("practitioner: sent empty", "/staff/practitioners/new", (press("Add the practitioner"),), role="owner"),
    State("practitioner", "/staff/practitioners/{robin}", role="owner"),
    State("practitioner: who left", "/staff/practitioners/{left}", role="owner"),
    State(
        "practitioner: photo sent empty",
        "/staff/practitioners/{kit}",
        (press("Save the photo", alt=""),),
        role="owner",
    ),
    State(
        "practitioner: calendar address",
        "/staff/practitioners/{kit}",
        (press("Make a new address"),),
        role="owner",
    ),
    State(
        "practitioner: leaves appointments",
        "/staff/practitioners/{robin}",
        (leave_today, press("Save the last day")),
        role="owner",
    ),
)
MEMBERS = (
    State("health", "/staff/health", role="owner"),
    State("team", TEAM, role="owner"),
    State("team: invite", f"{TEAM}/invite", role="owner"),
    State("team: invite sent empty", f"{TEAM}/invite", (press("Send the invitation"),), role="owner"),
    *(State(f"team: {who}", f"{TEAM}/{{{who}}}", role="owner") for who in ("member", "invited", "gone")),
    State("team: overfull", f"{TEAM}/{{member}}", site="full", role="owner"),
    State("team: no role", f"{TEAM}/{{member}}", (untick("roles"), press("Change the roles")), role="owner"),
    State("account", ACCOUNT, role="both"),
    State("account: password only", ACCOUNT, role="editor"),
    State("account: no name", ACCOUNT, (press("Change name", name=""),), role="editor"),
    State("account: password", f"{ACCOUNT}/password", role="editor"),
    State("account: password sent empty", f"{ACCOUNT}/password", (press("Change password"),), role="editor"),
    State("account: second step", f"{ACCOUNT}/second-step", role="editor"),
    State("account: app", f"{ACCOUNT}/app", role="editor"),
    State("account: QR code", f"{ACCOUNT}/app", (press("Show the QR code"),), role="editor"),
    State(
        "account: wrong code of the app",
        f"{ACCOUNT}/app",
        (press("Show the QR code"), press("Turn it on", code="000")),
        role="editor",
    ),
    State("account: app is set up", f"{ACCOUNT}/app", role="both"),
    State("account: passkeys", f"{ACCOUNT}/passkeys", role="both"),
    State("account: passkey without a name", f"{ACCOUNT}/passkeys", (press("Add a passkey"),), role="both"),
    State(
        "account: passkey added",
        f"{ACCOUNT}/passkeys",
        (press("Add a passkey", name="Key"),),
        role="both",
        moves=REFUSED_AT_ONCE,
    ),
    State("account: recovery codes", f"{ACCOUNT}/recovery-codes", role="app"),
    State("account: new recovery codes", f"{ACCOUNT}/recovery-codes", (press("Make new codes"),), role="both"),
)
ERRORS = (
    State("staff: not found", "/staff/nothing", role="reception", status=404),
    State("staff: no such row", f"{APPOINTMENTS}/999999", role="reception", status=404),
    State("staff: not allowed", TEAM, role="editor", status=403),
    State("staff: fault", "/staff/health", site="full", role="owner", status=500),
    State("staff: wrong method", "/staff/testimonials/decide", role="editor", status=405),
    State(
        "staff: too large",
        f"{ENQUIRIES}/{{new}}",
        (write(70_000), press("Send")),
        role="reception",
        status=413,
        comes_back=70_000,
    ),
    State(
        "staff: out of service", "/", (shown("staff/errors/503.html", 503, sent=[("reply", "Yes.")]),), status=503
    ),
    State("staff: from elsewhere", "/staff", (post_from_elsewhere("/staff/sign-out"),), role="editor", status=403),
)
DESK = QUEUE + INBOX + DIARY + WRITING + TESTIMONIALS + POST_OFFICE + RECORDS + LINEUP + MEMBERS + ERRORS
