"""Writes docs/licences.md: under which licence each package stands that the program needs to run."""

from importlib.metadata import metadata
from pathlib import Path

from .pins import ROOT, Pin, pins

FILE = ROOT / "docs" / "licences.md"
# Licences that ask for no more than to be named. By the words that packages use for them.
PERMISSIVE = {
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "Apache-2.0 OR BSD-2-Clause": "Apache-2.0 OR BSD-2-Clause",
    "Apache-2.0 OR BSD-3-Clause": "Apache-2.0 OR BSD-3-Clause",
    "BSD": "BSD",
    "BSD License": "BSD",
    "BSD-2-Clause": "BSD-2-Clause",
    "BSD-3-Clause": "BSD-3-Clause",
    "Dual License": "Apache-2.0 OR BSD",
    "ISC": "ISC",
    "MIT": "MIT",
    "MIT License": "MIT",
    "MIT-0": "MIT-0",
    "MIT-CMU": "MIT-CMU",
    "PSF-2.0": "PSF-2.0",
    "Unlicense": "Unlicense",
}
# Others that were looked at one by one, and why they are fine here.
LOOKED_AT = {
    "psycopg": ("LGPL-3.0-only", "used as it is, as a library that can be exchanged; the program stays free"),
    "psycopg-binary": ("LGPL-3.0-only", "as psycopg, whose fast part it is"),
    "font-source-serif-pro": ("OFL-1.1", "a font, which may be shipped and drawn with"),
}
HEADING = """\
# Licences of what the program is made with

Every package that is installed to run the site (`requirements.lock`), and its licence in the words of its own
metadata. Written by `make lock`; a test keeps it true, and refuses a licence that nobody has looked at. Packages
for the tests are not shipped with the site and are not listed.

| package | licence |
|---|---|
"""


class UnknownLicence(Exception):
    """Nobody has looked at this licence yet: see PERMISSIVE and LOOKED_AT."""


def licence(pin: Pin) -> str:
    """The licence of an installed package. Raises UnknownLicence."""
    if pin.name in LOOKED_AT:
        return "{}: {}".format(*LOOKED_AT[pin.name])
    told = metadata(pin.name)
    classifiers = told.get_all("Classifier") or []
    classifiers = told.get_all("Classifier") or []
    kinds = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    for words in (told.get("License-Expression"), told.get("License"), *kinds):
        if words in PERMISSIVE:
            return PERMISSIVE[words]
    raise UnknownLicence(f"{pin.name}: {told.get('License-Expression') or told.get('License') or kinds}")


def lines() -> list[str]:
    """A line for each package that is installed here."""
    return [f"| {pin.name} | {licence(pin)} |\n" for pin in pins() if pin.is_for_here]


def write(path: Path = FILE) -> None:
    path.write_text(HEADING + "".join(lines()))


if __name__ == "__main__":
    write()
