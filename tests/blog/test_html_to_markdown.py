"""What an old page builder's HTML says, the posts made of it say too."""

import re
from itertools import product

import pytest
from bs4 import BeautifulSoup

from clinic_app import markup
from clinic_app.blog.html_to_markdown import convert

LINK = '<a href="https://e.example/">here</a>'


def shown(html: str) -> str:
    return markup.render(convert(html)).html.strip()


def words(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text().split())


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        ("<p><strong>Note:</strong>rest</p>", "<p><strong>Note</strong>:rest</p>"),
        ("<p>it<em>(so)</em></p>", "<p>it(<em>so)</em></p>"),
        ("<p><b>Tip:&nbsp;</b>rest</p>", "<p><strong>Tip:</strong>&nbsp;rest</p>"),
        ("<p><b>Tip:\n</b>rest</p>", "<p><strong>Tip:</strong>\nrest</p>"),
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


@pytest.mark.parametrize("kinds", list(product(("strong", "em", "del"), repeat=2)))
def test_no_word_is_lost_and_none_comes_wherever_emphasis_begins_and_ends(kinds):
    first, second = kinds
    pieces = ("Note:", "(so)", "word", " word ", "word!&nbsp;", "「注意」")
    for before, one, two, after in product(("", "x", "x "), pieces, pieces, ("", "y", " y")):
        html = f"<p>{before}<{first}>{one}</{first}>{two}<{second}>{one}</{second}>{after}</p>"
        assert re.sub(r"\s", "", words(shown(html))) == re.sub(r"\s", "", words(html)), html
