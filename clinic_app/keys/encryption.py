"""Patients' words encrypted where they are stored, under keys that are kept elsewhere. Off unless turned on.

A sealed text is Fernet's (AES-128 in CBC mode with HMAC-SHA256) behind a mark that no form lets through. So a
column may hold plain and sealed texts, and turning it on or off is a walk over the rows while the site serves.

Keys are lines of `instance/encryption_keys`, or words of `CLINIC_ENCRYPTION_KEYS`. The first one writes, all read.
The word `off` before them means that new texts are written plain. A running server follows the file. The library
that seals is loaded with the first key: most sites have none.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flask import Flask, current_app
from sqlalchemy import JSON, String, Text
from sqlalchemy.types import TypeDecorator

from .. import site_folder
from ..checks import SettingsError
from ..files import appearing_whole

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

VARIABLE = "CLINIC_ENCRYPTION_KEYS"
OFF = "off"
MARK = "\x02f1:"  # forms take no controls, so nobody can write it


class Unreadable(str):
    """Stands for a sealed text whose key is missing."""

    __slots__ = ()


UNREADABLE = Unreadable("[This cannot be read: the key that it was encrypted with is missing.]")


class GivenByVariable(Exception):
    """The keys are in the variable, which only whoever starts the servers can change."""


class Keyring(NamedTuple):
    """The keys in order, and whether new texts are sealed."""

    keys: tuple[str, ...] = ()
    writes: bool = False

    def seal(self, text: str) -> str:
        """The text as it is stored. An empty one stays empty: there is nothing to hide."""
        if not text or not self.writes or isinstance(text, Unreadable):
            return text.replace("\x02", "")
        return MARK + _cipher(self.keys[0]).encrypt(text.encode()).decode()

    def unseal(self, stored: str) -> str:
        """What a stored text says; UNREADABLE where no key opens it."""
        if not stored.startswith(MARK):
            return stored
        for key in self.keys:
            if (text := _opened(stored, key)) is not None:
                return text
        return UNREADABLE

    def is_current(self, stored: str) -> bool:
        """Whether the text is stored as it would be stored now."""
        if not stored or not self.writes:
            return not stored.startswith(MARK)
        return stored.startswith(MARK) and bool(_opened(stored, self.keys[0]))

    def as_file(self) -> bytes:
        """What the file of these keys holds."""
        return "\n".join([*([] if self.writes else [OFF]), *self.keys, ""]).encode()


class Keys:
    """The keys, read again whenever their file has changed. If the file vanishes or is empty, as while an editor
    writes it or on a disk that is full, a running server goes on with the keys that it has read: to write plain
    text unasked would be worse."""

    def __init__(self, path: Path, given: str | None):
        self.path = path
        self.given = given
        self.stamp: tuple | None = None
        self.ring = _parsed(given, VARIABLE) if given else Keyring()
        self.current()

    def current(self) -> Keyring:
        """The keys as they are now. Raises SettingsError for what is no key."""
        if self.given:
            return self.ring
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return self.ring
        if (stamp := (found.st_mtime_ns, found.st_ino, found.st_size)) != self.stamp:
            text = self.path.read_text()
            self.ring, self.stamp = _parsed(text, str(self.path)) if text.strip() else self.ring, stamp
        return self.ring

    def keep(self, ring: Keyring) -> None:
        """Write the file, for the site's user only, whole or not at all. Raises GivenByVariable, OSError."""
        if self.given:
            raise GivenByVariable
        owner = (self.path if self.path.exists() else self.path.parent).stat()
        with appearing_whole(self.path, mode=0o600) as file:
            if os.geteuid() == 0:  # or the site could not read what root has written for it
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.write(ring.as_file())
        self.current()


class SealedText(TypeDecorator[str]):
    """A text of somebody's, sealed where encryption is on."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value, _dialect):
        return None if value is None else keyring().seal(value)

    def process_result_value(self, value, _dialect):
        return None if value is None else keyring().unseal(value)

    def is_current(self, stored: str) -> bool:
        """Whether the raw column is stored as it would be now."""
        return keyring().is_current(stored)


class SealedString(SealedText):
    """The same in a column that was made for short texts."""

    impl = String
    cache_ok = True


class SealedWords(TypeDecorator[dict]):
    """An object as JSON; the members named here hold somebody's words and are sealed, the others stay plain."""

    impl = JSON
    cache_ok = True

    def __init__(self, *words: str, none_as_null: bool = False):
        super().__init__(none_as_null=none_as_null)
        self.words = words

    def process_bind_param(self, value, _dialect):
        return self._with(keyring().seal, value)

    def process_result_value(self, value, _dialect):
        return self._with(keyring().unseal, value)

    def is_current(self, stored: str) -> bool:
        """Whether the raw column is stored as it would be now."""
        texts = json.loads(stored) or {}
        return all(keyring().is_current(texts[name]) for name in self.words if texts.get(name))

    def _with(self, turn, value):
        return value and value | {name: turn(value[name]) for name in self.words if value.get(name)}


def init_app(app: Flask, environ: dict[str, str]) -> None:
    """Know the site's keys. Raises SettingsError."""
    path = Path(app.config["CLINIC"].encryption_key_file or Path(app.instance_path) / site_folder.WORDS_KEYS)
    app.extensions["encryption"] = Keys(path, environ.get(VARIABLE))


def keys() -> Keys:
    """Where the current site keeps its keys."""
    return current_app.extensions["encryption"]


def keyring() -> Keyring:
    """The current site's keys."""
    return keys().current()


def is_on() -> bool:
    """Whether new texts are sealed."""
    return keyring().writes


def new_key() -> str:
    """A key that nobody has had."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _cipher(key: str) -> "Fernet":
    from cryptography.fernet import Fernet

    return Fernet(key)


def _opened(stored: str, key: str) -> str | None:
    """What a sealed text says; None where the key is not the one."""
    from cryptography.fernet import InvalidToken

    try:
        return _cipher(key).decrypt(stored.removeprefix(MARK)).decode()
    except InvalidToken:
        return None


def _parsed(text: str, where: str) -> Keyring:
    words = text.replace(",", " ").split()
    writes, found = words[:1] != [OFF], tuple(words[1:] if words[:1] == [OFF] else words)
    for number, key in enumerate(found, 1):
        try:
            _cipher(key)
        except ValueError:
            raise SettingsError(f"{where}: key {number} is none. `flask encrypt key` prints one.") from None
    return Keyring(found, writes and bool(found))
