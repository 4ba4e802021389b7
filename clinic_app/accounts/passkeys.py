"""What a passkey is good for: signing in by itself, and as the second step behind a password."""

from sqlalchemy import String
from sqlalchemy.types import TypeDecorator


class EitherFactor:
    """Equal to both of the words by which Flask-Security tells a first factor from a second.

    Flask-Security has people choose one of them for each passkey. Ours check who holds them (a finger, a face, a
    PIN), so each is good for both.
    """

    def __eq__(self, other: object) -> bool:
        return other in ("first", "secondary") or isinstance(other, EitherFactor)

    def __hash__(self) -> int:
        return hash(EitherFactor)


class Usage(TypeDecorator):
    """A column for it: whatever it holds, it is read as either."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return "either"

    def process_result_value(self, value, dialect):
        return EitherFactor()
