"""Details of single pages that no tool asks for."""

import pytest

from .visit import NARROW, USUAL, WIDE, Window

CALENDAR = "/staff/calendar?day={busy_day}"


@pytest.fixture
def at_the_desk(browser, all_sites):
    """Opens a page of staff's in a window of this width, and gives what the script finds in it."""
    window = Window(browser, all_sites["starter"])
    window.clear([window.site.sign_in("owner")])

    def asked(path: str, script: str, *, width: int = WIDE):
        window.show(width, 1024, drawn=True, **USUAL)
        window.page.goto(path.format_map(window.site.facts))
        return window.page.evaluate(script)

    yield asked
    window.context.close()


def test_marks_of_appointments_stay_within_their_day_of_the_week(at_the_desk):
    marked = """[...document.querySelectorAll(".week-made li:has(.chip)")].map((each) => {
      const head = each.closest(".week-day").querySelector("h2");
      return each.getBoundingClientRect().right - head.getBoundingClientRect().right;
    })"""
    over = at_the_desk(f"{CALENDAR}&view=week", marked)
    assert over and max(over) <= 0


def test_a_time_and_a_name_in_one_link_have_one_line_under_them(at_the_desk):
    linked = """(() => {
      document.querySelector("main").innerHTML = "<a href='/'><time>9:30 am</time> Alex Placeholder</a>";
      return getComputedStyle(document.querySelector("main time")).display;
    })()"""
    assert at_the_desk("/staff", linked) == "inline"


@pytest.mark.parametrize("path", ["/book", "/book/follow-up", "/a/{booked}", "/a/{booked}/move"])
def test_while_one_books_the_call_to_book_steps_back(at_the_desk, path):
    ground = "getComputedStyle(document.querySelector('.site-head .button')).backgroundColor"
    assert at_the_desk("/blog", ground) != at_the_desk(path, ground) == "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("path", ["enquiries", "posts", "testimonials", "mail"])
def test_lists_are_chosen_before_they_are_searched_and_each_search_stays_on_its_line(at_the_desk, path):
    parts = """(() => {
      const [tabs, search] = [document.querySelector("main .tabs"), document.querySelector("main [role=search]")];
      const buttons = [...document.querySelectorAll(".filters .button")];
      const places = buttons.map((each) => each.getBoundingClientRect());
      return {
        inOrder: Boolean(tabs.compareDocumentPosition(search) & Node.DOCUMENT_POSITION_FOLLOWING),
        lines: new Set(places.map((each) => each.top)).size,
        over: Math.max(...places.map((each) => each.right)) - tabs.getBoundingClientRect().right,
      };
    })()"""
    found = at_the_desk(f"/staff/{path}", parts)
    assert found["inOrder"] and found["lines"] == 1 and found["over"] <= 0, found


def test_days_of_free_times_show_that_they_open(at_the_desk):
    chevron = "getComputedStyle(document.querySelector('.free-day summary'), '::after').borderRightWidth"
    assert at_the_desk("/staff/calendar/book", chevron) != "0px"


def test_a_time_stays_on_one_line_and_an_address_breaks_before_its_domain(at_the_desk):
    told = """[...document.querySelectorAll("main .facts time > .whole:last-child, main .facts a:has(wbr)")].map(
      (part) => part.innerHTML
    )"""
    time, address = at_the_desk("/staff/appointments/{a_booked}", told)
    assert time.split()[0].endswith(("&nbsp;am", "&nbsp;pm")) and address == "alex@<wbr>example.org"


def test_a_mailbox_in_angle_brackets_breaks_before_its_domain_only(at_the_desk):
    ends = """[...document.querySelectorAll("main dd")].filter((dd) => dd.textContent.endsWith(">")).map((dd) => {
      let last = dd;
      while (last.lastChild) last = last.lastChild;
      const range = document.createRange();
      range.setStart(last, last.length - 2);
      range.setEnd(last, last.length);
      return new Set([...range.getClientRects()].map((box) => box.top)).size;
    })"""
    assert set(at_the_desk("/staff/mail/{m_failed}", ends, width=NARROW)) == {1}


def test_a_phone_number_and_the_full_stop_behind_it_stay_on_one_line(at_the_desk):
    lines = """(() => {
      const told = document.createElement("p");
      told.innerHTML = "<a href='tel:+61255500142'>02 5550 0142</a>.";
      Object.assign(told.style, { inlineSize: 0, overflowWrap: "normal" });
      document.querySelector("main").append(told);
      return Math.round(told.clientHeight / parseFloat(getComputedStyle(told).lineHeight));
    })()"""
    assert at_the_desk("/book", lines) == 1


@pytest.mark.parametrize("view", ["", "&view=week&practitioner=robin-sample"])
def test_hours_beside_the_board_stay_beside_it_where_clocks_change_by_half_an_hour(at_the_desk, view):
    over = """(() => {
      const hour = document.querySelector(".board-hours li:last-child");
      hour.textContent = "10:30\N{NO-BREAK SPACE}am";
      const told = document.createRange();
      told.selectNodeContents(hour);
      return told.getBoundingClientRect().right - document.querySelector(".lane").getBoundingClientRect().left;
    })()"""
    assert at_the_desk(f"{CALENDAR}{view}", over) <= 0


def test_the_menu_can_be_closed_where_it_takes_the_whole_window(at_the_desk):
    closed = """(() => {
      const [open, close] = document.querySelectorAll("[popovertarget=rail]");
      const rail = document.querySelector("#rail");
      open.click();
      const [menu, cross] = [rail, close].map((each) => each.getBoundingClientRect());
      const name = close.textContent.trim();
      const isSeen = close.contains(document.elementFromPoint(cross.left + 9, cross.top + 9));
      close.click();
      return { isWhole: menu.width === innerWidth, isSeen, name, isOpen: rail.matches(":popover-open") };
    })()"""
    found = at_the_desk("/staff", closed, width=320)
    assert found == {"isWhole": True, "isSeen": True, "name": "Close the menu", "isOpen": False}


def test_how_much_room_is_left_is_read_out_when_one_pauses(at_the_desk):
    said = """new Promise((tell) => {
      const text = document.querySelector("#message");
      const watch = new MutationObserver((changes) => tell([changes.length, changes[0].target.textContent]));
      watch.observe(document.querySelector("[data-count] [role=status]"), { childList: true });
      for (const length of [4997, 4998, 4999]) {
        text.value = "x".repeat(length);
        text.dispatchEvent(new Event("input"));
      }
    })"""
    assert at_the_desk("/contact", said) == [1, "1 character left"]


def test_what_has_been_chosen_stands_on_the_line_of_its_label(at_the_desk):
    uneven = """[...document.querySelectorAll(".chosen dl > div")].map((row) => {
      const parts = [...row.querySelectorAll("dt, strong, a")].filter((part) => part.checkVisibility());
      const tops = parts.map((part) => {
        const range = document.createRange();
        range.selectNodeContents(part);
        return range.getClientRects()[0].top;
      });
      return Math.max(...tops) - Math.min(...tops);
    })"""
    found = at_the_desk("/book/follow-up/robin-sample", uneven, width=NARROW)
    assert len(found) > 1 and max(found) < 0.5


@pytest.mark.parametrize("opened", ["", "document.querySelector('.ending').open = true;"])
def test_beside_a_form_that_is_open_an_appointments_history_still_follows_its_details(at_the_desk, opened):
    gaps = f"""(() => {{
      {opened}
      const panels = [...document.querySelectorAll(".appointment > section")];
      const [details, next, history, mails] = panels.map((panel) => panel.getBoundingClientRect());
      const above = Math.max(next.bottom, details.bottom);
      return [history.top - details.bottom, mails.top - above].map(Math.round);
    }})()"""
    assert at_the_desk("/staff/appointments/{a_booked}", gaps) == [24, 24]


def test_what_narrows_the_audit_trail_stands_in_pairs_on_a_phone(at_the_desk):
    lines = """new Set([...document.querySelectorAll(".trail-filters label")].map(
      (label) => label.getBoundingClientRect().top
    )).size"""
    assert at_the_desk("/staff/audit", lines, width=NARROW) == 3
