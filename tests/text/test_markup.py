"""Markdown becomes HTML that is safe, whole and asks nobody else for anything."""

import re
from cProfile import Profile
from pstats import Stats

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.text.markup import render, video_id
from tests.reading import parsed

PIECES = st.sampled_from(
    [
        *(
            "# ",
            "## ",
            "- ",
            "> ",
            "\n",
            "\n\n",
            "|",
            "---|",
            "`",
            "```\n",
            "*",
            "~~",
            "[",
            "](",
            ")",
            "![",
            "<",
            ">",
            '"',
        ),
        *("javascript:alert(1)", "data:text/html,x", "JaVaScRiPt&colon;x", "vbscript:x", "//evil.example/x.png"),
        *(
            "<script>",
            "</script>",
            "<img src=x onerror=y>",
            "<svg/onload=z>",
            "https://e.example/x.png",
            "/media/x.svg",
        ),
        *(
            "https://youtu.be/aqz-KE-bpKQ",
            "&#106;avascript:",
            "&lt;script&gt;",
            "\x00",
            "\u202e",
            "\ud800",
            "é",
            "🙂",
            "[a]: ",
        ),
    ]
)
ANY_TEXT = st.one_of(st.text(st.characters(exclude_categories=())), st.lists(PIECES, max_size=25).map("".join))


def scheme(address: str) -> str | None:
    """The scheme as a browser sees it, which drops blanks before and line breaks within (WHATWG URL, 4.4)."""
    seen = re.sub(r"[\t\n\r]", "", address).lstrip("".join(map(chr, range(33))))
    found = re.match(r"([a-z][a-z0-9+.-]*):", seen, re.IGNORECASE)
    return found[1].lower() if found else None


@settings(max_examples=400, deadline=None)
@given(ANY_TEXT)
def test_any_text_at_all_becomes_html_without_script_handler_or_unknown_scheme(text):
    html = render(text).html
    page = parsed(html)
    for tag in page.find_all(True):
        assert tag.name not in ("script", "style", "iframe", "object", "embed", "svg", "form", "h1")
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"]
        assert scheme(tag.get("href", "")) in ("http", "https", "mailto", "tel", None)
        if "src" in tag.attrs:
            assert re.match(r"/(media|static)/", tag["src"])
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    html.encode()


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_the_contents_list_names_ids_that_are_there(text):
    rendered = render(text)
    ids = {tag["id"] for tag in parsed(rendered.html).find_all(["h2", "h3"], id=True)}
    assert {section["id"] for section in rendered.sections} <= ids


def test_headings_have_ids_of_their_own_and_make_the_contents():
    rendered = render("## Warm up\n\ntext\n\n### Warm up\n\n## *Cool* `down`\n\n#### Small\n\n##\n")
    assert rendered.sections == [
        {"id": "section-warm-up", "title": "Warm up", "level": 2},
        {"id": "section-warm-up-2", "title": "Warm up", "level": 3},
        {"id": "section-cool-down", "title": "Cool down", "level": 2},
    ]
    assert '<h4 id="section-small">Small</h4>' in rendered.html
    assert rendered.html.count("<h2") == 2


def test_a_heading_of_level_one_sinks_below_the_title_of_the_page_and_takes_the_others_along():
    assert [s["level"] for s in render("# One\n\n## Two\n\n###### Six").sections] == [2, 3]
    assert render("# One\n\n## Two").html.startswith('<h2 id="section-one">One</h2>\n<h3')


def test_tables_and_strikethrough_are_shown_without_inline_style():
    html = render("| a | b |\n|---|--:|\n| ~~1~~ | 2 |").html
    assert (
        html.startswith('<div class="table-wrap" role="group" aria-label="Table" tabindex="0"><table>')
        and "<s>1</s>" in html
        and '<td class="align-right">2</td>' in html
        and "style" not in html
    )


def test_a_picture_of_the_site_is_lazy_and_keeps_its_alt_text():
    assert (
        '<img src="/media/a.svg" alt="A hill" loading="lazy" decoding="async">'
        in render("![A *hill*](/media/a.svg)").html
    )


@pytest.mark.parametrize(
    "address", ["https://e.example/p.png", "//e.example/p.png", "http://e.example/media/p.png"]
)
def test_a_picture_from_elsewhere_becomes_a_link_to_it(address):
    html = render(f"![A hill]({address})").html
    assert "<img" not in html and f'<a href="{address}" rel="noopener">A hill</a>' in html


def test_a_picture_from_elsewhere_inside_a_link_leaves_its_words():
    assert '<a href="/book">A hill</a>' in render("[![A hill](https://e.example/p.png)](/book)").html


@pytest.mark.parametrize(
    ("paragraph", "title"),
    [
        ("[Five *easy* stretches](https://www.youtube.com/watch?v=aqz-KE-bpKQ)", "Five easy stretches"),
        ("https://www.youtube.com/watch?v=aqz-KE-bpKQ&t=10", "Video"),
        ("<https://youtu.be/aqz-KE-bpKQ>", "Video"),
    ],
)
def test_a_paragraph_that_is_only_a_link_to_youtube_is_a_video(paragraph, title):
    rendered = render(f"Before\n\n{paragraph}\n\nAfter")
    assert (
        '<p>Before</p>\n<figure class="video" data-video-id="aqz-KE-bpKQ">'
        f'<a href="https://www.youtube.com/watch?v=aqz-KE-bpKQ" rel="noopener">{title}</a></figure>\n<p>After</p>'
    ) in rendered.html
    assert rendered.videos == [{"id": "aqz-KE-bpKQ", "title": title}]


@pytest.mark.parametrize(
    "text",
    [
        "See [this](https://www.youtube.com/watch?v=aqz-KE-bpKQ)",
        "- [this](https://www.youtube.com/watch?v=aqz-KE-bpKQ)",
        "[this](https://youtube.example/watch?v=aqz-KE-bpKQ)",
        "[this](https://www.youtube.com/watch?v=short)",
        "[a](https://youtu.be/aqz-KE-bpKQ) [b](https://youtu.be/aqz-KE-bpKQ)",
    ],
)
def test_other_links_are_no_video(text):
    assert render(text).videos == []


def test_links_elsewhere_say_noopener_and_links_of_the_site_do_not():
    html = render("[out](https://e.example) [in](/contact) [mail](mailto:robin@example.org)").html
    assert '<a href="https://e.example" rel="noopener">' in html
    assert '<a href="/contact">' in html and '<a href="mailto:robin@example.org">' in html


def test_html_is_shown_as_it_was_typed():
    assert "&lt;b&gt;" in render("<b>bold</b>").html


def test_reading_time_counts_words_and_is_never_less_than_a_minute():
    assert render("word").reading_minutes == 1
    assert render("word " * 1100).reading_minutes == 5


@pytest.mark.parametrize("kind", ["watch?v=", "embed/", "shorts/", "watch?app=desktop&v="])
def test_a_video_is_known_by_all_of_its_addresses(kind):
    assert video_id(f"https://www.youtube.com/{kind}aqz-KE-bpKQ") == "aqz-KE-bpKQ"
    assert video_id("https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?rel=0") == "aqz-KE-bpKQ"


@pytest.mark.parametrize(
    "address", ["javascript:x", "data:image/png;base64,AAAA", "data:text/html,x", "ftp://e.example", "x:y"]
)
def test_a_link_of_another_scheme_goes_nowhere(address):
    assert "href" not in render(f"[a]({address}) <{address}>").html


def test_brackets_that_are_never_closed_are_little_work():
    render("[a](/b)")  # loads what it needs
    work = Profile()
    row = "![" * 1000
    assert work.runcall(render, row).text == row
    assert Stats(work).total_calls < 500 * len(row) / 2


def test_a_link_may_have_brackets_in_its_words_and_its_address_below():
    html = render("[a [b [c] d]](/b) [e]\n\n[e]: /f").html
    assert html == '<p><a href="/b">a [b [c] d]</a> <a href="/f">e</a></p>\n'
