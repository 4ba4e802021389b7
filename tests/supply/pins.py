"""What requirements.lock says, as data."""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
_ENTRY = re.compile(
    r"^(?P<what>[^\s#][^\\\n]*?) \\\n(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


@dataclass(frozen=True)
class Pin:
    """A package at one version, the machines that it is for, and how many files of it are known."""

    requirement: Requirement
    files: int

    @property
    def name(self) -> str:
        return self.requirement.name

    @property
    def version(self) -> str:
        (specifier,) = self.requirement.specifier
        assert specifier.operator == "=="
        return specifier.version

    @property
    def is_for_here(self) -> bool:
        """Whether it is installed on this machine and Python."""
        return self.requirement.marker is None or self.requirement.marker.evaluate()


def lock() -> str:
    return (ROOT / "requirements.lock").read_text()


def pins() -> list[Pin]:
    """All entries, in their order."""
    return [
        Pin(Requirement(entry["what"].strip()), entry["hashes"].count("sha256:"))
        for entry in _ENTRY.finditer(lock())
    ]


def requirements() -> list[Requirement]:
    """What requirements.txt asks for."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]
