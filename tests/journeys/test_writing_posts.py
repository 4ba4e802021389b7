"""Someone of staff writes a post in the editor, with script: what it adds to the forms that work without."""

import re

import pytest
from PIL import Image

from tests.browser import PATIENCE, new_context

TEXT = "Words first.\n\n## One\n\nRoll slowly.\n\n## Two\n\nShrug.\n\n#### Three\n\nThese nine stretches help."


@pytest.fixture(scope="module")
def signed_in(browser, site):
    """The cookies of a new editor."""
    link = re.search(r"http\S+", site.flask("staff", "invite", "casey@clinic.example", "--role", "editor").stdout)[
        0
    ]
    context = new_context(browser)
    page = context.new_page()
    page.goto(link)
    page.get_by_label("Name").fill("Casey Invented")
    page.locator("input[type=password]").first.fill("a long enough password")
    page.locator("main button[type=submit], .panel button").first.click()
    page.wait_for_url("**/staff**")
    yield context.storage_state()
    context.close()


@pytest.fixture
def page(browser, site, signed_in):
    """The editor's page of a new post; fails on requests that leave the site and on errors of the script."""
    context = new_context(browser, base_url=site.url, storage_state=signed_in)
    page = context.new_page()
    strangers, messages = [], []
    page.on("request", lambda sent: None if sent.url.startswith(site.url) else strangers.append(sent.url))
    page.on("console", lambda said: None if "status of 422" in said.text else messages.append(said.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.set_default_timeout(PATIENCE)
    page.goto("/staff/posts/new")
    yield page
    context.close()
    assert strangers == [] and messages == []


def chosen(page) -> str:
    return page.evaluate(
        "(() => { const t = document.querySelector('#body');"
        "return t.value.slice(t.selectionStart, t.selectionEnd); })()"
    )


def test_preview_and_advice_follow_what_is_typed(page):
    page.get_by_label("Title").fill("10 best stretches")
    page.locator("#body").fill(TEXT)
    page.locator(".live h2", has_text="One").wait_for()
    assert page.locator("#slug").input_value() == "10-best-stretches"
    page.locator(".advice a", has_text="Line 13").click()
    assert chosen(page) == "These nine stretches help."
    assert page.evaluate("document.activeElement.id") == "body"
    page.locator(".advice a", has_text="Title").first.click()
    assert page.evaluate("document.activeElement.id") == "title"
    page.locator("#body").fill("<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>")
    page.locator(".live", has_text="onerror").wait_for()
    assert "ran" not in page.title()


def test_the_toolbar_formats_and_can_be_undone(page):
    page.locator("#body").fill("Roll slowly")
    page.evaluate("document.querySelector('#body').setSelectionRange(5, 11)")
    page.keyboard.press("Control+b")
    assert page.locator("#body").input_value() == "Roll **slowly**" and chosen(page) == "slowly"
    page.keyboard.press("Control+z")
    assert page.locator("#body").input_value() == "Roll slowly"
    page.get_by_role("button", name="Heading").click()
    assert page.locator("#body").input_value() == "## Roll slowly"


def test_a_picture_is_uploaded_to_where_the_caret_stands(page, tmp_path):
    Image.new("RGB", (1200, 600), "teal").save(tmp_path / "hill.png")
    page.get_by_label("Title").fill("A hill")
    page.locator("#body").fill("First.\n\nLast.")
    page.evaluate("document.querySelector('#body').setSelectionRange(3, 3)")
    page.get_by_role("button", name="Picture", exact=True).click()
    page.locator("#picture").set_input_files(tmp_path / "hill.png")
    page.get_by_role("button", name="Put it into the text").click()
    page.get_by_text("Say what the picture shows").wait_for()
    page.locator("#picture_alt").fill("A teal hill")
    page.get_by_role("button", name="Put it into the text").click()
    page.locator(".live .prose img").wait_for()
    body = page.locator("#body").input_value()
    assert re.fullmatch(
        r"First\.\n\n!\[A teal hill\]\(/media/hill\.[0-9a-f]{12}\.1200x600\.webp\)\n\nLast\.", body
    )
    page.wait_for_function("document.querySelector('.live .prose img').naturalWidth > 0")


def test_that_nothing_is_saved_yet_is_read_out_once_and_not_at_each_letter(page):
    page.evaluate("""() => {
      window.changes = 0;
      const watch = new MutationObserver((changes) => { window.changes += changes.length; });
      watch.observe(document.querySelector("[data-said]"), { childList: true });
    }""")
    page.locator("#body").press_sequentially("Words.")
    assert page.evaluate("window.changes") == 1


def test_text_that_is_not_saved_is_not_left_without_asking(page):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("#body").press_sequentially("Words.")
    page.evaluate("location.href = '/staff/posts'")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"] and page.url.endswith("/new")
    page.get_by_label("Title").fill("Left in peace")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/staff/posts/\d+$"))
    page.get_by_text("Saved as a draft.").wait_for()
    page.goto("/staff/posts")
    assert asked == ["beforeunload"] and "Left in peace" in page.inner_text("main")
