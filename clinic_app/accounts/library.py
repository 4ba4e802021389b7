"""Loads Flask-Security without two libraries that it imports at once, though few requests need them.

webauthn, with X.509 and ASN.1, was a tenth of the start and 6 MB of each process; email-validator, with letters of
all scripts, another thirtieth. Imported before anything that imports Flask-Security.
"""

import sys
from importlib import import_module, reload
from types import ModuleType


class _Later(ModuleType):
    """Stands for a module, which is loaded when something of it is used."""

    def __getattr__(self, name: str):
        return getattr(import_module(self.__name__), name)


def _load() -> None:
    # None is for Python what cannot be imported: Flask-Security takes webauthn for not installed.
    instead = {"webauthn": None, "email_validator": _Later("email_validator")}
    instead = {name: module for name, module in instead.items() if name not in sys.modules}
    sys.modules.update(instead)
    try:
        import_module("flask_security")
    finally:
        for name in instead:
            del sys.modules[name]


def load_webauthn() -> None:
    """Let Flask-Security's views of passkeys have it, as they must before they do anything."""
    theirs = sys.modules["flask_security.webauthn"]
    if not hasattr(theirs, "webauthn"):
        reload(theirs)  # in place: functions that were made before find what was missing


_load()
