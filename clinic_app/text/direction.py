"""Texts of any script amid others, where no `<bdi>` can stand: in a title, in a line put together by code."""

import unicodedata

_FROM_RIGHT = {"R", "AL", "AN"}
_ISOLATE, _ENDS = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def isolated(text: str) -> str:
    """The text, between marks that are not seen where it would draw what follows it to its own side.

    Behind an Arabic name, `482-173-096` would read `096-173-482`.
    """
    turns = any(unicodedata.bidirectional(c) in _FROM_RIGHT for c in text)
    return f"{_ISOLATE}{text}{_ENDS}" if turns else text
