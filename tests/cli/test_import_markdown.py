"""`flask import markdown`: a folder of files, all of it or nothing."""

from datetime import UTC, datetime

import pytest

from clinic_app import clock
from clinic_app.blog import posts
from clinic_app.blog.models import Post
from clinic_app.extensions import db
from clinic_app.pictures import media

POST = """---
title: On knees
summary: All about them.
tags: [Running, Recovery]
author: Kit Example
author_photo: ../images/kit.svg
author_photo_alt: Kit, smiling
published: 2026-03-02
updated: 2026-03-03 09:30
hero: ../images/hill.svg
hero_alt: A hill
---
Mind your knees. ![Hill](../images/hill.svg) ![Far](https://e.example/far.png)
"""


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "content"
    for name in ("posts", "images"):
        (root / name).mkdir(parents=True)
    (root / "posts" / "on-knees.md").write_text(POST)
    (root / "images" / "hill.svg").write_text("<svg><!-- hill --></svg>")
    (root / "images" / "kit.svg").write_text("<svg><!-- kit --></svg>")
    return root


def test_days_are_right_again_when_the_same_files_come_in_by_another_zones_clocks(bring, with_settings):
    bring()
    with_settings(timezone="Australia/Perth")
    assert clock.format_day(posts.get("on-knees").published_at) == "Sun 1 Mar 2026"
    assert "1 updated" in bring().output
    assert clock.format_day(posts.get("on-knees").published_at) == "Mon 2 Mar 2026"


def test_a_post_comes_in_with_its_pictures_and_dates_in_the_clinics_zone(bring, client):
    result = bring()
    assert (result.exit_code, result.output) == (0, "1 created, 0 updated, 0 unchanged, 0 held, 0 rejected.\n")
    post = posts.get("on-knees")
    assert post.published_at == datetime(2026, 3, 1, 13, tzinfo=UTC)
    assert post.updated_at == datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    assert (
        f'<img src="{post.hero_url}" alt="Hill"' in post.body_html
        and "![Far](https://e.example/far.png)" in post.body_markdown
    )
    assert client.get(post.hero_url).status_code == client.get(post.author.photo_url).status_code == 200


def test_titles_names_and_topics_are_what_the_editor_makes_of_them(bring, folder):
    author, tags = "Kit\\u00a0 Example", '["Neck,  back", " Legs\\tand feet"]'
    matter = f'title: "On \\n knees"\nauthor: "{author}"\ntags: {tags}\npublished: 2026-03-02'
    (folder / "posts" / "on-knees.md").write_text(f"---\n{matter}\n---\nWords.")
    bring()
    post = posts.get("on-knees")
    assert (post.title, post.author.name) == ("On knees", "Kit Example")
    assert [tag.name for tag in post.tags] == ["back", "Legs and feet", "Neck"]


@pytest.mark.parametrize(
    ("saved", "target"),
    [
        ("my hill.svg", "<../images/my hill.svg>"),
        ("my hill.svg", "../images/my%20hill.svg"),
        ("50%20hill.svg", "../images/50%20hill.svg"),
        ("hill(1).svg", '../images/hill(1).svg "Up"'),
    ],
)
def test_a_picture_is_found_by_each_way_to_write_its_path(bring, folder, saved, target):
    (folder / "images" / "hill.svg").rename(folder / "images" / saved)
    post = POST.replace("hero: ../images/hill.svg\n", "").replace("(../images/hill.svg)", f"({target})")
    (folder / "posts" / "on-knees.md").write_text(post)
    assert bring().exit_code == 0
    assert '<img src="/media/' in posts.get("on-knees").body_html


@pytest.mark.parametrize(("typed", "shown"), [("Hill [1]", "Hill [1]"), (r"A \] hill", "A ] hill")])
def test_a_picture_is_found_whatever_brackets_are_in_what_it_shows(bring, folder, typed, shown):
    (folder / "posts" / "on-knees.md").write_text(POST.replace("![Hill]", f"![{typed}]"))
    assert bring().exit_code == 0
    post = posts.get("on-knees")
    assert f'<img src="{post.hero_url}" alt="{shown}"' in post.body_html


def test_what_is_no_picture_for_lack_of_a_bracket_stays_as_it_is(bring, folder):
    (folder / "posts" / "on-knees.md").write_text(f"{POST}\n![Up](up(1) and on")
    assert bring().exit_code == 0
    assert posts.get("on-knees").body_markdown.endswith("![Up](up(1) and on")


def test_a_path_that_no_picture_can_have_is_told_in_words(bring, folder):
    for target in ("%00.svg", "x" * 5000):
        (folder / "posts" / "on-knees.md").write_text(POST.replace("(../images/hill.svg)", f"({target})"))
        assert "is not there" in bring().output


def test_running_again_changes_nothing_and_a_changed_file_updates_its_post(bring, folder):
    bring()
    assert "0 created, 0 updated, 1 unchanged" in bring().output
    (folder / "posts" / "on-knees.md").write_text(POST.replace("Mind", "Love"))
    assert "0 created, 1 updated" in bring().output
    assert db.session.query(Post).one().body_markdown.startswith("Love")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("no front matter", "title is empty"),
        ("---\ntitle: [\n---\n", "its front matter is not valid YAML"),
        ("---\ntitle: A\npublished: 2026-13-45\nauthor: K\n---\n", "published|front matter"),
        ("---\ntitle: A\nauthor: K\n---\n", "published is empty; give a date, or draft: true"),
        (
            "---\ntitle: A\nauthor: K\npublished: 2026-01-01\nhero: ../images/no.svg\n---\n",
            "picture 'no.svg' is not there",
        ),
        ("---\ntitle: A\nauthor: K\npublished: 2026-01-01\nhero: ../../x.svg\n---\n", "lies outside the folder"),
        ("---\ntitle: A\nauthor: K\npublished: 2026-01-01\ndraft: maybe\n---\n", "draft should be true or false"),
        ("---\ntitle: A\nauthor: K\npublished: 2026-01-01\ntags: {a: b}\n---\n", "tags should be a list"),
        ("---\nkind: news\ntitle: A\n---\n", "; put the file into a folder of one of these names, or write"),
        ("---\nkind: post\ntitle: A\n---\n", "kind 'post' is none of"),
        ("---\nkind: post\ntitle: A\n---\n", "(did you mean posts?)"),
        (b"---\ntitle: \xff\n---\n", "is not UTF-8"),
        ("---\ntitle: &h A\nauthor: *h\n---\n", "its front matter uses an alias (*h); write the value out"),
        ("---\na: &a {b: c}\n<<: *a\n---\n", "its front matter uses an alias (*a)"),
        ("---\ntitle: !!timestamp soon\n---\n", "its front matter is not valid YAML"),
        ("---\ntitle: !!bool soon\n---\n", "its front matter is not valid YAML"),
        (f"---\ntitle: 0x{'f' * 9000}\n---\n", "its front matter is not valid YAML"),
        (f"---\ntitle: {'[' * 1000}\n---\n", "its front matter is nested too deeply"),
        ('---\ntitle: "A\\0"\nauthor: K\npublished: 2026-01-01\n---\n', "holds a NUL character"),
        ('---\ntitle: A\ntags: ["B\\0"]\nauthor: K\npublished: 2026-01-01\n---\n', "holds a NUL character"),
        ('---\ntitle: A\nauthor: "\\ud800"\npublished: 2026-01-01\n---\n', "half of a pair"),
        ("---\ntitle: A\nauthor: K\npublished: 2026-01-01\n---\nA\0", "holds a NUL character"),
    ],
)
def test_a_bad_file_is_named_and_nothing_is_written_pictures_neither(
    bring, folder, app, content, reason, tmp_path
):
    bad = folder / "posts" / "bad.md"
    bad.write_bytes(content if isinstance(content, bytes) else content.encode())
    pictures = media.folder()
    before = set(pictures.glob("*"))
    (folder / "images" / "hill.svg").write_text(f"<svg><!-- {reason} --></svg>")
    result = bring()
    line = next(line for line in result.output.splitlines() if line.startswith("posts/bad.md: rejected: "))
    assert result.exit_code == 1 and any(part in line for part in reason.split("|"))
    assert db.session.query(Post).count() == 0 and set(pictures.glob("*")) == before
    assert "1 created" in bring("--skip-bad").output


@pytest.mark.parametrize(
    "date",
    [
        "0001-01-01",
        "0001-01-01T00:00:00+14:00",
        '"0001-01-01T00:00:00+14:00"',
        "9999-12-31",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-12:00",
        '"9999-12-31T23:59:59-12:00"',
    ],
)
def test_a_date_at_the_edge_of_the_calendar_is_refused(bring, folder, date):
    (folder / "posts" / "on-knees.md").write_text(POST.replace("2026-03-02", date))
    result = bring("--dry-run")
    assert result.exit_code == 1
    assert "posts/on-knees.md: rejected: published should be a date of the years 1900 to 2999" in result.output


@pytest.mark.parametrize("name", ["slug", "kind"])
def test_aliases_that_stand_for_endless_text_are_refused(bring, folder, name):
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefg", "bcdefgh", strict=True)]
    (folder / "posts" / "on-knees.md").write_text("\n".join(["---", *lines, f"{name}: *h", "---", "x"]))
    result = bring("--dry-run")
    assert result.exit_code == 1
    assert "posts/on-knees.md: rejected: its front matter uses an alias (*a)" in result.output


def test_a_body_with_rules_across_it_is_no_front_matter(bring, folder):
    (folder / "posts" / "on-knees.md").write_text("One\n\n---\n\ntitle: [\n\n---\n\nThree\n")
    assert "posts/on-knees.md: rejected: title is empty" in bring("--dry-run").output


def test_files_directly_in_the_folder_are_posts_and_its_readme_is_left_alone(bring, folder):
    (folder / "posts" / "on-knees.md").rename(folder / "on-knees.md")
    (folder / "on-knees.md").write_text(POST.replace("../", ""))
    (folder / "README.md").write_text("How we write.\n")
    (folder / "posts" / "readme.md").write_text("How we write posts.\n")
    assert bring().output == "1 created, 0 updated, 0 unchanged, 0 held, 0 rejected.\n"
    assert posts.get("on-knees").title == "On knees"
    (folder / "README.md").write_text("---\ntitle: Read me\n---\nWords")
    assert "README.md: rejected: published is empty" in bring().output


def test_a_folder_named_after_a_kind_holds_that_kind(app, tmp_path):
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "chat.md").write_text("---\nname: Chat\nprice: '5'\n---\n")
    result = app.test_cli_runner().invoke(args=["import", "markdown", str(tmp_path / "services")])
    assert "chat.md: rejected: minutes is empty" in result.output


def test_a_draft_needs_no_date(bring, folder):
    (folder / "posts" / "on-knees.md").write_text(POST.replace("published: 2026-03-02", "draft: true"))
    assert bring().exit_code == 0 and db.session.query(Post).one().draft


@pytest.mark.parametrize("name", ["none", "images"])
def test_what_is_no_folder_of_markdown_is_refused(app, folder, name):
    result = app.test_cli_runner().invoke(args=["import", "markdown", str(folder / name)])
    assert result.exit_code == 1 and ("is not a folder" in result.output or "holds no Markdown" in result.output)
