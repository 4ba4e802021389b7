"""Staff decide on testimonials. Files and people are invented."""

import re

import pytest

from clinic_app import clock, database
from clinic_app.accounts.models import AuditEntry
from clinic_app.extensions import db
from clinic_app.testimonials import listing, models, moderation, order
from tests.locks import ON_POSTGRESQL, begin
from tests.queries import noted
from tests.reading import page_of, parsed, read, text_of
from tests.server import DEADLINE_SECONDS

from ..testimonials.invented import CLINICAL, SERVICE, received, several
from .conftest import is_told_gone

LIST = "/staff/testimonials"


@pytest.fixture
def editor(staff):
    return staff("editor")


def made(*texts, **values) -> list[int]:
    with database.transaction():
        return [received(text, **values).id for text in texts]


def now(number: int) -> models.Testimonial:
    db.session.rollback()
    return db.session.get(models.Testimonial, number)


def send(client, path, follow=True, **data):
    """Press a button of a form, as a browser does: what stood on the page goes with it."""
    answer = client.post(path, data=data)
    if follow and answer.status_code == 303:
        return client.get(answer.location)
    return answer


def seen(number: int) -> int:
    return now(number).decisions[-1].id


def trail() -> list[tuple[str, int | None]]:
    db.session.rollback()
    return [(e.action, e.about_id) for e in db.session.query(AuditEntry).order_by(AuditEntry.id)]


def test_the_list_shows_what_waits_why_and_how_many_are_elsewhere(editor):
    made(CLINICAL, SERVICE)
    page = page_of(editor, LIST)
    assert [re.sub(r"\s+", " ", tab.text).strip() for tab in page.select(".tabs a")] == [
        "Waiting 1",
        "Published 1",
        "Hidden 0",
    ]
    [row] = page.select(".row")
    assert {chip.text for chip in row.select(".chip")} == {"Symptom", "Treatment", "Outcome"}
    assert CLINICAL in row.text
    assert SERVICE in editor.get(f"{LIST}?state=published").text
    assert "Nothing is hidden" in editor.get(f"{LIST}?state=hidden").text


def test_a_search_stays_in_the_address_and_in_the_tabs(editor):
    made(CLINICAL, CLINICAL.replace("elbow", "knee"))
    answer = editor.get(f"{LIST}?state=waiting&q=Elbow").text
    assert "sore elbow" in answer and "sore knee" not in answer
    assert 'href="/staff/testimonials?state=hidden&amp;q=Elbow"' in answer
    assert "Nothing found" in editor.get(f"{LIST}?q=teapot").text


@pytest.mark.parametrize("query", ["state=lost", "at=zzz", "q=%00", "q=" + "x" * 3000, "state=hidden&at=nW10"])
def test_odd_addresses_show_a_list(editor, query):
    assert editor.get(f"{LIST}?{query}").status_code == 200


def test_a_long_list_pages_by_key_in_few_queries(editor):
    def queries(path):
        with noted() as statements:
            text = editor.get(path).text
        return text, len(statements)

    with database.transaction():
        several(2)
    _, few = queries(f"{LIST}?state=published")
    with database.transaction():
        several(57)  # the first two have come already, and wait
    first, many = queries(f"{LIST}?state=published")
    assert many == few
    assert len(parsed(first).select(".row")) == 50
    older = parsed(first).select_one("a[rel=next]")["href"]
    assert len(page_of(editor, older).select(".row")) == 7


def test_the_words_stand_verbatim_with_the_ones_that_trip_marked_and_explained(editor):
    text = "  My sore elbow\n\n   is \t<b>cured</b> & \u200fwell.  \n"
    [number] = made(text)
    page = page_of(editor, f"{LIST}/{number}")
    quote = page.select_one(".voice .voice-words")
    for link in quote.select("a"):
        assert page.select_one(link["href"]).name == "li"
        link.extract()
    assert quote.text == text
    assert quote["dir"] == "auto"
    assert [mark.text for mark in quote.select("mark")] == ["sore", "elbow", "cured"]
    assert "Names a part of the body." in page.select_one(".voice-notes").text
    assert not quote.select("textarea, input")


def test_publishing_leads_to_the_next_that_waits(editor):
    first, second, third = made(CLINICAL, CLINICAL.replace("elbow", "knee"), CLINICAL.replace("elbow", "wrist"))
    answer = editor.post(f"{LIST}/{first}/publish", data={"seen": seen(first), "note": "Names nobody."})
    assert (answer.status_code, answer.location) == (303, f"{LIST}/{second}")
    assert "Published. 2 more are waiting; here is the next." in editor.get(answer.location).text
    decision = now(first).decisions[-1]
    assert decision.decided_by.startswith("Casey Invented")
    assert decision.note == "Names nobody."
    assert decision.waved_through == now(first).reasons != []
    assert "One more is waiting" in send(editor, f"{LIST}/{second}/hide", seen=seen(second)).text
    done = send(editor, f"{LIST}/{third}/publish", seen=seen(third)).text
    assert "Nothing is waiting any more" in done and "Nothing is waiting</h2>" in done
    assert trail() == [("published", first), ("hidden", second), ("published", third)]


def test_a_decision_can_be_undone_from_the_next_page(editor):
    first, _ = made(CLINICAL, CLINICAL.replace("elbow", "knee"))
    page = parsed(send(editor, f"{LIST}/{first}/publish", seen=seen(first)).text)
    back = send(editor, page.select_one(".flash form")["action"]).text
    assert "Undone." in back and now(first).state == "waiting"
    assert "by now. Nothing was undone" in send(editor, page.select_one(".flash form")["action"]).text
    assert editor.post(f"{LIST}/undo?ids={first}&now=waiting&was=waiting").status_code == 400
    assert trail()[-1] == ("undid", first)


def test_what_another_decided_meanwhile_is_not_decided_again(editor):
    [number] = made(CLINICAL)
    before = seen(number)
    with database.transaction():
        moderation.hide(db.session.get(models.Testimonial, number), by="Kit Example")
    assert "is hidden by now: Kit Example" in send(editor, f"{LIST}/{number}/publish", seen=before).text
    assert now(number).state == "hidden"


def test_a_decision_that_comes_back_keeps_what_was_typed(editor):
    [number] = made(CLINICAL)
    answer = editor.post(f"{LIST}/{number}/publish", data={"seen": seen(number), "note": "n" * 2001})
    assert answer.status_code == 200
    assert "<title>Error: " in answer.text and "n" * 2001 in answer.text
    assert now(number).state == "waiting"


def test_a_note_too_long_comes_back_though_another_has_published_it_meanwhile(editor):
    number, *_ = made(SERVICE)
    editor.post(f"{LIST}/{number}/publish", data={"seen": seen(number)})
    answer = editor.post(f"{LIST}/{number}/publish", data={"seen": seen(number), "note": "x" * 5_000})
    assert "x" * 5_000 in parsed(answer.text).find(id="note").text


def test_published_ones_are_hidden_featured_and_put_back(editor):
    [number] = made(SERVICE)
    assert "at the top of the page" in send(editor, f"{LIST}/{number}/feature").text
    assert now(number).is_featured
    send(editor, f"{LIST}/{number}/unfeature")
    assert not now(number).is_featured
    assert "Hidden." in send(editor, f"{LIST}/{number}/hide", seen=seen(number)).text
    assert "only a published one can be featured" in send(editor, f"{LIST}/{number}/feature").text
    send(editor, f"{LIST}/{number}/hold", seen=seen(number))
    assert now(number).state == "waiting"


def test_consent_is_recorded_and_withdrawn(editor):
    [number] = made(SERVICE)
    said = send(editor, f"{LIST}/{number}/consent", **{"consent-day": "2026-03-02", "consent-how": "by email"})
    assert "Mon 2 Mar 2026, by email" in text_of(read(said))
    said = send(editor, f"{LIST}/{number}/withdraw", **{"withdrawal-note": "Rang us"})
    assert "Consent was withdrawn on" in said.text and "Rang us" in said.text
    assert now(number).state == "hidden"
    for verb, field in (("publish", "note"), ("withdraw", "withdrawal-note")):
        said = send(editor, f"{LIST}/{number}/{verb}", **{field: "x" * 5_000})
        assert "meanwhile the consent for this testimonial was withdrawn" in said.text
    assert "Record a new consent first" in send(editor, f"{LIST}/{number}/publish", seen=seen(number)).text
    again = {"consent-day": str(clock.today()), "consent-how": "on paper"}
    send(editor, f"{LIST}/{number}/consent", **again)
    assert now(number).withdrawn_at is None
    assert [action for action, _ in trail()] == [
        "recorded consent for",
        "recorded withdrawal for",
        "recorded consent for",
    ]


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("publish", {}),
        ("feature", {}),
        ("unfeature", {}),
        ("hide", {}),
        ("hold", {}),
        ("consent", {"consent-day": "2026-03-02", "consent-how": "by email"}),
        ("withdraw", {}),
        ("correct", {"correction-name": "Robin S.", "correction-day": "2026-03-02"}),
    ],
)
def test_a_button_that_has_nothing_left_to_do_says_so_and_is_not_written_down(editor, verb, data):
    [number] = made(SERVICE)
    for step in [verb] if verb != "unfeature" else ["feature", verb]:
        send(editor, f"{LIST}/{number}/{step}", seen=seen(number), **data)
    before, trail_before = seen(number), trail()
    said = send(editor, f"{LIST}/{number}/{verb}", seen=before, **data).text
    assert ", so this changed nothing." in said
    assert (seen(number), trail()) == (before, trail_before)


@pytest.mark.parametrize(
    ("day", "how", "wrong"),
    [
        ("", "by email", "Enter the day on which they agreed"),
        ("yesterday", "by email", "as a date, like 2026-11-24"),
        ("2199-01-01", "by email", "not still to come"),
        ("2026-03-02", "", "Enter how they agreed"),
        ("2026-03-02", "x" * 201, "Shorten how they agreed"),
    ],
)
def test_a_consent_that_cannot_be_read_comes_back_with_all_that_was_typed(editor, day, how, wrong):
    [number] = made(SERVICE)
    answer = editor.post(f"{LIST}/{number}/consent", data={"consent-day": day, "consent-how": how})
    page = parsed(answer.text)
    assert answer.status_code == 200 and wrong in answer.text
    assert page.select_one("#consent-day")["value"] == day and page.select_one("#consent-how")["value"] == how
    assert page.select_one("details[open] #consent-day")
    assert now(number).consent_at is None


def test_a_name_and_date_are_mended_with_their_history_and_the_hour_stays(editor):
    [number] = made(SERVICE)
    before = now(number).published_at
    day = page_of(editor, f"{LIST}/{number}").select_one("#correction-day")["value"]
    said = send(editor, f"{LIST}/{number}/correct", **{"correction-name": "Robin S.", "correction-day": day})
    assert "Robin S.’s words" in said.text and "Robin Sample" in said.text
    assert (now(number).published_at, now(number).text) == (before, SERVICE)
    send(editor, f"{LIST}/{number}/correct", **{"correction-name": "Robin S.", "correction-day": "2026-01-02"})
    assert now(number).published_at.isoformat() == "2026-01-01T13:00:00+00:00"
    assert "Enter the name" in send(editor, f"{LIST}/{number}/correct", **{"correction-day": "x"}).text


def test_an_old_page_undoes_neither_a_correction_nor_a_withdrawal(editor):
    [number] = made(SERVICE)
    old = read(editor.get(f"{LIST}/{number}"))
    sent = {field["name"]: field["value"] for field in old.select("main input[value]")}
    send(editor, f"{LIST}/{number}/correct", **sent | {"correction-name": "R."})
    said = send(editor, f"{LIST}/{number}/correct", **sent | {"correction-day": "2026-03-02"})
    assert "Casey Invented" in said.text and "decided on" in said.text
    assert now(number).name == "R."
    send(editor, f"{LIST}/{number}/withdraw")
    said = send(editor, f"{LIST}/{number}/consent", **sent | {"consent-how": "by email"})
    assert "is hidden by now" in said.text
    assert now(number).withdrawn_at


def test_near_duplicates_stand_side_by_side_with_their_differences(editor):
    first, second, third = made(CLINICAL, CLINICAL.replace("so much", "very much"), CLINICAL)
    page = page_of(editor, f"{LIST}/{second}")
    assert [mark.text for mark in page.select(".differs")] == ["very", "so", "very", "so"]
    page = editor.get(f"{LIST}/{third}").text
    assert "Word for word the same." in page and f'href="{LIST}/{first}"' in page


def test_several_are_decided_on_at_once_and_undone_at_once(editor):
    numbers = made(CLINICAL, CLINICAL.replace("elbow", "knee"), CLINICAL.replace("elbow", "wrist"))
    ticked = [f"{number}.{seen(number)}" for number in numbers]
    with database.transaction():
        moderation.hide(db.session.get(models.Testimonial, numbers[2]), by="Kit Example")
    page = send(editor, f"{LIST}/decide?state=waiting", ticked=ticked, state="published").text
    assert "Published: 2." in page and "is hidden by now" in page
    assert [now(number).state for number in numbers] == ["published", "published", "hidden"]
    undo = parsed(page).select_one(".flash form")["action"]
    assert "Undone." in send(editor, undo).text
    assert [now(number).state for number in numbers] == ["waiting", "waiting", "hidden"]


@pytest.mark.parametrize("button", ["hide", "decide"])
def test_undoing_puts_the_featured_one_back_at_the_head_of_the_page_unless_another_is(editor, button):
    with database.transaction():
        number, other = (testimonial.id for testimonial in several(2))
    send(editor, f"{LIST}/{number}/feature")

    def hide() -> str:
        """What undoes it."""
        ticked = {"ticked": f"{number}.{seen(number)}", "state": "hidden"}
        path = f"{LIST}/{number}/hide" if button == "hide" else f"{LIST}/decide"
        page = read(send(editor, path, **({"seen": seen(number)} if button == "hide" else ticked)))
        return page.select_one(".flash form")["action"]

    send(editor, hide())
    assert now(number).is_featured
    undo = hide()
    send(editor, f"{LIST}/{other}/feature")
    send(editor, undo)
    assert (now(number).state, now(number).is_featured, now(other).is_featured) == ("published", False, True)


def test_nothing_ticked_or_unknown_changes_nothing(editor):
    made(CLINICAL)
    assert "Tick one" in send(editor, f"{LIST}/decide", state="hidden", ticked=["x.y", "1", "9" * 30 + ".1"]).text
    unknown = send(editor, f"{LIST}/decide?_external=1", state="hidden", ticked=["999.1"]).text
    assert "There is no testimonial 999. Nothing was changed." in unknown
    assert editor.post(f"{LIST}/decide", data={"state": "lost"}).status_code == 400
    assert editor.post(f"{LIST}/undo?ids=1&now=x&was=y").status_code == 400
    assert trail() == []


@pytest.mark.parametrize("number", [999, 2**31, 2**64, 10**40])
def test_one_that_is_not_there_is_not_found(editor, number):
    assert editor.get(f"{LIST}/{number}").status_code == 404
    for verb in ("publish", "hide", "hold", "feature", "unfeature", "consent", "withdraw", "correct", "move"):
        data = {"seen": 1, "to": "up", "consent-day": "2026-01-01", "consent-how": "x"}
        data |= {"correction-name": "x", "correction-day": "2026-01-01"}
        assert is_told_gone(editor, f"{LIST}/{number}/{verb}", data), verb


def names_in_order(client):
    page = page_of(client, f"{LIST}/order")
    return [link.text for link in page.select(".row-main a")]


def test_the_order_is_changed_by_buttons_and_undone_by_date(editor):
    with database.transaction():
        numbers = [testimonial.id for testimonial in several(3)]
    assert names_in_order(editor) == ["Sample 2", "Sample 1", "Sample 0"]
    answer = editor.post(f"{LIST}/{numbers[0]}/move", data={"to": "up"})
    assert answer.location == f"{LIST}/order#t{numbers[0]}"
    assert names_in_order(editor) == ["Sample 2", "Sample 0", "Sample 1"]
    editor.post(f"{LIST}/{numbers[1]}/move", data={"to": "first"})
    editor.post(f"{LIST}/{numbers[1]}/move", data={"to": "down"})
    assert names_in_order(editor) == ["Sample 2", "Sample 1", "Sample 0"]
    assert "newest first" in send(editor, f"{LIST}/order").text
    assert editor.post(f"{LIST}/{numbers[1]}/move", data={"to": "away"}).status_code == 400
    db.session.rollback()
    assert not db.session.query(models.Testimonial).filter(models.Testimonial.position.is_not(None)).all()


def test_one_too_far_down_for_the_page_of_the_order_is_put_first_from_its_own(editor, monkeypatch):
    monkeypatch.setattr("clinic_app.staff.testimonials.order.MOST_SHOWN", 2)
    with database.transaction():
        number = several(3)[0].id
    assert names_in_order(editor) == ["Sample 2", "Sample 1"]
    assert "press “Put first”" in editor.get(f"{LIST}/order").text
    button = read(editor.get(f"{LIST}/{number}")).find("button", string="Put first")
    send(editor, button["formaction"], **{button["name"]: button["value"]})
    assert names_in_order(editor) == ["Sample 0", "Sample 2"]


@ON_POSTGRESQL
def test_of_two_who_move_at_once_the_second_moves_what_the_first_has_left(app, editor):
    with database.transaction():
        numbers = [testimonial.id for testimonial in several(4)]

    def put_first(number: int) -> None:
        with database.transaction():
            order.move(db.session.get(models.Testimonial, number), places=order.FIRST)

    with database.transaction():
        order.move(db.session.get(models.Testimonial, numbers[1]), places=order.FIRST)
        second = begin(app, lambda: put_first(numbers[0]))
        assert second.is_alive()
    second.join(DEADLINE_SECONDS)
    assert names_in_order(editor) == ["Sample 0", "Sample 1", "Sample 3", "Sample 2"]


@ON_POSTGRESQL
def test_who_moves_one_keeps_no_other_writer_waiting_before_having_all(app, editor):
    """Else two who press at once wait for each other, and one is told that the site is out of service."""
    with database.transaction():
        numbers = [testimonial.id for testimonial in several(3)]
    with database.transaction():
        listing.by_ids(numbers[:1])
        second = begin(app, lambda: editor.post(f"{LIST}/{numbers[2]}/move", data={"to": "down"}))
        assert second.is_alive()
        listing.by_ids(numbers[2:])
    second.join(DEADLINE_SECONDS)
    assert names_in_order(editor) == ["Sample 1", "Sample 2", "Sample 0"]


def test_what_is_not_shown_cannot_be_moved(editor):
    [number] = made(CLINICAL)
    assert "has no place in the order" in send(editor, f"{LIST}/{number}/move", to="up").text
    assert listing.shown(limit=5) == []
