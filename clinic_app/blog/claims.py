"""Advertising claims in posts: words that Australia's National Law, s 133(1), makes worth a second look.

`advertising_claims_au.toml` holds the words and says how they are chosen.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .. import wordings

SOURCED = "evidence"  # the category that a link to another site, in the same paragraph, answers


def find(text: str, *, sourced: bool = False) -> Iterator[wordings.Found]:
    """The claims in a text, in order; `sourced` says whether it links to where they can be looked up."""
    for found in wordings.find(text, load()):
        if not (sourced and found.rule.category == SOURCED):
            yield found


def advice(found: wordings.Found) -> str:
    """What to do about a claim."""
    return _data()["advice"][found.rule.category]


@cache
def load() -> tuple[wordings.Rule, ...]:
    """The rules of `advertising_claims_au.toml`."""
    return wordings.rules(_data())


@cache
def _data() -> dict:
    return tomllib.loads((Path(__file__).parent / "advertising_claims_au.toml").read_text(encoding="utf-8"))
