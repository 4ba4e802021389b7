"""What records call their parts and states, for the person whose they are."""

from ..enquiries import references, spam

LABELS = {
    "at": "When",
    "author_name": "By",
    "birth_year": "Year of birth",
    "busy_until": "Kept free until",
    "by": "By",
    "cancel_reason": "Reason",
    "cancelled_at": "Cancelled",
    "cancelled_by": "Cancelled by",
    "closed_at": "Closed",
    "created_at": "Written down",
    "email": "Email address",
    "ends_at": "Ends",
    "file": "File",
    "first_answered_at": "First answered",
    "first_booked_at": "First booked",
    "is_new": "First visit",
    "made_by": "Made by",
    "message": "Message",
    "name": "Name",
    "note": "Note",
    "notice_version": "Privacy notice that you saw",
    "override": "Why it was outside hours",
    "phone": "Phone number",
    "practitioner": "With",
    "price_cents": "Price when it was made",
    "privacy_version": "Privacy notice that you saw",
    "queued_at": "Written",
    "received_at": "Received",
    "reference": "Reference",
    "reminded_of": "You were reminded of",
    "sent_at": "Sent",
    "service": "What for",
    "spam_reasons": "Why it may be spam",
    "starts_at": "Starts",
    "state": "How it stands",
    "status": "How it stands",
    "subject": "Subject",
    "text": "Text",
    "to": "To",
    "told_at": "Its time was last set",
    "topic": "About",
    "undone_at": "Undone",
}
# Numbers that only programs use, beside those of other rows, such as `service_id`.
UNTOLD = {"id", "kind", "uid", "sequence", "spam_score"}
READ_AS = {"reference": references.shown, "spam_reasons": spam.without_points}  # how people read them
_BY = {"patient": "you", "staff": "us"}
VALUES = {
    "by": _BY,
    "cancelled_by": _BY,
    "made_by": _BY,
    "state": {
        "new": "not answered yet",
        "open": "answered",
        "spam": "held as spam",
        "queued": "waits to be sent",
        "sending": "being sent",
        "failed": "not delivered",
    },
    "status": {
        "requested": "asked for, to be confirmed",
        "fulfilled": "you came",
        "noshow": "you did not come",
    },
}
HEADINGS = {
    "arrived": "You came",
    "assigned": "Given to somebody of us",
    "call": "Phone call",
    "chosen": "You took an offered time",
    "corrected": "Details corrected",
    "kept": "Left as agreed",
    "noshow": "You did not come",
    "offered": "Other times offered",
    "reopened": "As it was before",
    "requested": "Asked for",
    "spam": "Held as spam",
}
