"""Going from page to page: the browser melts one into the next."""

import pytest

from .visit import USUAL, Window

NOTE = "addEventListener('pagereveal', (event) => { window.melted = Boolean(event.viewTransition); })"


@pytest.mark.parametrize(("role", "path", "link"), [("", "/", "Blog"), ("owner", "/staff", "Testimonials")])
def test_pages_melt_into_each_other_unless_one_wishes_for_stillness(browser, all_sites, role, path, link):
    window = Window(browser, all_sites["starter"])
    window.clear([window.site.sign_in(role)] if role else [])
    window.page.add_init_script(NOTE)
    for motion in ("no-preference", "reduce"):
        window.show(1280, 800, drawn=True, **USUAL | {"reduced_motion": motion})
        window.page.goto(path)
        with window.page.expect_navigation():
            window.page.get_by_role("navigation").get_by_role("link", name=link).first.click()
        window.page.wait_for_function("window.melted !== undefined")
        assert window.page.evaluate("window.melted") is (motion == "no-preference")
    window.context.close()
