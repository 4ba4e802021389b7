"""Social cards: the picture that other sites show beside a link to a page of ours, drawn once per content.

A card's file is named after all that is drawn on it, so its address changes with its content and nobody can
make the server draw anything else. Cards are kept in `instance/cards/`; they can be deleted at any time.
"""

import hashlib
import json
import threading
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from flask import current_app

from ..files import write_whole

RECIPE = 1  # part of each name: change it when cards are drawn otherwise
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a card shows: words, and beside them a picture of `instance/media/` or a drawing. No dots in `name`."""

    name: str
    title: str
    note: str
    clinic: str
    picture: str = ""
    art: str = "spine"

    @cached_property
    def file_name(self) -> str:
        content = json.dumps([RECIPE, asdict(self)]).encode()
        return f"{self.name}.{hashlib.sha256(content).hexdigest()[:12]}.{'jpg' if self.picture else 'png'}"

    @property
    def alt(self) -> str:
        return f"{self.title}. {self.clinic}"


def folder() -> Path:
    """Where the running site keeps its cards."""
    return Path(current_app.instance_path) / "cards"


def kept(card: Card) -> Path:
    """The card's file; drawn now, and put in place of the page's older ones, if it is not there."""
    from .card_drawing import drawn  # with Pillow, which most processes have no use for

    path = folder() / card.file_name
    if not path.exists():
        with _ONE_AT_A_TIME:  # strangers who ask for all cards at once occupy one thread
            if not path.exists():
                write_whole(path, drawn(card))
                for older in {*folder().glob(f"{card.name}.*")} - {path}:
                    older.unlink(missing_ok=True)
    return path
