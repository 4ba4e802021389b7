"""`flask import webflow-posts`: Webflow's export becomes posts, all of it or nothing."""

import csv
from datetime import UTC, datetime

import pytest

from clinic_app import database
from clinic_app.blog import posts
from clinic_app.blog.models import Post
from clinic_app.blog.search import search
from clinic_app.extensions import db

DATE = "Mon Mar 02 2026 09:30:15 GMT+0000 (Coordinated Universal Time)"
LATER = "Tue Mar 03 2026 09:30:15 GMT+0000 (Coordinated Universal Time)"
FRAME = '<iframe src="https://www.youtube.com/embed/aqz-KE-bpKQ" title="{}" onload="x()"></iframe>'
ROW = {
    "Name": "On knees",
    "Slug": "on-knees",
    "Collection ID": "c",
    "Item ID": "item1",
    "Created On": DATE,
    "Updated On": DATE,
    "Published On": DATE,
    "Post Body": "<p>Mind your knees.</p>",
    "Post Summary": "All about them.",
    "Author": "Kit Example",
    "Tags": "Running; Recovery",
}


@pytest.fixture
def bring(app, tmp_path):
    """Runs the command on rows (given as changes of ROW); gives the result."""

    def run(*rows, options=(), names=None):
        path = tmp_path / "posts.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names or list(ROW | rows[0]), extrasaction="ignore")
            writer.writeheader()
            writer.writerows([ROW | row for row in rows])
        result = app.test_cli_runner().invoke(args=["import", "webflow-posts", str(path), *options])
        db.session.rollback()
        return result

    return run


def body_of(bring, html: str) -> str:
    assert bring({"Post Body": html}).exit_code == 0
    return db.session.query(Post).one().body_markdown


def test_a_post_comes_in_with_its_slug_and_dates(bring):
    result = bring({"Published Date": "Mon Feb 16 2026 10:00:00 GMT+0000"})
    assert (result.exit_code, result.output) == (0, "1 created, 0 updated, 0 unchanged, 0 held, 0 rejected.\n")
    post = posts.get("on-knees")
    assert (post.title, post.summary, post.author.name) == ("On knees", "All about them.", "Kit Example")
    assert post.published_at == datetime(2026, 2, 16, 10, tzinfo=UTC)
    assert post.updated_at == datetime(2026, 3, 2, 9, 30, 15, tzinfo=UTC)
    assert [tag.name for tag in post.tags] == ["Recovery", "Running"]
    assert search("knee").total == 1


def test_html_becomes_markdown(bring):
    html = (
        '<h2 id="x">Warm <em>up</em></h2><p onclick="x()" style="color:red">One <strong>two</strong> '
        '<a href="https://e.example/?a=1&amp;b=2">three</a>.</p><ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>'
        "<table><tr><th>h</th></tr><tr><td>d</td></tr></table><blockquote>q</blockquote><p>\u200d</p>"
        "<script>alert(1)</script><style>p{}</style><!-- note --><p>2 * 3 * 4_5_6 # end</p>"
    )
    markdown = body_of(bring, html)
    assert markdown.startswith("## Warm *up*\n\nOne **two** [three](https://e.example/?a=1&b=2).\n\n- a\n- b")
    assert "| h |" in markdown and "> q" in markdown and "\u200d" not in markdown
    for gone in ("alert", "p{}", "note", "onclick", "color"):
        assert gone not in markdown
    assert "<p>2 * 3 * 4_5_6 # end</p>" in posts.get("on-knees").body_html


@pytest.mark.parametrize("opening", ["<div>", "<b><i>", "<table><tr><td>", "<ul><li>", "<blockquote>"])
def test_html_that_is_nested_too_deeply_is_a_bad_row(bring, opening):
    result = bring({"Post Body": opening * 5_000 + "x"}, options=["--dry-run"])
    assert result.exit_code == 1
    assert "line 2: rejected: its HTML is nested too deeply" in result.output
    assert "x" in body_of(bring, opening * 33 + "x")


@pytest.mark.parametrize(
    ("title", "shown"),
    [("YouTube video player", "Video"), ("", "Video"), ("Five [easy] *stretches*", "Five [easy] *stretches*")],
)
def test_an_embedded_player_becomes_the_sites_video(bring, title, shown):
    body_of(
        bring,
        f'<p>Before</p><div style="padding:1px">{FRAME.format(title)}</div><p>After {FRAME.format(title)} it</p>',
    )
    post = posts.get("on-knees")
    assert [v["title"] for v in post.videos] == [shown, shown]
    assert post.body_html.count("<figure") == 2 and "iframe" not in post.body_html


def test_a_player_of_another_host_becomes_a_link(bring):
    markdown = body_of(
        bring,
        '<p>a</p><iframe src="https://v.example/1" title="A film"></iframe><iframe src="javascript:x"></iframe>',
    )
    assert markdown == "a\n\n[A film](https://v.example/1)"


@pytest.mark.parametrize(
    ("saved", "address"),
    [
        ("a hill.svg", "a%20hill.svg"),
        ("a%20hill.svg", "a%20hill.svg"),  # as curl -O saves it
        ("cafe\u0301.svg", "caf%C3%A9.svg"),  # as archives from a Mac have it
    ],
)
def test_pictures_come_from_the_folder_given_and_others_are_named(bring, app, tmp_path, saved, address):
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / saved).write_text("<svg></svg>")
    row = {
        "Main Image": f"https://cdn.example/5f/{address}",
        "Main Image Alt": "A hill",
        "Post Body": f'<img src="https://cdn.example/5f/{address}" alt="Hill">'
        '<img src="https://cdn.example/no.png" alt="No">',
    }
    result = bring(row, options=["--media", str(tmp_path / "media")])
    assert "line 2: created: pictures not shown, for want of their files (see --media): no.png" in result.output
    post = posts.get("on-knees")
    assert post.hero_alt == "A hill" and app.test_client().get(post.hero_url).status_code == 200
    assert f'<img src="{post.hero_url}" alt="Hill"' in post.body_html
    assert '<a href="https://cdn.example/no.png" rel="noopener">No</a>' in post.body_html


def test_a_picture_whose_address_is_none_stops_nothing(bring):
    result = bring({"Post Body": '<img src="http://[oops/a%20b.png?c" alt="No">'})
    assert result.exit_code == 0 and "(see --media): a b.png" in result.output


def test_running_again_says_unchanged_then_updated(bring):
    bring({})
    assert "0 created, 0 updated, 1 unchanged" in bring({}).output
    assert "0 created, 1 updated, 0 unchanged" in bring({"Slug": "knees", "Updated On": LATER}).output
    assert posts.get("on-knees") is None and posts.get("knees").updated_at.day == 3
    assert db.session.query(Post).count() == 1


def test_a_post_changed_here_since_is_held(bring):
    bring({})
    with database.transaction():
        posts.get("on-knees").title = "Changed by hand"
    result = bring({"Name": "Changed there"})
    assert "line 2: held: was changed here since" in result.output and "1 held" in result.output
    assert posts.get("on-knees").title == "Changed by hand"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"Item ID": "item2"}, "slug 'on-knees' is taken by another post"),
        ({"Slug": "two"}, "has the same Item ID as line 2"),
        ({"Item ID": "2", "Slug": "two", "Name": ""}, "Name is empty"),
        ({"Item ID": "2", "Slug": ""}, "Slug is empty"),
        ({"Item ID": "", "Slug": "two"}, "Item ID is empty"),
        ({"Item ID": "2" * 201, "Slug": "two"}, "Item ID is longer than 200 characters"),
        ({"Item ID": "2", "Slug": "T wo"}, "slug 'T wo' should be"),
        ({"Item ID": "2", "Slug": "two", "Published On": "soon"}, "Published On 'soon' is not a date"),
        ({"Item ID": "2", "Slug": "two", "Post Body": "a\0b"}, "holds a NUL"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written_unless_told_to_skip_it(bring, row, reason):
    stopped = bring({}, row)
    assert stopped.exit_code == 1 and f"line 3: rejected: {reason}" in stopped.output
    assert "Would have been: 1 created, 0 updated, 0 unchanged, 0 held, 1 rejected." in stopped.output
    assert "Nothing was written" in stopped.output and db.session.query(Post).count() == 0
    skipped = bring({}, row, options=["--skip-bad"])
    assert skipped.exit_code == 0 and "1 created, 0 updated, 0 unchanged, 0 held, 1 rejected." in skipped.output
    assert db.session.query(Post).count() == 1


def test_a_post_that_wants_the_slug_of_another_is_a_bad_row(bring):
    bring({}, other := {"Item ID": "item2", "Slug": "hips", "Name": "On hips"})
    result = bring({}, other | {"Slug": "on-knees"})
    assert result.exit_code == 1 and "line 3: rejected: slug 'on-knees' is taken by another post" in result.output


def test_a_new_post_may_have_the_slug_that_another_gives_up_further_down_for_that_of_a_third(bring):
    bring({}, hips := {"Item ID": "item2", "Slug": "hips", "Name": "On hips"})
    new = {"Item ID": "item3", "Name": "On both knees"}
    result = bring(new, {"Slug": "hips"}, hips | {"Slug": "hips-2"})
    assert (result.exit_code, result.output) == (0, "1 created, 2 updated, 0 unchanged, 0 held, 0 rejected.\n")
    titles = [posts.get(slug).title for slug in ("on-knees", "hips", "hips-2")]
    assert titles == ["On both knees", "On knees", "On hips"]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(bring, app, tmp_path):
    result = bring({}, options=["--dry-run"])
    assert "Would have been: 1 created" in result.output and "Dry run: nothing was written." in result.output
    assert db.session.query(Post).count() == 0


@pytest.mark.parametrize("row", [{"Published On": ""}, {"Draft": "TRUE"}, {"Archived": "true"}])
def test_what_was_not_public_there_is_a_draft_here(bring, row):
    assert bring(row).exit_code == 0
    assert db.session.query(Post).one().draft


def test_an_archived_that_cannot_be_read_is_a_bad_row_of_a_draft_too(bring):
    result = bring({"Draft": "true", "Archived": "maybe"})
    assert "line 2: rejected: archived 'maybe' should be true or false" in result.output


def test_columns_may_be_mapped(bring):
    result = bring({"Text": "<p>Mapped.</p>"}, options=["--map", "Text=body"])
    assert result.exit_code == 0 and posts.get("on-knees").body_markdown == "Mapped."


def test_a_file_of_another_kind_is_refused(bring):
    result = bring({}, names=["Name", "Slug", "Item ID", "Published On", "Testimonial"])
    assert result.exit_code == 1 and "no column 'Post Body'" in result.output
    assert "another command: flask import webflow-testimonials" in result.output


def test_a_post_without_an_author_is_the_clinics(bring, app):
    bring({"Author": ""})
    assert posts.get("on-knees").author.name == app.config["CLINIC"].name
