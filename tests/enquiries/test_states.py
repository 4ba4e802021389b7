"""What becomes of an enquiry; doing again what is done is nothing, and what does not apply is refused by name."""

from functools import partial

import pytest

from clinic_app.enquiries import entries, privacy, refusals, replies, senders, states, threads
from clinic_app.enquiries.listing import NOBODY
from clinic_app.mail import privacy as mail_privacy


def story(enquiry) -> list[str]:
    """The kinds of what staff did, in order."""
    return [item.kind for item in threads.read(enquiry) if item.entry]


def test_closing_is_remembered_with_its_time_and_who_did_it(receive, people, do):
    enquiry = receive()
    do(states.close, enquiry, by=people.robin)
    assert (enquiry.state, enquiry.closed_at is not None) == ("closed", True)
    do(states.close, enquiry, by=people.kit)
    (entry,) = [item.entry for item in threads.read(enquiry) if item.entry]
    assert (entry.kind, entry.author_id, entry.author_name) == ("closed", people.robin.id, "Robin Invented")


def test_one_that_was_never_answered_is_new_when_it_is_opened_again(receive, do):
    enquiry = receive()
    do(states.close, enquiry)
    do(states.reopen, enquiry)
    assert (enquiry.state, enquiry.closed_at) == ("new", None)


def test_one_that_was_answered_is_open_when_it_is_opened_again(receive, people, do):
    enquiry = receive()
    do(entries.note_call, enquiry, text="She comes on Monday.", by=people.kit)
    do(states.close, enquiry)
    do(states.reopen, enquiry)
    do(states.reopen, enquiry)
    assert enquiry.state == "open"
    assert story(enquiry) == ["call", "closed", "reopened"]


def test_what_changes_nothing_says_so_and_leaves_no_line(receive, people, do):
    enquiry = receive()
    twice = {
        states.close: {"by": people.robin},
        states.reopen: {"by": people.robin},
        states.mark_spam: {"by": people.robin},
        states.mark_not_spam: {"by": people.robin},
        states.assign: {"to": people.kit, "by": people.robin},
    }
    for verb, given in twice.items():
        assert [do(verb, enquiry, **given) for _ in range(2)] == [True, False], verb
    assert story(enquiry) == ["closed", "reopened", "spam", "not spam", "assigned"]


def test_what_somebody_else_has_taken_meanwhile_is_not_taken_from_them(receive, people, do):
    enquiry = receive()
    do(states.assign, enquiry, to=people.robin, by=people.robin, instead_of=NOBODY)
    with pytest.raises(refusals.AssignedMeanwhile):
        do(states.assign, enquiry, to=people.kit, by=people.kit, instead_of=NOBODY)
    assert not do(states.assign, enquiry, to=people.robin, by=people.kit, instead_of=NOBODY)
    assert do(states.assign, enquiry, to=people.kit, by=people.kit, instead_of=people.robin.id)


def test_it_is_given_to_one_of_staff_and_to_nobody_again(receive, people, do):
    enquiry = receive()
    for owner in (people.robin, people.robin, None, None, people.kit):
        do(states.assign, enquiry, to=owner, by=people.kit)
    assert enquiry.owner_id == people.kit.id
    assert [item.entry.text for item in threads.read(enquiry) if item.entry] == [
        "Robin Invented",
        "",
        "Kit Invented",
    ]
    assert enquiry.state == "new", "nobody has answered yet"


def test_spam_is_put_aside_and_taken_back_and_the_mails_go_out_once(receive, people, do, mails):
    enquiry = receive(honeypot="x")
    assert mails() == []
    do(states.mark_not_spam, enquiry, by=people.kit)
    assert (enquiry.state, len(mails())) == ("new", 2)
    do(states.mark_spam, enquiry, by=people.kit)
    do(states.mark_spam, enquiry, by=people.kit)
    do(states.mark_not_spam, enquiry, by=people.kit)
    assert len(mails()) == 2
    assert story(enquiry) == ["not spam", "spam", "not spam"]


def test_an_answered_one_that_was_called_spam_by_mistake_is_open_again(receive, people, do):
    enquiry = receive()
    do(replies.send, enquiry, text="Yes.", by=people.kit)
    do(states.mark_spam, enquiry)
    do(states.mark_not_spam, enquiry)
    assert enquiry.state == "open"


def test_a_closed_one_that_was_called_spam_by_mistake_is_closed_as_it_was(receive, do):
    enquiry = receive()
    do(states.close, enquiry)
    closed_at = enquiry.closed_at
    do(states.mark_spam, enquiry)
    do(states.mark_not_spam, enquiry)
    assert (enquiry.state, enquiry.closed_at) == ("closed", closed_at)


def test_what_was_no_spam_when_it_came_sends_nothing_when_it_is_taken_back(receive, people, do, mails):
    enquiry = receive(email="wrong@example.org")
    do(senders.correct, enquiry, name="Jo", email="right@example.org", phone="", by=people.kit)
    do(mail_privacy.erase, mail_privacy.find(about={"enquiry": [enquiry.id]}, to=()))  # as by the purge
    do(states.mark_spam, enquiry)
    assert not states.holds_mails(enquiry)
    do(states.mark_not_spam, enquiry)
    assert mails() == []


@pytest.mark.parametrize("state", ["closed", "spam"])
def test_what_was_made_anonymous_stays_as_it_is(receive, do, mails, state):
    enquiry = receive(honeypot="x" if state == "spam" else "")
    mailed = mails()
    do(privacy.anonymise, [enquiry.id])
    changes = [partial(change, enquiry) for change in (states.mark_spam, states.mark_not_spam, states.reopen)]
    right = {"name": "Jo", "email": "jo@example.org", "phone": "", "by": None}
    for change in (*changes, partial(senders.correct, enquiry, **right)):
        with pytest.raises(refusals.MadeAnonymous):
            do(change)
    assert (enquiry.state, story(enquiry), mails()) == (state, [], mailed)


@pytest.mark.parametrize("change", ["close", "reopen", "assign", "reply", "call"])
def test_what_is_held_as_spam_has_to_be_taken_back_first(receive, people, do, mails, change):
    enquiry = receive(honeypot="x")
    act = {
        "close": lambda: do(states.close, enquiry),
        "reopen": lambda: do(states.reopen, enquiry),
        "assign": lambda: do(states.assign, enquiry, to=people.kit),
        "reply": lambda: do(replies.send, enquiry, text="Hello", by=people.kit),
        "call": lambda: do(entries.note_call, enquiry, text="Hello", by=people.kit),
    }[change]
    with pytest.raises(refusals.HeldAsSpam):
        act()
    assert (enquiry.state, story(enquiry), mails()) == ("spam", [], [])
