"""Posts as Webflow exports them: a CSV file with a column a field of the collection, bodies in HTML.

Webflow's fixed columns are Name, Slug, Collection ID, Item ID, Created On, Updated On and Published On; the rest
go by whatever name the collection's maker chose, so usual ones are known and others are mapped by hand.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from ..imports.rows import BadRow, Column, Importer, Result, Row
from ..imports.values import webflow_date, yes_or_no
from ..pictures.media import Staging
from . import arrivals, html_to_markdown
from .content import Composed, Content, Person

SOURCE = "webflow"
COLUMNS = {
    "title": Column(("Name", "Title", "Post Title"), required=True),
    "slug": Column(("Slug",), required=True),
    "item_id": Column(("Item ID",), required=True),
    "body": Column(("Post Body", "Body", "Content", "Post Content", "Blog Body", "Article"), required=True),
    "updated_on": Column(("Updated On",)),
    "published_on": Column(("Published On",)),
    "published": Column(("Published Date", "Publish Date", "Post Date", "Date")),
    "summary": Column(("Post Summary", "Summary", "Excerpt", "Short Description", "Description")),
    "hero": Column(("Main Image", "Hero Image", "Featured Image", "Cover Image", "Image")),
    "hero_alt": Column(
        ("Main Image Alt", "Main Image Alt Text", "Hero Image Alt", "Featured Image Alt", "Image Alt")
    ),
    "author": Column(("Author", "Author Name", "Written By")),
    "author_role": Column(("Author Role", "Author Title", "Role")),
    "author_photo": Column(("Author Photo", "Author Image", "Author Picture")),
    "author_photo_alt": Column(("Author Photo Alt", "Author Image Alt", "Author Picture Alt")),
    "tags": Column(("Tags", "Categories", "Category", "Topics")),
    "video": Column(("Video", "Video Link", "Video URL", "YouTube")),
    "draft": Column(("Draft",)),
    "archived": Column(("Archived",)),
}
LONGEST_ITEM_ID = 200  # characters
NOT_NEEDED = ("Collection ID", "Created On")


@dataclass
class Pictures:
    """The pictures that posts name by address, looked up by file name in the folder that was given, if one was."""

    staging: Staging
    folder: Path | None = None
    _files: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.folder:
            self._files = {_plain(path.name): path for path in sorted(self.folder.rglob("*")) if path.is_file()}

    def find(self, address: str, missing: list[str]) -> str | None:
        """The stored name of a picture; None, and its name on `missing`, when the folder has no such file."""
        name = unquote(re.split("[?#]", address)[0]).rpartition("/")[2]
        if path := self._files.get(_plain(name)):
            return self.staging.add(path)
        missing.append(name)
        return None


def _plain(name: str) -> str:
    """One name for a file that some save as its address has it (`a%20hill.png`), or with its accents apart."""
    return unicodedata.normalize("NFC", unquote(name)).casefold()


class Prepared(NamedTuple):
    """A row made into a post."""

    item_id: str
    composed: Composed
    note: str


def importer(pictures: Pictures, *, default_author: str) -> Importer:
    """Brings posts in by Item ID. `default_author` is whom posts without an author are by."""
    return Importer(prepare=lambda row: prepare(row, pictures, default_author=default_author), save=save)


def prepare(row: Row, pictures: Pictures, *, default_author: str) -> Prepared:
    """The post that a row holds; raises BadRow."""
    if len(item_id := row.required("item_id", "Item ID").strip()) > LONGEST_ITEM_ID:
        raise BadRow(f"Item ID is longer than {LONGEST_ITEM_ID} characters")
    missing: list[str] = []
    body = html_to_markdown.convert(row["body"], picture=lambda address: pictures.find(address, missing))
    if video := row["video"].strip():
        body = f"{html_to_markdown.video_paragraph(video)}\n\n{body}"
    published_at, updated_at = _dates(row)
    photo = pictures.find(row["author_photo"], missing) if row["author_photo"].strip() else ""
    content = Content(
        slug=row.required("slug", "Slug").strip(),
        title=row.required("title", "Name"),
        summary=row["summary"],
        body=body,
        author=Person(
            row["author"].strip() or default_author, row["author_role"], photo or "", row["author_photo_alt"]
        ),
        tags=tuple(tag for part in row["tags"].split(";") for tag in part.split(",")),
        hero=pictures.find(row["hero"], missing) if row["hero"].strip() else "",
        hero_alt=row["hero_alt"],
        draft=any([yes_or_no(row, "draft"), yes_or_no(row, "archived"), published_at is None]),
        published_at=published_at,
        updated_at=updated_at,
    )
    note = "pictures not shown, for want of their files (see --media): " + ", ".join(dict.fromkeys(missing))
    return Prepared(item_id, arrivals.prepare(content), note if missing else "")


def save(prepared: Prepared) -> Result:
    """Store it; raises BadRow."""
    return arrivals.bring(prepared.composed, source=SOURCE, source_id=prepared.item_id, note=prepared.note)


def _dates(row: Row) -> tuple[datetime | None, datetime | None]:
    """When it came out (None: never, so it is a draft) and was last changed.

    The collection's own date, where it has one, is what readers saw; Webflow's `Published On` moves with each
    publishing of the site, but only it tells that a post came out at all.
    """
    shown = webflow_date(row["published"], called="published date")
    first = webflow_date(row["published_on"], called="Published On")
    knows_published = "published_on" in row.values
    updated = webflow_date(row["updated_on"], called="Updated On")
    if knows_published and first is None:
        return None, updated
    return shown or first, updated
