"""Content that no page was drawn for: names of 200 characters, 40 services, words without a blank, Arabic."""

from pathlib import Path

from PIL import Image

from clinic_app.accounts import audit
from clinic_app.accounts.models import Member
from clinic_app.enquiries import entries, references, reply_templates, states
from clinic_app.extensions import db
from tests.factories import enquire

LONG_NAME = ("Alex Placeholder-Sample-Invented " * 7)[:200].strip()
UNBROKEN = "Kitexample" * 20
RIGHT_TO_LEFT = "جملة عربية مخترعة للتجربة، فيها Robin Sample ورقم 42. "
SETTINGS = {
    "name": "The Very Long-Established Westside and Districts Sports Chiropractic Practice",
    "street": "Suite 1204, Level 12, The Old Commonwealth Woolstores Building, 118-126 Example Street North",
    "contact_topics": f"A question, {LONG_NAME[:100].strip()}",
    "contact_limit": "1 per day",
    "booking_limit": "1 per day",
    "public_holidays": "open",
    "testimonial_rules": "none",
}
HOURS = "hours: {monday: ['00:00-24:00'], wednesday: ['08:00-20:00'], friday: ['08:00-20:00']}\n"
BODY = f"""{RIGHT_TO_LEFT * 3}

## {LONG_NAME}

{UNBROKEN}

| A wide table | of | many | columns | with | figures |
|--------------|:--:|-----:|---------|------|---------|
| {"words " * 12} | 1,234,567.89 | 1,234,567.89 | {UNBROKEN[:60]} | x | x |
| Short | 1 | 2 | 3 | 4 | 5 |

```
def a_line_of_code_that_is_longer_than_any_screen(argument, another_argument, yet_another_argument, and_one_more):
    return argument
```

Some `inline_code_without_a_blank_{"x" * 80}` in a line.

![A grey field, larger than any screen](huge.png)

### {UNBROKEN[:120]}

> {RIGHT_TO_LEFT}

1. One
2. Two
    - Two and a half: <https://example.org/{"a-long-path/" * 12}>

https://www.youtube.com/watch?v=aaaaaaaaaaa

{"#### A fourth level" + chr(10)}
[A video with a title of its own that goes on and on](https://youtu.be/bbbbbbbbbbb)
"""


def write(folder: Path) -> None:
    """The content as Markdown files, ready to be brought in."""
    for number in range(40):
        name = (LONG_NAME, UNBROKEN)[number] if number < 2 else f"Service {number}"
        head = (
            f"name: {name}\nminutes: 45\nprice: '12345.60'\nfirst_visit: true\nconfirm: staff\ncutoff_hours: 336\n"
        )
        _file(folder / "services" / f"service-{number:02}.md", f"{head}position: {number}\n", "Words. " * 60)
    for number, name in enumerate((LONG_NAME, UNBROKEN, RIGHT_TO_LEFT.strip())):
        head = f"name: '{name}'\nrole: {LONG_NAME}\nposition: {number}\n{HOURS}"
        _file(folder / "practitioners" / f"person-{number}.md", head, f"{RIGHT_TO_LEFT * 5}\n\n{UNBROKEN}")
    for number, text in enumerate((RIGHT_TO_LEFT, UNBROKEN, "Kind and quick. " * 200) * 8):
        head = f"name: '{(RIGHT_TO_LEFT, UNBROKEN, LONG_NAME)[number % 3]}'\npublished: 2026-10-{number + 1:02}\n"
        _file(folder / "testimonials" / f"voice-{number}.md", head, f"{number}: {text}")
    _posts(folder / "posts")


def members() -> list[Member]:
    """Owners whose names leave no room, or run from the right. Flushes."""
    names = {"unbroken": UNBROKEN, "arabic": RIGHT_TO_LEFT.strip()}
    made = [Member(name=n, email=f"{who}@clinic.example", role_names=["owner"]) for who, n in names.items()]
    db.session.add_all(made)
    db.session.flush()
    return made


def staff_facts(people: list[Member]) -> dict:
    """Enquiries that fill their page and more; gives what addresses of staff's name. Flushes."""
    for number in range(60):
        name, words = (LONG_NAME, UNBROKEN, RIGHT_TO_LEFT)[number % 3], (UNBROKEN, RIGHT_TO_LEFT * 20)[number % 2]
        sent = {
            "name": name[:200],
            "email": f"{'x' * 60}{number}@{'y' * 60}.example.org",
            "topic": LONG_NAME[:100],
        }
        enquiry = enquire(message=f"{number} {words}", nonce=f"full{number}", **sent)
        if name == UNBROKEN:
            unbroken = enquiry
    for by in people:
        entries.note(unbroken, text=UNBROKEN, by=by)
        states.assign(unbroken, to=by, by=by)
        audit.record("assigned", by=by, kind="member", id=by.id)
    reply_templates.create(name=LONG_NAME[:100], text=UNBROKEN)
    return {"new": references.shown(enquiry.reference), "unbroken": references.shown(unbroken.reference)}


def break_pages(instance: Path) -> None:
    """Give the site a feed and a page of staff's that fail."""
    for name in ("public/blog/feed.xml", "staff/health/index.html"):
        path = instance / "templates" / name
        path.parent.mkdir(parents=True)
        path.write_text("{{ 1 / 0 }}")


def _posts(folder: Path) -> None:
    tags = ", ".join([f"Topic {number}" for number in range(20)] + [UNBROKEN[:60]])
    head = f"author: {LONG_NAME}\nauthor_role: {LONG_NAME}\nsummary: {LONG_NAME}\ntags: [{tags}]\n"
    _file(folder / "overfull.md", f"title: {LONG_NAME}\npublished: 2026-11-20\n{head}", BODY)
    head = "author: Robin Sample\ntags: [Topic 1]\n"
    body = f"{RIGHT_TO_LEFT * 30}\n\n> {RIGHT_TO_LEFT}\n\n- {RIGHT_TO_LEFT}"
    _file(folder / "rtl.md", f"title: '{RIGHT_TO_LEFT}'\npublished: 2026-11-19\n{head}", body)
    for number in range(20):
        title = f"title: {(UNBROKEN, LONG_NAME)[number % 2]} {number}\npublished: 2026-10-{number + 1:02}\n"
        _file(folder / f"post-{number}.md", title + head, "Some words. " * 40)
    Image.new("L", (5000, 4000), 128).save(folder / "huge.png")


def _file(path: Path, head: str, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\n{head}---\n\n{body}\n")
