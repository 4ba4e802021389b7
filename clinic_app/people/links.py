"""A person's page has an address that tells nobody who it is, and works for a day; see address_tokens.

A link can be made of any address or number.
"""

import json
from collections.abc import Iterable

from ..keys import address_tokens
from .identities import Identity

KIND = "links to people"


def token_of(identities: Iterable[Identity]) -> str:
    """A token for what is held under these."""
    told = [[identity.kind, identity.value] for identity in identities]
    return address_tokens.token_of(json.dumps(told, ensure_ascii=False), kind=KIND)


def read(token: str) -> tuple[Identity, ...]:
    """The identities of a token. Raises NoSuchToken, TokenEnded."""
    return tuple(Identity(kind, value) for kind, value in json.loads(address_tokens.read(token, kind=KIND)))
