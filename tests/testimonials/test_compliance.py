"""Which words hold a testimonial back, and which do not. All examples are invented."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.testimonials import compliance
from clinic_app.testimonials.compliance import check

HELD = {
    "symptom": [
        "I came in with a painful ankle",
        "No more headaches on Mondays",
        "Carrying twins made my lower back ache",
        "They listened to all my health concerns",
        "My left foot was numb",
        "I suffered for a long time",
        "I could barely walk to the mailbox",
    ],
    "diagnosis": [
        "Kit worked out the root cause",
        "A proper diagnosis at last",
        "She assessed me from top to toe",
        "He looked at my X-rays",
    ],
    "treatment": [
        "The treatment was gentle",
        "I was treated on the same day",
        "A good crack and a massage",
        "They gave me exercises and stretches",
        "Dry needling on Tuesday",
    ],
    "outcome": [
        "I feel so much better",
        "Cured!",
        "Such a relief",
        "It fixed me",
        "A real miracle",
        "After only two sessions I could dance",
        "It changed my life",
        "Back to netball in a week",
        "Great results",
        "I am able to run again",
    ],
    "skill": [
        "A very skilled chiropractor",
        "Kit is absolutely brilliant",
        "She knows her stuff",
        "The best chiro in town",
        "Better than any other clinic",
        "Years of experience and it shows",
        "Such knowledge!",
        "I was in good hands",
        "He’s amazing",
        "My previous physio could not do this",
    ],
}

SERVICE = [
    "Reception is friendly and the rooms are spotless.",
    "Easy parking right at the back, and they called me back within the hour.",
    "Always on time. I never waited longer than five minutes!",
    "Easy to book online, and the reminder email came the day before 😀",
    "They treated me with respect and kindness.",
    "The staff treat you like family.",
    "Clean rooms, paintings on the walls, good coffee and a healthy pot plant.",
    "No problems with parking, no issues at all with the booking.",
    "They fixed my booking in a minute and sorted out the invoice.",
    "Air conditioning on a hot day. What a treat!",
    "The number one bus stops at the door; the receptionist is wonderful.",
    "Fixed fees, the terms and conditions were clear, and I had no complaints.",
    "It was great to have somewhere to put the pram.",
    "The team did their best to find me a time. Best wishes to all!",
    "Great communication, thank you; I recommend the place to everyone.",
    "Booking was painless, and the website is secure.",
    "What an experience: curtains, carpets and a curious cat at reception.",
    "I struggled to find parking, but the reception team was fantastic about it.",
    "They helped my mum into the lift and with her forms.",
    "A handy spot, on the left hand side, in my neck of the woods.",
]


@pytest.mark.parametrize(("category", "text"), [(c, text) for c, texts in HELD.items() for text in texts])
def test_clinical_words_are_found_in_their_category(category, text):
    assert category in {reason["rule"] for reason in check(text, rules="au")}


@pytest.mark.parametrize("text", SERVICE)
def test_words_about_service_only_pass(text):
    assert check(text, rules="au") == []


def test_every_category_has_words_and_says_why():
    assert {rule.category for rule in compliance.ADVERTISING.rules} == set(HELD)
    assert all(rule.why.endswith(".") for rule in compliance.ADVERTISING.rules)


def test_under_no_rules_nothing_trips():
    assert check("Cured of all pain by the best chiropractor. Miracle!", rules="none") == []


def test_a_reason_says_which_words_where_and_why():
    assert check("Thanks 👍🏽 my neck is fine", rules="au") == [
        {"rule": "symptom", "words": "neck", "start": 13, "end": 17, "why": "Names a part of the body."}
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PAINFUL it was", "PAINFUL"),
        ("that was 𝗽𝗮𝗶𝗻𝗳𝘂𝗹 to me", "𝗽𝗮𝗶𝗻𝗳𝘂𝗹"),
        ("that was pa\u00adin to me", "pa\u00adin"),
        ("that was _pain_ to me", "pain"),
        ("👩‍⚕️👍🏽pain👍🏽 I had", "pain"),
        ("the ﬁx I had", "ﬁx"),
        ("she knows\n  her\u00a0stuff", "knows\n  her\u00a0stuff"),
        ("with X\u2011rays and all", "X\u2011rays"),
        ("I couldn‘t walk then", "couldn‘t walk"),
        ("I had pa\u0301in there", "pa\u0301in"),
    ],
)
def test_case_styles_quotes_and_emoji_neither_hide_words_nor_move_them(text, words):
    assert words in [reason["words"] for reason in check(text, rules="au")]


@pytest.mark.parametrize(
    "text",
    [
        "很好的诊所，谢谢",
        "Отличная клиника",
        "عيادة رائعة",
        "Una clínica muy buena con gente amable y puntual siempre",
    ],
)
def test_what_the_lists_cannot_read_is_held(text):
    assert [reason["rule"] for reason in check(text, rules="au")] == ["language"]


@pytest.mark.parametrize("text", ["👍👍👍", "5/5 !!!", "Très café", "Great service, friendly staff. Recommended!"])
def test_emoji_figures_and_short_praise_are_not_another_language(text):
    assert check(text, rules="au") == []


def test_words_inside_other_words_do_not_trip():
    inside = (
        "painting paint number health healthy secure curtain accurate shipped whip fixture tackle backpack asset"
    )
    assert check(f"The {inside} and the", rules="au") == []


pieces = st.lists(
    st.one_of(
        st.sampled_from(["pain", "Best", "  my back ", "treated", "’", "👩‍⚕️", "İ", "ß", "ﬁ", "-"]), st.text()
    ),
    max_size=8,
)


@given(pieces)
def test_each_reason_points_at_its_words_and_none_overlap(parts):
    text = "".join(parts)
    reached = 0
    for reason in check(text, rules="au"):
        if reason["start"] is not None:
            assert text[reason["start"] : reason["end"]] == reason["words"] != ""
            assert reached <= reason["start"] < reason["end"]
            reached = reason["end"]


@given(st.text(), st.sampled_from(["pain", "diagnosed", "treatment", "cured", "skilled"]), st.text())
def test_a_word_that_trips_is_found_whatever_stands_around_it(before, word, after):
    text = f"{before}. {word} .{after}"
    reasons = [reason for reason in check(text, rules="au") if reason["start"] is not None]
    start = len(before) + 2
    assert any(r["start"] <= start and start + len(word) <= r["end"] for r in reasons)


@given(
    st.sampled_from([text for texts in HELD.values() for text in texts]), st.sampled_from(["NFC", "NFD", "upper"])
)
def test_the_form_of_the_letters_does_not_matter(text, form):
    other = text.upper() if form == "upper" else unicodedata.normalize(form, text)
    assert [r["rule"] for r in check(other, rules="au")] == [r["rule"] for r in check(text, rules="au")]


def test_the_check_of_a_long_text_comes_to_an_end():
    assert check("she is very " * 2000 + "so really truly " * 2000, rules="au") == []


@pytest.mark.parametrize(
    ("text", "is_english"),
    [
        ("zorp " * 5, True),
        ("zorp " * 6, False),
        ("the " + "zorp " * 5, True),
        ("the " + "zorp " * 6, False),
        ("They were very kind and I felt at home здесь", False),
    ],
)
def test_a_longer_text_is_english_with_one_common_word_in_six_and_no_letters_of_another_script(text, is_english):
    assert compliance.is_english(text) == is_english
