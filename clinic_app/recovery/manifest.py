"""What a backup says of itself: its last member, `manifest.json`."""

import json
from dataclasses import asdict, dataclass, field

from .refusals import NewerThanProgram, NotWhole

NAME = "manifest.json"
PROGRAM = "clinic-app"
FORMAT = 1


@dataclass
class Manifest:
    """Written when the rest is, so that a backup without one was cut short.

    `made_at` is an instant in ISO 8601; `tables` are rows by table; `members` are bytes and SHA-256 by name.
    `key_mark` tells one secret key from another and nothing about either. `variables` are the names, never the
    values, of the CLINIC_* variables that the site ran with: whoever starts it again has to give them again.
    """

    version: str
    made_at: str
    database: str
    revision: str
    tables: dict[str, int]
    with_secrets: bool
    key_mark: str
    variables: list[str]
    members: dict[str, dict] = field(default_factory=dict)
    program: str = PROGRAM
    format: int = FORMAT

    def as_bytes(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()


def of_bytes(content: bytes) -> Manifest:
    """Raises NotWhole for what is no manifest, NewerThanProgram for one of a later format."""
    try:
        told = json.loads(content)
        if told["program"] != PROGRAM:
            raise NotWhole("The file is not a backup of this program.")
        if told["format"] > FORMAT:
            raise NewerThanProgram(
                f"The backup was made by a later version of this program ({told['version']}). Update it first."
            )
        return Manifest(**told)
    except (ValueError, KeyError, TypeError):
        raise NotWhole("The manifest cannot be read: the file is damaged, or no backup of this program.") from None
