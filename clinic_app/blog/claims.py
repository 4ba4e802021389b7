"""Advertising claims in posts: words that Australia's National Law, s 133(1), makes worth a second look.

`advertising_claims_au.toml` holds the words and says how they are chosen.
"""

from collections.abc import Iterator
from pathlib import Path

from ..text.wordings import Found, Wordings

CLAIMS = Wordings(Path(__file__).parent / "advertising_claims_au.toml")
SOURCED = "evidence"  # the category that a link to another site, in the same paragraph, answers


def find(text: str, *, sourced: bool = False) -> Iterator[Found]:
    """The claims in a text, in order; `sourced` says whether it links to where they can be looked up."""
    return (found for found in CLAIMS.find(text) if not (sourced and found.rule.category == SOURCED))


def advice(found: Found) -> str:
    """What to do about a claim."""
    return CLAIMS.data["advice"][found.rule.category]
