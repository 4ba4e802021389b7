"""Names that run from the right, where there is too little room for all of one."""

from .visit import USUAL, Window

# Whether the first letter of each name that begins so lies in its appointment, as far as that is drawn.
BEGINNINGS = """(name) => {
  const those = [...document.querySelectorAll(".block-name")].filter((each) => each.textContent.startsWith(name));
  return those.map((each) => {
    const range = new Range(), block = each.closest(".block").getBoundingClientRect();
    range.setStart(each.firstChild, 0);
    range.setEnd(each.firstChild, 1);
    const letter = range.getBoundingClientRect();
    return block.left <= letter.left && letter.right <= block.right;
  });
}"""


def test_a_long_name_from_the_right_keeps_its_beginning_in_the_calendar(browser, all_sites):
    window = Window(browser, all_sites["full"])
    window.clear([window.site.sign_in("reception")])
    window.show(1280, 1024, drawn=True, **USUAL)
    for view in ("view=day", "view=week&practitioner=person-0"):
        window.page.goto(f"/staff/calendar?{view}&day={window.site.facts['busy_day']}")
        found = window.page.evaluate(BEGINNINGS, "جملة")
        assert found and all(found), view
    window.context.close()
