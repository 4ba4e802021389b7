"""The pages that are asked for while tables grow: their addresses, for whatever lies in a database."""

import base64
import json
import re
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy import func, select

from clinic_app import clock, database
from clinic_app.accounts.models import AuditEntry
from clinic_app.blog import revisions
from clinic_app.blog.models import Post
from clinic_app.booking.models import Appointment
from clinic_app.enquiries import references
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.keys.secret_key import token_hash
from clinic_app.mail.models import OutboxMail
from clinic_app.people import identities, links
from clinic_app.staff import searching
from clinic_app.testimonials.models import Testimonial

from .invented_words import vocabulary

LONG_AGO, FAR_AHEAD = "2000-01-01T00:00:00+00:00", "2100-01-01T00:00:00+00:00"
LOOKED_FOR = re.compile(r"(?<=^/enquiries\?q=)[^&]+|(?<=&to=)[^&]+@[^&]+")
SECRET = "m" * 43  # of the link by which the appointment at hand is managed


def last(*edge: Any) -> str:
    """The token of the last page of a list (clinic_app.lists.keyset): what is before an edge beyond all rows."""
    return "n" + base64.urlsafe_b64encode(json.dumps(edge).encode()).decode().rstrip("=")


OLDEST, SMALLEST, NEWEST = last(LONG_AGO, 0), last(0), last(FAR_AHEAD, 2**31 - 1)


def public(posts: int, voices: int) -> dict[str, str]:
    """Visitors' pages; how many pages the lists of posts and of testimonials have."""
    return {
        "Home": "/",
        "Blog": "/blog",
        "Blog, middle page": f"/blog?page={max(1, posts // 2)}",
        "Blog, last page": f"/blog?page={posts}",
        "Blog, a topic": "/blog/tag/running",
        "Blog, search for a common word": "/blog/search?q=running",
        "Blog, search for a word that a tenth of posts have": f"/blog/search?q={vocabulary()[1500]}",
        "Blog, search for a rare word": "/blog/search?q=treadmill",
        "Blog, feed": "/blog/feed.atom",
        "Testimonials": "/testimonials",
        "Testimonials, middle page": f"/testimonials?page={max(1, voices // 2)}",
        "Testimonials, last page": f"/testimonials?page={voices}",
        "Sitemap": "/sitemap.xml",
        "Sitemap, posts": "/sitemap-posts-1.xml",
        "Contact form": "/contact",
        "Choose a service": "/book",
        "A week of times, anyone": "/book/follow-up/anyone",
        "A week of times": "/book/follow-up/robin-sample",
    }


def of_things(things: dict[str, Any]) -> dict[str, str]:
    """Pages about one thing each: a post, an appointment, an enquiry, a mail, a testimonial, a person."""
    appointment, post, person = (f"/staff/{name}" for name in ("appointments", "posts", "people"))
    return {
        "A post": f"/blog/{things['slug']}",
        "An appointment by its link": f"/a/{SECRET}",
        "Moving it": f"/a/{SECRET}/move",
        "Staff: an enquiry": f"/staff/enquiries/{things['reference']}",
        "Staff: an appointment": f"{appointment}/{things['appointment_id']}",
        "Staff: moving one": f"{appointment}/{things['appointment_id']}/move",
        "Staff: a mail": f"/staff/mail/{things['mail_id']}",
        "Staff: a testimonial": f"/staff/testimonials/{things['testimonial_id']}",
        "Staff: a post": f"{post}/{things['post_id']}",
        "Staff: its revisions": f"{post}/{things['post_id']}/revisions",
        "Staff: a person": f"{person}/{things['token']}",
        "Staff: erasing a person": f"{person}/{things['token']}/erase",
    }


STAFF = {
    "Queue": "",
    "Enquiries, new": "/enquiries",
    "Enquiries, closed": "/enquiries?state=closed",
    "Enquiries, closed, last page": f"/enquiries?state=closed&at={OLDEST}",
    "Enquiries, all": "/enquiries?state=all",
    "Enquiries, all, last page": f"/enquiries?state=all&at={OLDEST}",
    "Enquiries, all, mine": "/enquiries?state=all&owner=me",
    "Enquiries, all, nobody's": "/enquiries?state=all&owner=nobody",
    "Enquiries, search for a common word": "/enquiries?q=running",
    "Enquiries, search for a common word, last page": f"/enquiries?q=running&at={OLDEST}",
    "Enquiries, search for a common word among new": "/enquiries?q=running&state=new",
    "Enquiries, search for two words": "/enquiries?q=running+kind",
    "Enquiries, search for a rare word": "/enquiries?q=treadmill",
    "Enquiries, search for a beginning": "/enquiries?q=r",
    "Calendar, a day": "/calendar",
    "Calendar, a week": "/calendar?view=week",
    "Requests to confirm": "/calendar/requests",
    "Requests, times offered": "/calendar/requests?state=offered",
    "Calendar, closures": "/calendar/closures",
    "Calendar, hours": "/calendar/hours",
    "Booking for a patient": "/calendar/book",
    "Posts": "/posts",
    "Posts, last page": f"/posts?at={OLDEST}",
    "Posts, drafts": "/posts?state=draft",
    "Posts, published": "/posts?state=published",
    "Posts, published, last page": f"/posts?state=published&at={OLDEST}",
    "Posts, search for a common word": "/posts?q=running",
    "Posts, search for a rare word": "/posts?q=treadmill",
    "Posts, a new one": "/posts/new",
    "Pictures": "/posts/pictures",
    "Testimonials, waiting": "/testimonials",
    "Testimonials, published": "/testimonials?state=published",
    "Testimonials, published, last page": f"/testimonials?state=published&at={OLDEST}",
    "Testimonials, hidden": "/testimonials?state=hidden",
    "Testimonials, search for a common word": "/testimonials?state=published&q=running",
    "Testimonials, search for a rare word": "/testimonials?state=published&q=treadmill",
    "Testimonials, their order": "/testimonials/order",
    "Mail, queued": "/mail",
    "Mail, sent": "/mail?state=sent",
    "Mail, sent, last page": f"/mail?state=sent&at={SMALLEST}",
    "Mail, failed": "/mail?state=failed",
    "Mail, given up": "/mail?state=given-up",
    "Mail, sent, to the desk": "/mail?state=sent&to=reception@clinic.example",
    "Mail, given up, to the desk": "/mail?state=given-up&to=reception@clinic.example",
    "Figures": "/figures",
    "Figures of two years": "/figures?from=2024-11-25&to=2026-11-22",
    "Health": "/health",
    "People": "/people",
    "Erasures": "/people/erasures",
    "Audit trail": "/audit",
    "Audit trail, last page": f"/audit?at={SMALLEST}",
    "Audit trail, an action": "/audit?action=moved",
    "Audit trail, a kind": "/audit?kind=appointment",
    "Audit trail, a person's, an action": "/audit?who=command+line&action=purged",
    "Practitioners": "/practitioners",
    "Services": "/services",
    "Staff": "/team",
    "Account": "/account",
}


def pages(things: dict[str, Any]) -> dict[str, str]:
    """All of them, by what they are called; `things` are of `things_there`."""
    staff = {f"Staff: {name[0].lower()}{name[1:]}": f"/staff{_sealed(path)}" for name, path in STAFF.items()}
    return public(things["posts"], things["voices"]) | of_things(things) | staff


def _sealed(path: str) -> str:
    """With a token of the words that are looked for, where addresses tell nobody who is."""
    return LOOKED_FOR.sub(lambda match: searching.token_of(unquote_plus(match[0])), path)


def things_there() -> dict[str, Any]:
    """What addresses name, of the middle of each table; makes one appointment manageable by SECRET."""
    post = _middle(Post, Post.slug.startswith("post-"), Post.draft.is_(False), Post.published_at <= clock.now())
    enquiry, appointment = _middle(Enquiry), _to_come()
    with database.transaction():
        db.session.get(Appointment, appointment.id).token_hash = token_hash(SECRET)
        revisions.keep(db.session.get(Post, post.id), by=revisions.Writer("Casey Invented"))
    return {
        "posts": max(1, _count(Post, Post.draft.is_(False), Post.published_at <= clock.now()) // 13),
        "voices": max(1, _count(Testimonial, Testimonial.state == "published") // 12),
        "slug": post.slug,
        "post_id": post.id,
        "reference": references.shown(enquiry.reference),
        "appointment_id": appointment.id,
        "mail_id": _middle(OutboxMail, OutboxMail.about_kind == "enquiry").id,
        "testimonial_id": _middle(Testimonial, Testimonial.state != "waiting").id,
        "audit_id": _middle(AuditEntry).id,
        "token": links.token_of([identities.parse(enquiry.email)]),
    }


def _middle(model, *conditions):
    ids = db.session.execute(select(func.min(model.id), func.max(model.id)).where(*conditions)).one()
    query = select(model).where(model.id >= sum(ids) // 2, *conditions)
    return db.session.scalar(query.order_by(model.id).limit(1))


def _to_come() -> Appointment:
    query = select(Appointment).where(Appointment.status == "booked", Appointment.starts_at > clock.now())
    return db.session.scalar(query.order_by(Appointment.starts_at.desc(), Appointment.id).limit(1))


def _count(model, *conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))
