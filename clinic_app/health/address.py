"""Is the site reached at the address that its mails name, encrypted, and by the proxies that it trusts?"""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app

from .. import clock
from ..lists.counting import how_many
from .finding import Findings

LOCAL = {"localhost", "127.0.0.1", "::1"}
TIMEOUT = 5.0  # seconds
RENEW_WITHIN = timedelta(days=14)


def find() -> Findings:
    """The setting `public_url`, and what `trusted_proxies` has to be for it."""
    found = Findings("Address and TLS")
    settings = current_app.config["CLINIC"]
    parts = urlsplit(settings.public_url)
    if parts.hostname in LOCAL:
        return found.warn(
            f"Links in emails go to {settings.public_url}, which opens on this machine only.",
            'Set public_url = "https://..." to the address that people open.',
        )
    if parts.scheme != "https":
        found.fail(
            f"{settings.public_url} is not encrypted: patients' words can be read on the way.",
            "Put a proxy with a certificate in front, and set public_url to its https:// address.",
        )
    elif not settings.trusted_proxies:
        found.warn(
            "TLS ends at a proxy whose headers are not trusted: all visitors seem to come from it, and rate "
            "limits count them as one.",
            "Set trusted_proxies = 1 (or how many proxies stand in front).",
        )
    proxies = how_many(settings.trusted_proxies, "trusted proxy", "trusted proxies")
    return found or found.ok(f"{settings.public_url}, behind {proxies}.")


def find_certificate() -> Findings:
    """The certificate at `public_url`, by asking there; its last day."""
    found = Findings("Certificate")
    settings = current_app.config["CLINIC"]
    parts = urlsplit(settings.public_url)
    if parts.scheme != "https":
        return found
    where = f"{parts.hostname}:{parts.port or 443}"
    try:
        ends = _last_instant(parts.hostname, parts.port or 443)
    except ssl.SSLCertVerificationError as error:
        return found.fail(f"Browsers refuse the certificate of {where}: {error.verify_message}.", "Renew it.")
    except OSError as error:
        return found.warn(
            f"{where} does not answer from here ({error.strerror or error}).",
            "If it opens in a browser elsewhere, this machine just cannot reach its own address.",
        )
    if ends - clock.now() < RENEW_WITHIN:
        return found.warn(
            f"The certificate ends on {clock.format_day(ends)}.", "See why it is not renewed by itself."
        )
    return found.ok(f"Good until {clock.format_day(ends)}.")


def _last_instant(host: str, port: int) -> datetime:
    """When the certificate of the server there ends. Raises OSError, of which ssl's errors are kinds."""
    with (
        socket.create_connection((host, port), timeout=TIMEOUT) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
    ):
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(secured.getpeercert()["notAfter"]), UTC)
