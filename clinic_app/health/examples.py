"""Do patients still see what the program brought along to begin with?"""

from functools import cache

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from .. import clock
from ..accounts.models import AuditEntry
from ..blog import posts
from ..blog.models import Author, Post
from ..booking.models import Practitioner, Service
from ..extensions import db
from ..site_folder import STARTER
from .finding import Findings

NAMED = 5  # of each kind
PEOPLE = ("Kit Example", "Robin Sample")  # its practitioners, who write its posts
ADVICE = {
    "made-up practitioners": "Remove them, or set their last day, under Services and practitioners.",
    "example services": "Change, retire or remove them under Services and practitioners.",
    "example posts": "Unpublish them, or give them an author of yours, under Posts.",
}


def find() -> Findings:
    """What patients see of it. What the clinic has changed into its own is no example any more."""
    found = Findings("Examples")
    for kind, query in shown().items():
        if names := db.session.scalars(query.limit(NAMED + 1)).all():
            told = sorted(names[:NAMED]) + ["and others"] * (len(names) > NAMED)
            found.warn(f"Patients still see {kind}: {', '.join(told)}.", ADVICE[kind])
    return found or found.ok("Patients see none.")


def shown() -> dict[str, Select]:
    """What patients see of it, by kind: its names."""
    made_up = Practitioner.name.in_(PEOPLE) & Practitioner.works_on(clock.today())
    return {
        "made-up practitioners": select(Practitioner.name).where(made_up),
        "example services": select(Service.name).where(~Service.retired, _is_as_it_came()),
        "example posts": select(Post.title).join(Post.author).where(Author.name.in_(PEOPLE), posts.is_public()),
    }


def _is_as_it_came() -> ColumnElement[bool]:
    """Whether a service has its words from here, and nobody saved it in the staff area."""
    words = or_(*(and_(Service.slug == slug, Service.description == text) for slug, text in _services().items()))
    saved = exists().where(
        AuditEntry.kind == "service", AuditEntry.about_id == Service.id, AuditEntry.action == "changed"
    )
    return words & ~saved


@cache
def _services() -> dict[str, str]:
    """The descriptions of its services, by slug."""
    paths = (STARTER / "services").glob("*.md")
    return {path.stem: path.read_text(encoding="utf-8").split("---\n", 2)[2].strip() for path in paths}
