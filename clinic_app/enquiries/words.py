"""How the search of enquiries breaks texts into words: the same for enquiries and queries. Pure.

Digits that stand in groups, as in phone numbers and references, are a word together as well: `0491 570 006`
finds what was stored as `+61491570006`, `482173096` what reads `482-173-096`.
"""

import re

from .. import phones
from ..text import folding, word_index
from ..text.word_index import Term

MAX_QUERY_WORDS = 16
_GROUPED_DIGITS = re.compile(r"\+?[0-9](?:[\s().-]{0,3}[0-9]){5,19}")


def index_words(*, name: str, email: str, phone: str, reference: str, message: str) -> str:
    """The different words of an enquiry with blanks between."""
    texts = (name, email, message)
    found = [*_phone_forms(phone), reference]
    for text in texts:
        found += folding.words(text)
        found += [_digits(match[0]) for match in _GROUPED_DIGITS.finditer(text)]
    return word_index.fitting(word_index.distinct(word for word in found if word))


def query_terms(text: str) -> list[Term]:
    """What an enquiry must have to be found, the first 16; none for a text without letters or digits.

    Grouped digits are met by the digits together, or by each group.
    """
    terms: list[Term] = []
    rest = 0
    for match in _GROUPED_DIGITS.finditer(text):
        terms += _single(text[rest : match.start()])
        joined, groups = _digits(match[0]), folding.words(match[0])
        terms.append([[joined]] if groups == [joined] else [[joined], groups])
        rest = match.end()
    terms += _single(text[rest:])
    return [term for n, term in enumerate(terms) if term not in terms[:n]][:MAX_QUERY_WORDS]


def _single(text: str) -> list[Term]:
    return [[[word]] for word in word_index.distinct(folding.words(text))]


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _phone_forms(phone: str) -> list[str]:
    """`61491570006`, `0491570006` and `491570006` of +61491570006."""
    return [_digits(form) for form in phones.written(phone)]
