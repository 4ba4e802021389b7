"""Posts as Markdown files with front matter."""

from ..imports.front_matter import MarkdownRow
from ..imports.rows import BadRow, Importer, Result
from ..pictures.media import Staging
from . import arrivals
from .content import Composed, Content, Person

SOURCE = "markdown"


def importer(staging: Staging) -> Importer:
    """Brings posts in by slug: a file of the same slug updates the post that it brought."""
    return Importer(prepare=lambda row: prepare(row, staging), save=save)


def prepare(row: MarkdownRow, staging: Staging) -> Composed:
    """The post that a file holds; raises BadRow."""
    row.required("title", "title")
    published_at = row.instant("published")
    if not published_at and not row.flag("draft"):
        raise BadRow("published is empty; give a date, or draft: true")
    author = Person(
        name=row.text("author"),
        role=row.text("author_role"),
        photo=row.picture("author_photo", staging),
        photo_alt=row.text("author_photo_alt"),
        bio=row.text("author_bio"),
    )
    return arrivals.prepare(
        Content(
            slug=row.text("slug"),
            title=row.text("title"),
            summary=row.text("summary"),
            body=row.body_with_pictures(staging),
            author=author,
            tags=tuple(",".join(row.texts("tags")).split(",")),  # as the editor reads them: no topic has a comma
            hero=row.picture("hero", staging),
            hero_alt=row.text("hero_alt"),
            draft=row.flag("draft"),
            published_at=published_at,
            updated_at=row.instant("updated"),
        )
    )


def save(composed: Composed) -> Result:
    """Store it; raises BadRow when a post from elsewhere has its slug."""
    return arrivals.bring(composed, source=SOURCE, source_id=composed.content.slug)
