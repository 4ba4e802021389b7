"""Near-duplicates: which texts say the same. All examples are invented."""

import time
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.testimonials.duplicates import ALIKE, Index, pairs, spelling

ONE = "I booked at midnight from the couch, and the very next morning I was sitting in their sunny waiting room."


def index(*texts, name="Robin Sample") -> Index:
    made = Index()
    for number, text in enumerate(texts, start=1):
        made.add(number, name=name, text=text)
    return made


@pytest.mark.parametrize(
    "other",
    [
        ONE,
        ONE.upper(),
        f"  “{ONE.replace(',', ' –').replace(' ', '  ')}”\n",
        ONE.replace("sunny", "bright"),
        ONE.replace("very ", ""),
        ONE + " Thanks!",
    ],
)
def test_nearly_the_same_words_are_found_under_another_name(other):
    found = index("Something else entirely, about the fish tank by the door.", ONE).most_alike(
        name="Kit Example", text=other
    )
    assert found.key == 2
    assert found.share >= ALIKE


def test_british_and_american_spelling_are_one():
    british = "They apologised for the pale colour, catalogued my licence, and organised a favourite theatre seat."
    american = "They apologized for the pale color, cataloged my license, and organized a favorite theater seat."
    assert index(british).most_alike(name="Kit Example", text=american).share == 1


@pytest.mark.parametrize("word", ["four", "your", "prize", "size", "hours", "call", "fence", "tour", "well"])
def test_short_common_words_keep_their_spelling(word):
    assert spelling(word) in (word, word.replace("our", "or"), word.replace("ence", "ense"))


def test_other_words_about_the_same_do_not_resemble():
    other = "I booked in the morning by phone, and the same night I was told where the sunny waiting room was."
    assert index(ONE).most_alike(name="Robin Sample", text=other) is None


def test_a_few_words_resemble_only_under_the_same_name():
    known = index("Great service!", name="Robin Sample")
    assert known.most_alike(name="Kit Example", text="great service") is None
    assert known.most_alike(name="ROBIN  sample", text="great service").key == 1


def test_the_first_known_is_named_among_equals():
    assert index(ONE, ONE.upper(), ONE.lower()).most_alike(name="Kit Example", text=ONE).key == 1


def test_texts_without_latin_words_are_compared_too():
    chinese = "前台非常友好，停车也很方便，每次都准时开始"
    assert index(chinese).most_alike(name="Kit Example", text=chinese.replace("，", " ")).key == 1
    assert index("👍👍🎉").most_alike(name="Robin Sample", text="👍👍🎉").key == 1


WORDS = "tea desk bus door lamp bike rain shoe map bell cat sun".split()  # noqa: SIM905
sentences = st.lists(st.sampled_from(WORDS), min_size=7, max_size=14).map(" ".join)


@given(st.lists(sentences, max_size=25), sentences)
def test_the_index_misses_none_that_comparing_all_would_find(known, wanted):
    def share(text):
        return len(pairs(text) & pairs(wanted)) / len(pairs(text) | pairs(wanted))

    known = [text for text in known if len(pairs(text)) >= 5]
    best = max(map(share, known), default=0)
    found = index(*known).most_alike(name="Kit Example", text=wanted) if len(pairs(wanted)) >= 5 else None
    if len(pairs(wanted)) >= 5:
        assert (found.share if found else 0) == (best if best >= ALIKE else 0)


def test_a_text_among_thousands_is_not_compared_with_each_of_them():
    """In processor time, beside comparing with each in the same breath, which takes some fifty times as long."""
    random = Random(3)
    vocabulary = [f"{a}{b}" for a in WORDS for b in WORDS]
    texts = [" ".join(random.choices(vocabulary, k=40)) for _ in range(3000)]
    made, known, spent = Index(), [pairs(text) for text in texts], Counter()
    for number, text in enumerate(texts):
        made.add(number, name="Robin Sample", text=text)
    for text in random.sample(texts, 40):
        wanted = pairs(text[5:])
        for way, compare in {
            "by the index": lambda text=text: made.most_alike(name="Kit Example", text=text[5:]),
            "with each": lambda wanted=wanted: max(len(wanted & other) / len(wanted | other) for other in known),
        }.items():
            began = time.process_time()
            assert compare()
            spent[way] += time.process_time() - began
    assert spent["by the index"] * 3 < spent["with each"]
