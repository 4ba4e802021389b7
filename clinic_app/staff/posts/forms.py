"""The form in which a post is written, and the content that it stands for."""

from datetime import datetime

from wtforms import BooleanField, FileField, HiddenField, SelectField, TextAreaField
from wtforms.validators import ValidationError

from ... import clock
from ...blog import revisions
from ...blog.content import MAX_BODY, Content, Person, post_slug
from ...blog.models import Post
from ...lists.keyset import row_number
from ...pictures import library as picture_library
from ...pictures import uploads
from ...web.fields import AtMost, LineField, Required, TextField, clean_lines, sent_text
from ..forms import OnceForm

ACTIONS = ("save", "publish", "schedule", "unpublish", "preview", "picture")
SAVE, PUBLISH, SCHEDULE, UNPUBLISH, PREVIEW, PICTURE = ACTIONS
LIBRARY = 60  # pictures to choose from
YEARS = range(2000, 2100)


class MarkdownField(TextAreaField):
    """Text as it was typed, its first blank lines too: advice names lines by the number that is seen."""

    def process_formdata(self, valuelist):
        self.data = clean_lines(sent_text(valuelist))


class PostForm(OnceForm):
    """A post as it is typed. `content` is what would be saved."""

    title = LineField("Title", [Required("a title"), AtMost(300, "the title")])
    body = MarkdownField("Text", [AtMost(MAX_BODY, "the text")])
    summary = TextField(
        "Summary (optional)",
        [AtMost(1000, "the summary")],
        description="A sentence or two, shown under the title, in lists and by search engines.",
    )
    slug = LineField(
        "Address (optional)",
        [AtMost(200, "the address")],
        description="Made from the title if you leave it empty.",
    )
    author = LineField("Author", [Required("the author’s name"), AtMost(200, "the author’s name")])
    tags = LineField("Topics (optional)", [AtMost(1000, "the topics")], description="With commas between them.")
    hero = SelectField("Main picture", validate_choice=False)
    hero_alt = LineField("What the main picture shows (optional)", [AtMost(500, "what the picture shows")])
    publish_at = LineField("Date and time", description="In the clinic’s time zone.")
    is_update = BooleanField("Tell readers that it was updated today")
    picture = FileField("Picture", description=uploads.TAKEN)
    picture_alt = LineField(
        "What it shows",
        [AtMost(picture_library.LONGEST_ALT, "what the picture shows")],
        description="Read out to people who cannot see it.",
    )
    revision = HiddenField(default="0")
    waved = HiddenField()

    def __init__(self, post: Post | None = None, *, author: str = "", **kwargs):
        super().__init__(data=_data_of(post) if post else {"author": author}, **kwargs)
        self.post = post
        self.offer_pictures()

    def offer_pictures(self) -> None:
        """The main pictures to choose from: the library's newest, the chosen one, and the one that the post has.

        One that is newly chosen brings its description along, unless another is given.
        """
        had, chosen = self.post.hero if self.post else "", picture_library.get(self.hero.data or "")
        known = {each.name: each.alt for each in [*picture_library.latest(LIBRARY), *([chosen] if chosen else [])]}
        own = [(had, had.partition(".")[0], {})] if had and had not in known else []
        offered = [(name, alt[:80], {"data-alt": alt}) for name, alt in known.items()]
        self.hero.choices = [("", "None: use a drawing", {}), *own, *offered]
        if chosen and chosen.name != had and not self.hero_alt.data:
            self.hero_alt.data = chosen.alt

    def validate_hero(self, field):
        if (field.data or "") not in [name for name, _, _ in field.choices]:
            raise ValidationError("Choose one of the pictures")

    def validate_publish_at(self, field):
        if field.data and self.instant() is None:
            raise ValidationError("Enter a date and a time, like 24 November 2026, 9:30 am")

    def instant(self) -> datetime | None:
        """The date and time typed; the post's own, to the second, where it was left as it is."""
        typed = self.publish_at.data or ""
        if self.post and self.post.published_at and typed == local_input(self.post.published_at):
            return self.post.published_at
        try:
            wall = datetime.fromisoformat(typed)
            known = wall.tzinfo is None and wall.year in YEARS
            return clock.instant_of(wall.date(), wall.time()) if known else None
        except ValueError:
            return None

    def waved_keys(self) -> set[str]:
        """The advice that the page had shown when it was sent."""
        return set((self.waved.data or "").split(","))

    def began_with(self) -> int:
        """The number of the revision that was opened."""
        return row_number(self.revision.data or "") or 0

    def typed(self) -> Content:
        """The post as it is typed, whatever its state."""
        return Content(
            slug=self.slug.data or post_slug(self.title.data or ""),
            title=self.title.data or "",
            body=self.body.data or "",
            author=Person(self.author.data or ""),
            summary=self.summary.data or "",
            tags=tuple(filter(None, (tag.strip() for tag in (self.tags.data or "").split(",")))),
            hero=self.hero.data or "",
            hero_alt=self.hero_alt.data or "",
            draft=True,
            updated_at=self.post and self.post.updated_at,
        )

    def content(self, action: str) -> Content:
        """The post as it would be after `action`."""
        state = self.post.state if self.post else "draft"
        now, at = clock.now(), self.instant()
        draft = action == UNPUBLISH or (action == SAVE and state == "draft")
        if action == PUBLISH:
            at = at if at and at <= now else now
        elif action == UNPUBLISH or at is None:
            at = self.post and self.post.published_at
        updated = now if self.is_update.data and state == "published" else self.post and self.post.updated_at
        return self.typed()._replace(draft=draft, published_at=at, updated_at=updated)

    def check_time(self, action: str) -> bool:
        """Whether the time fits what is asked for; says so beside the field where it does not."""
        if self.publish_at.errors:
            return False
        state = self.post.state if self.post else "draft"
        at, now = self.instant(), clock.now()
        wrong = ""
        if action == SCHEDULE and at is None:
            wrong = "Enter the date and time at which it should come out"
        elif (action == SCHEDULE or (action == SAVE and state == "scheduled")) and at is not None and at <= now:
            wrong = "Enter a time to come, or publish it now"
        elif action == SAVE and state == "published" and at is not None and at > now:
            wrong = "It is out already. To bring it out later, unpublish it first"
        if wrong:
            self.publish_at.errors = [wrong]
        return not wrong


def local_input(instant: datetime) -> str:
    """What <input type="datetime-local"> shows for an instant, in the clinic's zone."""
    return f"{clock.local(instant):%Y-%m-%dT%H:%M}"


def _data_of(post: Post) -> dict:
    content = revisions.content_of(post)
    fields = ("title", "body", "summary", "slug", "hero", "hero_alt")
    return {name: getattr(content, name) for name in fields} | {
        "author": content.author.name,
        "tags": ", ".join(content.tags),
        "publish_at": local_input(post.published_at) if post.published_at else "",
        "revision": str(revisions.latest_number(post.id)),
    }
