"""Which words a reason points at, and which words two texts do not share."""

from hypothesis import given
from hypothesis import strategies as st

from clinic_app.testimonials import marking
from clinic_app.testimonials.compliance import check, reason

TEXT = "My neck 👍🏽 and my knee: cured, and my neck too."


def marks(text=TEXT, reasons=None):
    pieces, notes = marking.mark(text, check(text, rules="au") if reasons is None else reasons)
    return [(p.text, p.notes, p.mark) for p in pieces if p.notes], notes


def test_words_are_marked_with_the_number_of_their_note():
    assert marks()[0] == [
        ("neck", (1,), 1),
        ("knee", (1,), 2),
        ("cured", (2,), 3),
        ("neck", (1,), 4),
    ]


def test_reasons_that_say_the_same_are_one_note_that_names_its_words():
    body, result = marks()[1]
    assert (body.number, body.rule, body.why) == (1, "symptom", "Names a part of the body.")
    assert body.marks == ((1, "neck"), (2, "knee"), (4, "neck"))
    assert (result.number, result.marks) == (2, ((3, "cured"),))


def test_reasons_about_the_whole_text_are_notes_without_words_and_come_last():
    whole = reason("duplicate", "Has the same words as testimonial 1.")
    _, notes = marks(reasons=[whole, *check(TEXT, rules="au")])
    assert [(note.number, note.rule, bool(note.marks)) for note in notes] == [
        (1, "symptom", True),
        (2, "outcome", True),
        (3, "duplicate", False),
    ]


def test_a_text_without_reasons_is_one_piece():
    assert marking.mark("Good tea.", []) == ([marking.Piece("Good tea.")], [])


def test_offsets_that_do_not_fit_the_text_mark_nothing():
    wrong = [reason("symptom", "Why.", words="neck", start=s, end=e) for s, e in ((0, 4), (40, 900), (-4, 0))]
    found, notes = marks(reasons=wrong)
    assert found == [] and [note.why for note in notes] == ["Why."]


def test_overlapping_reasons_mark_the_words_they_share_with_both():
    text = "bad back pain"
    reasons = [reason(rule, rule, words=text[s:e], start=s, end=e) for rule, s, e in (("a", 0, 8), ("b", 4, 13))]
    assert marks(text, reasons)[0] == [("bad ", (1,), 1), ("back", (1, 2), 2), (" pain", (2,), 3)]


@given(st.text(), st.lists(st.tuples(st.integers(-2, 30), st.integers(-2, 30))))
def test_the_pieces_make_the_text_again(text, spans):
    pieces, _ = marking.mark(text, [reason("x", "y", words=text[s:e], start=s, end=e) for s, e in spans])
    assert "".join(piece.text for piece in pieces) == text


def test_differences_are_told_by_words():
    one, other = marking.compare("The tea was hot,\n and good.", "The tea was really hot, and bad.")
    assert [s.text.strip() for s in one if s.differs] == ["good."]
    assert [s.text.strip() for s in other if s.differs] == ["really", "bad."]


def test_the_same_words_with_other_gaps_do_not_differ():
    for side in marking.compare("Tea  and\n\ncake", " Tea and cake "):
        assert not any(stretch.differs for stretch in side if stretch.text.strip())


def test_texts_too_long_to_compare_are_left_unmarked():
    long = "word " * (marking.WORDS_COMPARED + 1)
    assert marking.compare(long, "word") == ([marking.Stretch(long, False)], [marking.Stretch("word", False)])


@given(st.text(), st.text())
def test_the_stretches_make_both_texts_again(one, other):
    left, right = marking.compare(one, other)
    assert ("".join(s.text for s in left), "".join(s.text for s in right)) == (one, other)
