"""Staff write posts: from the first word to what visitors see, and back."""

import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from clinic_app import clock, database
from clinic_app.accounts.models import AuditEntry
from clinic_app.blog import revisions
from clinic_app.blog.models import Post, PostRevision
from clinic_app.extensions import db
from clinic_app.pictures.library import Picture
from tests.blog.make import post
from tests.queries import count
from tests.reading import parsed, read

from .conftest import is_told_gone

TYPED = {"title": "On knees", "body": "Some words.", "author": "Robin Sample", "action": "save"}


@pytest.fixture
def editor(staff):
    return staff("editor")


@pytest.fixture
def write(app):
    """Saves and commits a post; gives its number."""

    def save(slug="one", **fields):
        with database.transaction():
            return post(slug, **fields).id

    return save


@pytest.fixture
def media_folder(own_folder):
    return own_folder / "media"


def typed_in(page) -> dict:
    """What a browser would send of the editor's form, without pressing a button."""
    sent = {}
    for control in page.select("#post-form [name]"):
        if control.name == "textarea":
            sent[control["name"]] = control.text.removeprefix("\n").removeprefix("\r\n")
        elif control.name == "select":
            chosen = control.find("option", selected=True) or control.option
            sent[control["name"]] = chosen["value"]
        elif control.name == "input" and control.get("type") not in ("file", "checkbox"):
            sent[control["name"]] = control.get("value", "")
    return sent


def send(client, path, action="save", **changes):
    """Open the editor, change what is given, press a button."""
    return client.post(path, data=typed_in(read(client.get(path))) | {"action": action} | changes)


def only_post() -> Post:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Post).one()


def trail() -> list[tuple]:
    db.session.rollback()
    return [
        (e.action, e.kind, e.about_id, e.details)
        for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    ]


def png(size=(1000, 500), colour="red") -> BytesIO:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return BytesIO(out.getvalue())


def multipart(fields: dict) -> dict:
    """The body of a form with files. The test client's own way leaves temporary files open."""
    parts = {k: FileStorage(v[0], filename=v[1]) if isinstance(v, tuple) else v for k, v in fields.items()}
    boundary, data = encode_multipart(parts)
    return {"data": data, "content_type": f"multipart/form-data; boundary={boundary}"}


# Writing


def test_a_new_post_is_saved_as_a_draft_at_an_address_made_of_its_title(editor, client):
    answer = send(
        editor, "/staff/posts/new", title="On knees & hips", body="## Why\r\n\r\nWords.", author="Robin Sample"
    )
    saved = only_post()
    assert (answer.status_code, answer.location) == (303, f"/staff/posts/{saved.id}")
    assert (saved.slug, saved.draft, saved.body_markdown) == ("on-knees-hips", True, "## Why\n\nWords.")
    assert "Saved as a draft." in read(editor.get(answer.location)).text
    assert client.get("/blog/on-knees-hips").status_code == 404
    assert trail() == [("created", "post", saved.id, {})]


def test_a_title_without_latin_letters_gets_an_address_of_its_own_that_stays(editor, client):
    send(editor, "/staff/posts/new", title="健康な脊椎", action="publish")
    slug = only_post().slug
    assert re.fullmatch(r"post-[0-9a-f]{8}", slug)
    assert "健康な脊椎" in client.get(f"/blog/{slug}").text
    send(editor, f"/staff/posts/{only_post().id}", title="膝")
    assert only_post().slug == slug


@pytest.mark.parametrize(
    ("slug", "why"),
    [("Not a slug!", "should be letters a-z, digits and hyphens"), ("search", "is an address of the blog itself")],
)
def test_a_wrong_address_is_called_an_address(editor, slug, why):
    page = read(editor.post("/staff/posts/new", data=TYPED | {"slug": slug}))
    assert f"Change the address: it {why}" in page.select_one("#slug-error").text


def test_a_new_post_that_is_sent_twice_leads_to_the_draft_that_it_made(editor):
    sheet = typed_in(read(editor.get("/staff/posts/new"))) | TYPED
    first, second = (editor.post("/staff/posts/new", data=sheet) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    answer = editor.post("/staff/posts/new", data=sheet | {"body": "Some words, and after Back some more."})
    assert (answer.status_code, answer.location) == (303, first.location)
    assert only_post().body_markdown == "Some words, and after Back some more."
    page = read(editor.post("/staff/posts/new", data=sheet))
    assert "has saved this post meanwhile" in page.select_one(".notice").h2.text
    assert page.select_one("#post-form")["action"] == first.location
    assert only_post().body_markdown == "Some words, and after Back some more."


def test_a_post_is_published_unpublished_and_scheduled(editor, client, write):
    number = write(draft=True, published_at=None)
    path = f"/staff/posts/{number}"
    assert send(editor, path, "publish").status_code == 303
    assert client.get("/blog/one").status_code == 200
    page = read(editor.get(path))
    undo = page.select_one(".flash form")["action"]
    assert (page.select_one(".chip").text, undo) == ("Published", f"{path}/unpublish")
    assert editor.post(undo).status_code == 303
    assert client.get("/blog/one").status_code == 404 and only_post().draft
    later = clock.local(clock.now() + timedelta(days=2))
    assert send(editor, path, "schedule", publish_at=f"{later:%Y-%m-%dT%H:%M}").status_code == 303
    assert only_post().state == "scheduled" and client.get("/blog/one").status_code == 404
    assert only_post().published_at == later.replace(second=0, microsecond=0)
    assert send(editor, path, "publish").status_code == 303
    assert only_post().state == "published" and client.get("/blog/one").status_code == 200
    assert send(editor, path, "unpublish").status_code == 303 and only_post().draft
    actions = ["published", "unpublished", "scheduled", "published", "unpublished"]
    assert [entry[:3] for entry in trail()] == [(action, "post", number) for action in actions]
    with database.transaction():
        notes = [r.note for r in db.session.scalars(select(PostRevision).order_by(PostRevision.number))]
    assert notes == [revisions.BEFORE, "Published", "Unpublished", "Scheduled", "Published", "Unpublished"]


@pytest.mark.parametrize(
    ("state", "action", "typed", "message"),
    [
        ("draft", "schedule", "", "Enter the date and time"),
        ("draft", "schedule", "2020-01-01T10:00", "Enter a time to come"),
        ("draft", "schedule", "soon", "Enter a date and a time"),
        ("draft", "save", "0001-01-01T00:00", "Enter a date and a time"),
        ("draft", "save", "9999-12-31T23:59", "Enter a date and a time"),
        ("draft", "save", "2026-11-24T10:00+02:00", "Enter a date and a time"),
        ("published", "save", "2098-01-01T10:00", "It is out already"),
        ("scheduled", "save", "2020-01-01T10:00", "Enter a time to come"),
    ],
)
def test_a_time_that_does_not_fit_is_refused_beside_its_field(editor, write, state, action, typed, message):
    at = {
        "draft": None,
        "published": clock.now() - timedelta(days=1),
        "scheduled": clock.now() + timedelta(days=9),
    }
    number = write(draft=state == "draft", published_at=at[state])
    page = read(send(editor, f"/staff/posts/{number}", action, publish_at=typed, body="Typed words."))
    assert message in page.select_one("#publish_at-error").text and page.title.text.startswith("Error: ")
    assert (
        page.select_one("#body").text.strip() == "Typed words."
        and page.select_one("#publish_at")["value"] == typed
    )
    assert only_post().body_markdown == "Some words."


def test_a_draft_may_have_a_date_planned_and_a_published_post_keeps_its_second(editor, write):
    at = clock.now() - timedelta(days=3, seconds=7)
    number = write(published_at=at)
    send(editor, f"/staff/posts/{number}", body="More words.")
    assert only_post().published_at == at
    send(editor, f"/staff/posts/{number}", publish_at="2025-05-05T10:00")
    assert clock.format_when(only_post().published_at) == "Mon 5 May, 10:00 am"


def test_saying_that_a_post_was_updated_is_a_choice(editor, write):
    number = write(published_at=clock.now() - timedelta(days=9))
    send(editor, f"/staff/posts/{number}", body="A typo less.")
    assert only_post().updated_at is None
    send(editor, f"/staff/posts/{number}", body="Much that is new.", is_update="y")
    assert only_post().is_updated


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        *(({"title": ""}, "title"), ({"title": "x" * 301}, "title"), ({"author": " "}, "author")),
        *(({"slug": "Not a slug!"}, "slug"), ({"slug": "search"}, "slug"), ({"slug": "taken"}, "slug")),
        *(({"body": "x" * 500_001}, "body"), ({"hero": "none.webp"}, "hero")),
    ],
)
def test_what_cannot_be_saved_is_said_beside_its_field_and_all_that_was_typed_stays(editor, write, typed, field):
    write("taken")
    sent = TYPED | {"summary": "A summary", "tags": "One, Two", "hero_alt": "A hill"} | typed
    page = read(editor.post("/staff/posts/new", data=sent))
    assert page.select_one(f"#{field}-error") and page.select_one(f"[data-error-summary] a[href='#{field}']")
    kept = typed_in(page)
    for name in set(sent) - {"action", "hero", "author" if field == "author" else ""}:
        assert kept[name].strip() == sent[name].strip(), name
    assert only_post().slug == "taken"


def test_a_topic_longer_than_topics_can_be_is_refused_and_kept(editor):
    page = read(editor.post("/staff/posts/new", data=TYPED | {"tags": "x" * 101}))
    assert (
        "It cannot be saved" in page.select_one("[data-error-summary]").text
        and typed_in(page)["tags"] == "x" * 101
    )


def test_a_text_as_long_as_posts_may_be_is_saved(editor):
    body = "Ein Wort für jeden 🙂. " * 21_000
    assert editor.post("/staff/posts/new", **multipart(TYPED | {"body": body})).status_code == 303
    assert only_post().body_markdown == body.strip()
    assert editor.post("/staff/posts/new", data=TYPED | {"title": "Two", "body": body}).status_code == 303


def test_other_addresses_take_no_such_lengths(editor, write):
    number = write()
    assert editor.post(f"/staff/posts/{number}/unpublish", data={"x": "y" * 70_000}).status_code in (303, 413)
    assert editor.post("/staff/posts/pictures/1/alt", data={"alt": "y" * 70_000}).status_code == 413


def test_what_was_typed_when_the_session_had_ended_comes_back(there):
    page = read(there.post("/staff/posts/new", data=TYPED | {"body": "Long " * 50_000}), 401)
    assert page.find("input", attrs={"name": "body"})["value"] == "Long " * 50_000
    assert db.session.query(Post).count() == 0


def test_the_preview_button_shows_the_post_and_saves_nothing(editor):
    page = read(editor.post("/staff/posts/new", data=TYPED | {"action": "preview", "body": "Some **words**."}))
    assert page.select_one(".live strong").text == "words" and page.select_one(".live-title").text == "On knees"
    assert typed_in(page)["body"].strip() == "Some **words**." and db.session.query(Post).count() == 0
    assert trail() == []


def test_the_preview_for_the_script_never_runs_anything(editor):
    body = (
        "<script>alert(1)</script> ![x](https://elsewhere.example/x.png) <img src=x onerror=y> [a](javascript:b)"
    )
    answer = editor.post("/staff/posts/preview", data={"title": "<b>On</b>", "body": body, "summary": "<i>so</i>"})
    told = json.loads(answer.text)
    page = parsed(told["preview"])
    assert not page.find(["script", "img", "b", "i"]) and not page.find(attrs={"onerror": True})
    assert all(not a.get("href", "").startswith("javascript") for a in page.find_all("a"))
    assert (told["minutes"], told["words"] > 5) == (1, True) and "dead link" not in told["advice"]
    assert answer.mimetype == "application/json"


def test_the_author_is_one_that_is_known_or_a_new_one(editor, write):
    write("one")
    page = read(editor.get("/staff/posts/new"))
    assert [o["value"] for o in page.select("#authors option")] == ["Robin Sample"]
    send(editor, "/staff/posts/new", title="Two", author="Kit Example")
    with database.transaction():
        assert db.session.scalar(select(Post).filter_by(slug="two")).author.name == "Kit Example"


def test_a_post_that_is_not_there_is_not_found(editor, write):
    number = write()
    for path in ("/staff/posts/9", "/staff/posts/99999999999", f"/staff/posts/{number}/revisions/9"):
        assert editor.get(path).status_code == 404
    for gone in ("9/unpublish", f"{2**63}/unpublish", f"{number}/revisions/99999999999/restore"):
        assert is_told_gone(editor, f"/staff/posts/{gone}")
    assert editor.get("/staff/posts/9/revisions").status_code == 404


# Advice


def test_open_advice_is_asked_about_once_and_what_is_waved_through_is_recorded(editor, client, write):
    body = "\n\n".join(f"## Part {n}\n\nWords." for n in range(1, 11)) + "\n\nThese nine stretches help."
    number = write(draft=True, published_at=None, title="10 best stretches", body=body)
    path = f"/staff/posts/{number}"
    page = read(send(editor, path, "publish"))
    notice = page.select_one(".notice")
    assert "Before it goes out" in notice.h2.text and "Line 41" in notice.text and "nine stretches" in notice.text
    assert client.get("/blog/one").status_code == 404
    anyway = notice.select_one("button")
    assert (anyway["form"], anyway["value"], anyway.text) == ("post-form", "publish", "Publish anyway")
    assert editor.post(path, data=typed_in(page) | {"action": "publish"}).status_code == 303
    assert client.get("/blog/one").status_code == 200
    with database.transaction():
        waved = revisions.latest(number).waved_through
    assert [(each["rule"], each["place"]) for each in waved] == [("advertising", "Title"), ("numbers", "Line 41")]
    assert trail()[-1] == ("published", "post", number, {"waved_through": 2})
    # What was decided is not asked again, what is new is.
    assert send(editor, path, body=body + "\n\nMore words.").status_code == 303
    assert "Before it goes out" in read(send(editor, path, body=body + "\n\n![](/media/none.webp)")).text


def test_advice_is_no_lock_for_drafts_and_none_is_asked_about_a_post_in_order(editor, write):
    number = write(draft=True, published_at=None)
    assert send(editor, f"/staff/posts/{number}", body="[a](/nowhere) Guaranteed.").status_code == 303
    advice = read(editor.get(f"/staff/posts/{number}")).select(".advice li")
    assert [each.select_one("a").text for each in advice] == ["Line 1", "Line 1"]
    assert "testimonial_rules" in read(editor.get(f"/staff/posts/{number}")).select_one(".advice + p").text
    assert send(editor, f"/staff/posts/{number}", "publish", body="Plain words.").status_code == 303


def test_advice_that_was_not_shown_is_asked_about_even_if_other_was_waved_through(editor, write):
    number = write(draft=True, published_at=None, body="Guaranteed.")
    page = read(send(editor, f"/staff/posts/{number}", "publish"))
    changed = typed_in(page) | {"action": "publish", "body": "Guaranteed. Cured."}
    assert "Before it goes out" in read(editor.post(f"/staff/posts/{number}", data=changed)).text
    assert only_post().draft


LINKS = {
    "/": "",
    "/blog": "",
    "/contact/": "",
    "/book": "",
    "/book/none": "no such service",
    "/book/visit": "",
    "/book/visit/robin": "",
    "/book/visit/anyone": "",
    "/book/visit/nobody": "no such practitioner",
    "/blog/out": "",
    "/blog/was-out": "",
    "/post/out": "",
    "/blog/later": "not out yet",
    "/blog/none": "no post",
    "/post/none": "no post",
    "/blog/tag/running": "",
    "/blog/tag/none": "No post is out",
    "/media/none.webp": "not there",
    "/static/css/site.css": "",
    "/static/css/none.css": "no page",
    "/static/../wsgi.py": "no page",
    "/staff/posts": "Only staff",
    "/staff/sign-in": "Only staff",
    "/a/secret": "Only staff",
    "/none": "no page",
    "/blog/\0": "no post",
}


@pytest.mark.parametrize("path", LINKS)
def test_where_a_link_of_this_site_leads_is_known(app, write, path):
    from clinic_app.booking import profiles
    from clinic_app.staff.posts.links import why_dead

    write("out", tags=("Running",))
    write("later", published_at=clock.now() + timedelta(days=1))
    with database.transaction():
        moved = db.session.scalar(select(Post).filter_by(slug="out"))
        db.session.execute(
            db.metadata.tables["post_redirects"]
            .insert()
            .values(slug="was-out", post_id=moved.id, made_at=clock.now())
        )
        robin = profiles.save_practitioner(
            "robin", name="Robin Sample", email="robin@clinic.example", position=1, hours={}
        )
        profiles.save_service("visit", name="Visit", minutes=30, price_cents=8500, position=1, offered_by=[robin])
    reason = why_dead(path)
    assert (LINKS[path] in reason) if LINKS[path] else reason == ""


# Two at once


def test_who_saves_over_someone_elses_newer_text_sees_both_and_loses_nothing(staff, write):
    casey, jo = staff("editor"), staff("editor")
    number = write(draft=True, body="First line.\n\nA second line.")
    path = f"/staff/posts/{number}"
    sheet = typed_in(read(casey.get(path)))
    send(jo, path, body="First line by Jo.\n\nA second line.", title="By Jo")
    page = read(
        casey.post(path, data=sheet | {"action": "save", "body": "First line.\n\nA second line by Casey."})
    )
    notice = page.select_one(".notice")
    assert "has saved this post meanwhile" in notice.h2.text
    assert {"by", "Jo"} <= set(re.findall(r"\w+", " ".join(d.text for d in notice.select("del"))))
    assert "by Casey" in " ".join(i.text for i in notice.select("ins")) and "By Jo" in notice.text
    assert only_post().body_markdown == "First line by Jo.\n\nA second line."
    kept = typed_in(page)
    assert kept["body"].strip() == "First line.\n\nA second line by Casey."
    merged = kept | {"action": "save", "body": "First line by Jo.\n\nA second line by Casey."}
    assert casey.post(path, data=merged).status_code == 303
    with database.transaction():
        assert revisions.latest_number(number) == 3


# Revisions


def restore(client, page):
    """Press the button of a revision's page."""
    form = page.select_one("form[action$=restore]")
    return client.post(form["action"], data={field["name"]: field["value"] for field in form.select("input")})


def test_revisions_show_what_changed_and_can_be_restored(editor, client, write):
    number = write(body="One.\n\nTwo.\n\nThree.", title="First title")
    path = f"/staff/posts/{number}"
    send(editor, path, body="One.\n\nTwo and a half.\n\nThree.", title="Second title")
    rows = read(editor.get(f"{path}/revisions")).select(".rows a")
    assert [row.text for row in rows] == ["Revision 2", "Revision 1"]
    page = read(editor.get(rows[0]["href"]))
    assert (
        page.select_one("table del").text == "First title" and page.select_one("table ins").text == "Second title"
    )
    assert [ins.text for ins in page.select(".diff ins")] == [" and a half"]
    assert not page.select("form[action$=restore]")
    first = read(editor.get(f"{rows[1]['href']}?against=now"))
    assert "From revision 1 to now" in first.text
    answer = restore(editor, first)
    assert answer.status_code == 303 and only_post().body_markdown == "One.\n\nTwo.\n\nThree."
    assert only_post().title == "First title" and client.get("/blog/one").status_code == 200
    assert trail()[-1] == ("restored", "post", number, {"revision": 1})
    assert len(read(editor.get(f"{path}/revisions")).select(".rows a")) == 3


def test_nothing_is_rendered_while_others_wait_to_write(editor, write, render_before_writing):
    number = write(body="One.")
    path = f"/staff/posts/{number}"
    render_before_writing()
    send(editor, path, body="Two.")
    first = revisions.latest(number)
    send(editor, path, body="Three.")
    assert restore(editor, read(editor.get(f"{path}/revisions/{first.id}"))).status_code == 303
    assert editor.post(f"{path}/unpublish").status_code == 303
    assert (only_post().body_markdown, only_post().draft) == ("Two.", True)


def test_what_another_saved_at_this_very_moment_is_not_unpublished(editor, write, monkeypatch):
    number = write(body="One.")
    path = f"/staff/posts/{number}"
    send(editor, path, body="Two.")
    send(editor, path, body="Three.")
    monkeypatch.setattr(revisions, "latest_number", lambda post_id: 2)  # as it was before they saved
    answer = editor.post(f"{path}/unpublish")
    assert answer.location == path and "saved this post meanwhile" in editor.get(path).text
    assert (only_post().body_markdown, only_post().draft) == ("Three.", False)


def test_what_another_has_saved_since_the_page_was_opened_is_not_restored_over(editor, write):
    number = write(body="One.")
    path = f"/staff/posts/{number}"
    send(editor, path, body="Two.")
    one = db.session.scalar(select(PostRevision).filter_by(number=1))
    page = read(editor.get(f"{path}/revisions/{one.id}"))
    send(editor, path, body="Three.")
    assert restore(editor, page).location == path and "saved this post meanwhile" in editor.get(path).text
    assert (only_post().body_markdown, trail()[-1][0]) == ("Three.", "saved")


def test_unpublishing_a_draft_changes_nothing(editor, write):
    number = write(draft=True)
    path = f"/staff/posts/{number}"
    assert editor.post(f"{path}/unpublish").location == path
    assert "It is a draft already" in editor.get(path).text and trail() == []


def test_the_first_revision_of_a_post_without_any_is_made_when_it_is_changed(editor, write):
    number = write()
    assert "No revisions yet" in read(editor.get(f"/staff/posts/{number}/revisions")).text
    send(editor, f"/staff/posts/{number}", body="Other words.")
    assert len(read(editor.get(f"/staff/posts/{number}/revisions")).select(".rows a")) == 2


@pytest.mark.parametrize("changes", [{}, {"tags": "Knees, Hips", "author": "Kit Example"}])
def test_a_post_cannot_take_the_address_of_another(editor, write, changes):
    write("one")
    path = f"/staff/posts/{write('two', tags=('Knees',))}"
    page = read(send(editor, path, slug="one", body="All this.", **changes))
    assert "Another post has this address. Choose another." in page.text and typed_in(page)["body"] == "All this."
    assert send(editor, path, slug="three", **changes).status_code == 303


def test_an_address_that_changes_leads_on(editor, client, write):
    number = write()
    send(editor, f"/staff/posts/{number}", slug="two")
    assert client.get("/blog/one").location == "/blog/two"
    assert "These lead to it too: one." in read(editor.get(f"/staff/posts/{number}")).text


# Pictures


def test_a_picture_is_put_into_the_text_without_script(editor, media_folder, write):
    number = write(draft=True)
    sheet = typed_in(read(editor.get(f"/staff/posts/{number}")))
    sent = sheet | {"action": "picture", "body": "Typed.", "picture_alt": "A hill", "picture": (png(), "Hill.PNG")}
    page = read(editor.post(f"/staff/posts/{number}", data=sent, content_type="multipart/form-data"))
    picture = db.session.query(Picture).one()
    assert typed_in(page)["body"].strip() == f"Typed.\n\n![A hill]({picture.url})"
    assert page.select_one(".live .prose img")["srcset"] and "is at the end" in page.select_one(".flash").text
    assert picture.name in [option["value"] for option in page.select("#hero option")]
    assert only_post().body_markdown == "Some words." and trail() == [("uploaded", "picture", picture.id, {})]
    assert editor.get(picture.url).mimetype == "image/webp"


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({"picture_alt": "A hill"}, ["picture"]),
        ({"picture": (BytesIO(b"no picture"), "a.png"), "picture_alt": "A hill"}, ["picture"]),
        ({"picture": (png(), "a.png")}, ["picture_alt"]),
        ({"picture": (png(), "a.png"), "picture_alt": "x" * 501}, ["picture_alt"]),
        ({}, ["picture", "picture_alt"]),
    ],
)
def test_a_picture_that_cannot_be_taken_is_refused_with_the_reason(editor, media_folder, sent, fields):
    sent = {name: (BytesIO(v[0].getvalue()), v[1]) if isinstance(v, tuple) else v for name, v in sent.items()}
    page = read(
        editor.post(
            "/staff/posts/new", data=TYPED | sent | {"action": "picture"}, content_type="multipart/form-data"
        )
    )
    assert [error["id"] for error in page.select("[id$=-error]")] == [f"{name}-error" for name in fields]
    assert typed_in(page)["body"].strip() == "Some words." and not db.session.query(Picture).count()
    sent = {name: (BytesIO(b"no picture"), v[1]) if isinstance(v, tuple) else v for name, v in sent.items()}
    answer = editor.post(
        "/staff/posts/pictures",
        data=sent,
        headers={"Accept": "application/json"},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422 and any(json.loads(answer.text).values())


def test_a_description_that_is_too_long_is_told_of_as_any_text_is(editor, media_folder):
    sent = {"picture": (png(), "a.png"), "picture_alt": "x" * 501}
    page = read(editor.post("/staff/posts/pictures", data=sent, content_type="multipart/form-data"))
    told = page.select_one("#picture_alt-error").text
    assert "Shorten what the picture shows: it is 1 over the limit of 500 characters" in told


def test_a_picture_that_is_too_large_is_told_so_and_the_text_stays(editor, media_folder):
    sent = TYPED | {
        "action": "picture",
        "picture_alt": "A hill",
        "picture": (BytesIO(b"x" * 9_000_000), "big.png"),
    }
    page = read(editor.post("/staff/posts/new", **multipart(sent)))
    assert (
        "larger than 8 MB" in page.select_one("#picture-error").text
        and typed_in(page)["body"].strip() == "Some words."
    )


def test_the_script_gets_the_markdown_of_a_picture(editor, media_folder):
    sent = {"picture": (png(), "Hill.PNG"), "picture_alt": "A [hill]"}
    answer = editor.post(
        "/staff/posts/pictures",
        data=sent,
        headers={"Accept": "application/json"},
        content_type="multipart/form-data",
    )
    told = json.loads(answer.text)
    assert told["markdown"] == f"![A \\[hill\\]](/media/{told['name']})" and told["url"].endswith("480x240.webp")


def test_the_library_shows_pictures_finds_them_and_describes_them_anew(editor, media_folder):
    for colour, alt in (("red", "A hill"), ("blue", "The sea")):
        sent = {"picture": (png(colour=colour), f"{colour}.png"), "picture_alt": alt}
        assert (
            editor.post("/staff/posts/pictures", data=sent, content_type="multipart/form-data").status_code == 303
        )
    assert [img["alt"] for img in read(editor.get("/staff/posts/pictures")).select(".picture img")] == [
        "The sea",
        "A hill",
    ]
    page = read(editor.get("/staff/posts/pictures?q=hill"))
    path = page.select_one(".picture form")["action"]
    number = int(re.search(r"\d+", path)[0])
    assert len(page.select(".picture")) == 1
    answer = editor.post(path, data={"alt": "A green hill"})
    assert (answer.status_code, answer.location) == (303, "/staff/posts/pictures?q=hill")
    assert "A green hill" in read(editor.get(answer.location)).text
    assert trail()[-1] == ("described", "picture", number, {})
    for wrong in ("0", "99", "9" * 30):
        assert is_told_gone(editor, f"/staff/posts/pictures/{wrong}/alt", {"alt": "Hill"})
    answer = editor.post(path, data={"alt": " "})
    assert (answer.status_code, answer.location) == (303, "/staff/posts/pictures?q=hill")
    assert "Enter what the picture shows" in read(editor.get(answer.location)).text


def test_a_main_picture_is_chosen_from_the_library(editor, client, media_folder, write):
    number = write()
    sent = {"picture": (png(), "Hill.PNG"), "picture_alt": "A hill"}
    editor.post("/staff/posts/pictures", data=sent, content_type="multipart/form-data")
    name = db.session.query(Picture).one().name
    assert send(editor, f"/staff/posts/{number}", hero=name).status_code == 303
    assert only_post().hero_alt == "A hill"  # the library's words, where no others are given
    assert "Before it goes out" in read(send(editor, f"/staff/posts/{number}", hero_alt="")).text
    send(editor, f"/staff/posts/{number}", hero_alt="A hill at dawn")
    assert only_post().hero_alt == "A hill at dawn"
    assert client.get("/blog/one").text.count(name) >= 2


# Lists and who may see them


def test_posts_are_listed_by_state_and_found_by_words(editor, write):
    write("out", title="Out", body="knees")
    write("later", title="Later", published_at=clock.now() + timedelta(days=1))
    write("draft", title="Draft", draft=True, published_at=None)

    def titles(query=""):
        return [a.text for a in read(editor.get(f"/staff/posts{query}")).select(".row-main > a")]

    assert sorted(titles()) == ["Draft", "Later", "Out"]
    assert titles("?state=published") == ["Out"] == titles("?q=knee") and titles("?state=draft") == ["Draft"]
    assert titles("?state=scheduled") == ["Later"] and titles("?state=none&at=none") and titles("?q=none") == []
    tabs = [tab.text.split() for tab in read(editor.get("/staff/posts")).select(".tabs a")]
    assert tabs == [["All", "3"], ["Published", "1"], ["Scheduled", "1"], ["Drafts", "1"]]
    assert editor.get("/staff/posts", query_string={"q": "\0' OR 1=1 --" * 99}).status_code == 200


def test_an_empty_list_says_what_to_do(editor):
    for query in ("", "?state=draft", "?state=scheduled", "?state=published", "?q=x"):
        assert read(editor.get(f"/staff/posts{query}")).select_one(".empty")
    assert read(editor.get("/staff/posts/pictures")).select_one(".empty")


def test_a_list_takes_as_many_queries_for_many_posts_as_for_few(editor, write):
    def queries(path):
        db.session.rollback()
        return count(lambda: editor.get(path))

    number = write("p0")
    paths = (
        "/staff/posts",
        "/staff/posts?q=words",
        "/staff/posts?state=published",
        f"/staff/posts/{number}/revisions",
    )
    few = [queries(path) for path in paths]
    with database.transaction():
        for n in range(1, 60):
            post(f"p{n}")
    for n in range(8):
        send(editor, f"/staff/posts/{number}", body=f"Words {n}.")
    editor.get("/staff/posts")
    assert [queries(path) for path in paths] == few
    page = read(editor.get("/staff/posts"))
    assert len(page.select(".row")) == 50
    assert len(read(editor.get(page.select_one("a[rel=next]")["href"])).select(".row")) == 10


@pytest.mark.parametrize("role", ["reception", "practitioner"])
def test_who_does_not_write_posts_does_not_get_in(staff, write, role):
    number = write()
    client = staff(role)
    for path in ("", "/new", "/pictures", f"/{number}", f"/{number}/revisions"):
        assert client.get(f"/staff/posts{path}").status_code == 403
    for path in ("/new", "/preview", "/pictures", "/pictures/1/alt", f"/{number}/unpublish"):
        assert client.post(f"/staff/posts{path}", data=TYPED).status_code == 403
    assert only_post().state == "published" and trail() == []
