"""Does mail go out?"""

from flask import current_app

from .. import clock, site_marks
from ..mail import listing
from ..mail.delivery import Postman, ServerTrouble
from .finding import Findings

TIMEOUT = 5.0  # seconds, for each answer of the mail server
WORDS = {
    "stuck": "The mail server accepts no emails",
    "idle": "No mail worker is running",
    "failed": "An email was refused",
}
ADVICE = {
    "stuck": "Its words say why; correct the settings mail_*.",
    "idle": 'Start the site, or `flask mail work` where mail_worker is "separate".',
    "failed": "Look at it in the staff area under Mail, and try it again or stop trying.",
}


def find_queue() -> Findings:
    """How old the oldest mail is that should have gone, and whether one failed lately."""
    found = Findings("Mail queue")
    counts = listing.counts()
    if trouble := listing.trouble():
        words = f"{WORDS[trouble.kind]}, since {clock.format_when(trouble.since)}: {trouble.words}"
        late = trouble.kind != "failed" and clock.now() - trouble.since > listing.WORKER_MISSED_AFTER
        (found.fail if late else found.warn)(words, ADVICE[trouble.kind])
    return found or found.ok(f"{counts['queued']} waiting, none of them late; {counts['failed']} failed.")


def find_setting() -> Findings:
    """What becomes of emails where no mail server is set; nothing where one is."""
    found = Findings("Mail server")
    if current_app.config["CLINIC"].mail_server:
        return found
    if site_marks.find(site_marks.MAIL_SERVER):
        return found.fail(
            "None is set here, and this site had one or was restored: emails wait, and nobody gets one.",
            "Set mail_server and what goes with it (mail_username, CLINIC_MAIL_PASSWORD); start the site again.",
        )
    return found.warn("None is set: emails are written as files, and nobody gets one.", "Set mail_server.")


def find_server() -> Findings:
    """Whether the mail server lets the site in, by connecting, encrypting and signing in; nothing is sent."""
    found = Findings("Mail server")
    settings = current_app.config["CLINIC"]
    if not settings.mail_server:
        return found
    try:
        with Postman(timeout=TIMEOUT):
            pass
    except ServerTrouble as trouble:
        return found.fail(f"{trouble}.", "Look at the settings mail_*; `flask mail test ADDRESS` tries more.")
    encrypted = {"starttls": "encrypted", "tls": "encrypted", "none": "NOT encrypted"}[settings.mail_security]
    signed_in = "signed in" if settings.mail_username else "without signing in"
    return found.ok(f"{settings.mail_server} lets the site in: {encrypted}, {signed_in}.")
