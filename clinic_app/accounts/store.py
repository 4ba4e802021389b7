"""How Flask-Security finds members: only those who are active are there for it, whatever they sign in with."""

from typing import Any

from flask_security import SQLAlchemyUserDatastore

from .models import Member


class ActiveMembers(SQLAlchemyUserDatastore):
    """The members who can sign in."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Member | None:
        found = super().find_user(case_insensitive=case_insensitive, **kwargs)
        return found if found and found.active else None
