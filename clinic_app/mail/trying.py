"""A test of the mail settings: one mail at once, past the queue."""

from .. import clock
from . import outbox
from .delivery import Postman, ServerTrouble
from .models import OutboxMail
from .smtp import TIMEOUT


class NotTaken(Exception):
    """The mail was not taken; the text is the mail server's words, or the network's."""


class ServerFailed(NotTaken):
    """The server takes no mail: a matter of the settings."""


def send_test(address: str, *, timeout: float = TIMEOUT, say=lambda text: None) -> str:
    """Send a test mail and give the address that it went to; `say` is told of a file written in place of it.

    Leaves no row. Call it outside any transaction: it waits for the server, up to `timeout` seconds an answer.
    Raises outbox.BadAddress, ServerFailed, NotTaken.
    """
    row = OutboxMail(**outbox.compose("test", to=address, context={"sent_at": clock.now()}))
    try:
        with Postman(timeout=timeout, say=say) as postman:
            verdict = postman.deliver(row)
    except ServerTrouble as trouble:
        raise ServerFailed(str(trouble)) from trouble
    if verdict.kind != "sent":
        raise NotTaken(verdict.words)
    return row.to_address
