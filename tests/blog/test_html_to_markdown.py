"""What an old page builder's HTML says, the posts made of it say too."""

import re
import warnings
from itertools import product

import pytest

from clinic_app.blog.html_to_markdown import convert
from clinic_app.text import markup
from tests.reading import parsed

LINK = '<a href="https://e.example/">here</a>'


def shown(html: str) -> str:
    return markup.render(convert(html)).html.strip()


def words(html: str) -> str:
    return " ".join(parsed(html).get_text().split())


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        ("<p><strong>Note:</strong>rest</p>", "<p><strong>Note</strong>:rest</p>"),
        ("<p>it<em>(so)</em></p>", "<p>it(<em>so)</em></p>"),
        ("<p><b>Tip:&nbsp;</b>rest</p>", "<p><strong>Tip:</strong>&nbsp;rest</p>"),
        ("<p><b>Tip:\n</b>rest</p>", "<p><strong>Tip:</strong> rest</p>"),
        ("<p><strong>「注意」</strong>です</p>", "<p><strong>「注意</strong>」です</p>"),
        ("<p><strong>One</strong><strong>Two</strong></p>", "<p><strong>OneTwo</strong></p>"),
        ("<p><b>One <strong>two</strong></b>!</p>", "<p><strong>One two</strong>!</p>"),
        ("<p><b><span>Note:</span></b>rest</p>", "<p><strong>Note</strong>:rest</p>"),
        ("<p><b>One <em>two!</em></b>rest</p>", "<p><strong>One <em>two</em></strong>!rest</p>"),
        ("<p><code>a</code><code>b</code></p>", "<p><code>ab</code></p>"),
        (f"<p><b>{LINK}</b>s</p>", '<p><a href="https://e.example/" rel="noopener">here</a>s</p>'),
        (f"<p>Go!{LINK}</p>", '<p>Go!<a href="https://e.example/" rel="noopener">here</a></p>'),
        (f"<p><code>Go!{LINK}</code></p>", "<p><code>Go!here</code></p>"),
        (f"<pre>Go!{LINK}</pre>", "<pre><code>Go!here\n</code></pre>"),
        ('<p>it<a id="so"></a><em>(so)</em></p>', "<p>it(<em>so)</em></p>"),
        ("<p><del><b>old</b></del>new</p>", "<p><strong>old</strong>new</p>"),
        ("<p><b><i>old</i></b>new</p>", "<p><em><strong>old</strong></em>new</p>"),
        ("<p>it<em><q>so</q></em></p>", '<p>it"<em>so"</em></p>'),
        ("<p><em>a<b>b</b></em><b>c</b></p>", "<p><em>ab</em><strong>c</strong></p>"),
        ("<p><b><i>(so)</i>x</b><b>.<s><i>“q”</i></s></b>y</p>", "<p><strong>(so)x.“q</strong>”y</p>"),
        ("<p>x<b><i>a</i>b</b>y</p>", "<p>x<strong><em>a</em>b</strong>y</p>"),
        ("<p>a<em><del>old</del> </em>new</p>", "<p>a<s>old</s> new</p>"),
        ("<p><b>x<i><code>b</code></i><code>c</code></b><i>d</i></p>", "<p>x<code>bc</code><em>d</em></p>"),
    ],
)
def test_emphasis_and_links_show_no_signs_of_markdown(html, becomes):
    assert shown(html) == becomes


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        ("<p>One<br></p>", "<p>One</p>"),
        ('<p>One<br><a name="two"></a></p>', "<p>One</p>"),
        ("<p>One</p><p><br></p><p>Two</p>", "<p>One</p>\n<p>Two</p>"),
        ("<ul><li>One<br><br></li></ul>", "<ul>\n<li>One</li>\n</ul>"),
        ("<div>One<br><p>Two</p></div>", "<p>One</p>\n<p>Two</p>"),
        ("<p><b>Warm up<br></b>Run</p>", "<p><strong>Warm up</strong><br>\nRun</p>"),
        ("<p><b>\u200d</b></p><p>Run<b><br></b></p>", "<p>Run</p>"),
        ("<p>One<br>two</p>", "<p>One<br>\ntwo</p>"),
        ("<pre>One<br>two</pre>", "<pre><code>One\ntwo\n</code></pre>"),
    ],
)
def test_a_break_leaves_no_sign_behind(html, becomes):
    assert shown(html) == becomes


LINKED = '<a href="https://e.example/" rel="noopener">'


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        (
            '<a href="https://e.example/"><h2>One</h2><p>Two</p></a>Three',
            f'<h2 id="section-one">{LINKED}One</a></h2>\n<p>{LINKED}Two</a></p>\n<p>Three</p>',
        ),
        (
            '<p>One<a href="https://e.example/">two<h3>Three</h3></a></p>',
            f'<p>One{LINKED}two</a></p>\n<h3 id="section-three">{LINKED}Three</a></h3>',
        ),
        (
            '<a href="https://e.example/"><ul><li>One</li><li>two</li></ul></a>',
            f"<ul>\n<li>{LINKED}One</a></li>\n<li>{LINKED}two</a></li>\n</ul>",
        ),
        (
            "<b><h2>One</h2>\n<p>Two</p></b>",
            '<h2 id="section-one"><strong>One</strong></h2>\n<p><strong>Two</strong></p>',
        ),
    ],
)
def test_what_goes_around_blocks_goes_into_each(html, becomes):
    assert shown(html) == becomes


def test_strokes_stay_within_their_cells():
    html = (
        "<table><tr><th>a|b</th><th><code>c|d</code></th></tr>"
        '<tr><td><code>\\|</code></td><td><a href="https://e.example/?e|f">\\|</a></td></tr></table>'
    )
    assert re.findall("<t[hd]>(.*)</t[hd]>", shown(html)) == [
        "a|b",
        "<code>c|d</code>",
        "<code>\\|</code>",
        f"{LINKED}\\|</a>".replace("example/", "example/?e%7Cf"),
    ]


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        ("<p>It was so in\n1986. And\n---\n- on</p>", "<p>It was so in 1986. And --- - on</p>"),
        ("<p><code>One\n---\n- two</code></p>", "<p><code>One --- - two</code></p>"),
        ("<pre>One\n```\ntwo</pre>", "<pre><code>One\n```\ntwo\n</code></pre>"),
        ("<p>One</p><footer>Two</footer><address>Three</address>", "<p>One</p>\n<p>Two</p>\n<p>Three</p>"),
        (
            '<p><a href="https://e.example/" title="\\">x</a></p>',
            f"<p>{LINKED}x</a></p>".replace('/" ', '/" title="\\" '),
        ),
        ('<a href="https://other.example/">y<a href="https://e.example/">x</a></a>', f"<p>y{LINKED}x</a></p>"),
    ],
)
def test_no_line_or_sign_of_the_html_s_begins_something_else(html, becomes):
    assert shown(html) == becomes


@pytest.mark.parametrize("place", ["<h2>{}</h2>", "<table><tr><td>{}</td></tr></table>", "<code>a{}</code>"])
def test_pictures_are_shown_wherever_they_stand(place):
    assert 'src="/media/x.png"' in shown(place.format('<b><img src="/media/x.png" alt="x"></b>'))


def test_a_body_that_is_an_address_alone_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert shown("https://e.example/") == "<p>https://e.example/</p>"


@pytest.mark.parametrize(
    ("address", "becomes"),
    [
        ("https://e.example/a b", "https://e.example/a%20b"),
        (" https://e.example/a\n", "https://e.example/a"),
        ("https://e.example/(a", "https://e.example/%28a"),
        ("https://e.example/a)b(c", "https://e.example/a%29b%28c"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://e.example/a_(b)?c=%C3%A9&d#e", "https://e.example/a_(b)?c=%C3%A9&amp;d#e"),
    ],
)
def test_an_address_with_blanks_or_half_of_a_pair_of_brackets_leads_on(address, becomes):
    assert shown(f'<p><a href="{address}">x</a></p>') == f'<p><a href="{becomes}" rel="noopener">x</a></p>'


def test_what_a_picture_shows_may_have_any_signs_in_it():
    html = '<figure><img src="https://e.example/a.png" alt="Half ] of *a*\n\npair"></figure>'
    assert words(shown(html)) == "Half ] of *a* pair"


@pytest.mark.parametrize("said", ["inherit", "decorative"])
def test_what_webflow_writes_for_a_missing_description_is_shown_to_nobody(said):
    html = f'<figure><div><img src="{{}}" alt="__wf_reserved_{said}" loading="lazy"></div></figure>'
    assert '<img src="/media/x.png" alt="" ' in shown(html.format("/media/x.png"))
    assert words(shown(html.format("https://e.example/a.png"))) == "Picture"


EMBEDLY = "//cdn.embedly.com/widgets/media.html?src=https%3A%2F%2Fplayer.example%2F1&amp;display_name=x&amp;url={}"


@pytest.mark.parametrize(
    ("address", "becomes"),
    [
        ("https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3Daqz-KE-bpKQ", 'data-video-id="aqz-KE-bpKQ"'),
        ("http%3A%2F%2Fyoutu.be%2Faqz-KE-bpKQ%3Ft%3D9&amp;key=y", 'data-video-id="aqz-KE-bpKQ"'),
        ("https%3A%2F%2Fvimeo.com%2F123", '<a href="https://vimeo.com/123"'),
    ],
)
def test_a_video_that_webflow_had_embedly_show_is_the_video(address, becomes):
    frame = f'<iframe class="embedly-embed" src="{EMBEDLY.format(address)}" title="YouTube embed"></iframe>'
    html = f'<p>a</p><figure class="w-richtext-figure-type-video"><div>{frame}</div></figure><p>b</p>'
    assert becomes in shown(html) and "embedly" not in shown(html)


@pytest.mark.parametrize("film", ['<video src="{}" controls>', '<video><source src="{}" type="video/mp4">'])
def test_a_film_becomes_a_link_that_has_a_name(film):
    html = f"<p>a</p>{film.format('https://e.example/a.mp4')}Your browser is old.</video><p>b</p>"
    assert convert(html) == "a\n\n[Video](https://e.example/a.mp4)\n\nb"


def test_what_stands_in_a_frame_goes_with_it():
    html = '<iframe src="https://e.example/"><!-- note --><p>An old browser</p></iframe><p>b</p>'
    assert convert(html) == "[Video](https://e.example/)\n\nb"


def test_a_list_of_terms_becomes_paragraphs():
    assert shown("<dl><dt>Term</dt><dd>What it <b>means</b></dd></dl>") == (
        "<p>Term</p>\n<p>What it <strong>means</strong></p>"
    )


@pytest.mark.parametrize("kinds", list(product(("strong", "em", "del"), repeat=2)))
def test_no_word_is_lost_and_none_comes_wherever_emphasis_begins_and_ends(kinds):
    first, second = kinds
    pieces = ("Note:", "(so)", "word", " word ", "word!&nbsp;", "「注意」")
    for before, one, two, after in product(("", "x", "x "), pieces, pieces, ("", "y", " y")):
        html = f"<p>{before}<{first}>{one}</{first}>{two}<{second}>{one}</{second}>{after}</p>"
        assert re.sub(r"\s", "", words(shown(html))) == re.sub(r"\s", "", words(html)), html


@pytest.mark.parametrize("kinds", list(product(("strong", "em", "del"), repeat=3)))
def test_no_word_is_lost_and_none_comes_whatever_emphasis_stands_within_another(kinds):
    outer, inner, beside = kinds
    pieces = ("word", "(so).", " word ")
    for one, two, three, after in product(pieces, pieces, pieces, ("", "y")):
        html = f"<p><{outer}>{one}<{inner}>{two}</{inner}></{outer}><{beside}>{three}</{beside}>{after}</p>"
        assert words(shown(html)) == words(html), html
