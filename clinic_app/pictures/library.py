"""The pictures that staff have uploaded, with what they show: to be used again, and found by their description."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, Select, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from .. import clock
from ..extensions import db
from ..text import markup
from ..types import UTCDateTime
from . import media, uploads

LONGEST_ALT = 500  # characters


class Picture(db.Model):
    """An uploaded picture: `name` is its largest file's in `instance/media/`, `alt` what it shows.

    `file_name` is what it was called where it came from, `by` who brought it, as they were called then.
    """

    __tablename__ = "pictures"
    __table_args__ = (UniqueConstraint("name", name="pictures_have_their_own_names"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    width: Mapped[int]
    height: Mapped[int]
    sizes: Mapped[list[list[int]]] = mapped_column(JSON)  # [[480, 270], ...]
    alt: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(String(200), default="")
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    member_id: Mapped[int | None]
    by: Mapped[str] = mapped_column(String(200), default="")

    @property
    def url(self) -> str:
        return media.URL_PREFIX + self.name

    @property
    def small_url(self) -> str:
        """Its smallest size, for lists."""
        known = uploads.known(self.name)
        return known.sizes[0].url if known else self.url

    @property
    def markdown(self) -> str:
        """What shows it in a text."""
        return f"![{markup.escaped(self.alt)}]({self.url})"


def keep(stored: uploads.Stored, *, alt: str, file_name: str, by: str, member_id: int | None) -> Picture:
    """Note a picture that was taken up; the same one brought again is the one that is there, newly described."""
    picture = get(stored.name) or Picture(name=stored.name, by=by, member_id=member_id, file_name=file_name[:200])
    picture.width, picture.height = stored.width, stored.height
    picture.sizes = [[size.width, size.height] for size in stored.sizes]
    picture.alt = alt
    db.session.add(picture)
    db.session.flush()
    return picture


def get(name: str) -> Picture | None:
    """The picture of this name, which may be anything that a form sent."""
    return None if "\0" in name else db.session.scalar(select(Picture).where(Picture.name == name))


def latest(count: int) -> Sequence[Picture]:
    """The newest pictures."""
    return db.session.scalars(select(Picture).order_by(Picture.id.desc()).limit(count)).all()


def listed(q: str = "") -> Select:
    """Pictures whose description or file name has these words; order them by id."""
    query = select(Picture)
    for word in q.replace("\0", " ").split():
        query = query.where(
            Picture.alt.icontains(word, autoescape=True) | Picture.file_name.icontains(word, autoescape=True)
        )
    return query
