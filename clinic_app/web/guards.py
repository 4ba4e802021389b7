"""Who may send what: rate limits per address, and no posting from other sites."""

import ipaddress
import re

from flask import abort, request

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def client_address() -> str:
    """The visitor's address as far as one person has it: an IPv6 network of 64 bits counts as one (RFC 6177)."""
    address = request.remote_addr or "unknown"
    with_port = re.fullmatch(r"\[(.+)\](?::\d+)?|([\d.]+):\d+", address)  # as some proxies write it
    try:
        parsed = ipaddress.ip_address(with_port[1] or with_port[2] if with_port else address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))


def refuse_other_sites() -> None:
    """Answer 403 to a form that another site sent (CSRF), told by what browsers say of where it came from.

    `Sec-Fetch-Site` (Fetch Metadata) where it is sent, else `Origin` (RFC 6454). Programs send neither, and no
    cookie of ours is theirs to misuse.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in (None, "same-origin", "none"):
        abort(403)
    if site is None and origin is not None and origin.partition("://")[2] != request.host:
        abort(403)


def same_origin_only() -> None:
    """Answer 403 to a form that did not come from a page of this very site: staff's changes go by a cookie.

    The same signs as `refuse_other_sites`, but one of them must be there; all browsers of today send both.
    """
    refuse_other_sites()
    if request.method not in SAFE_METHODS and not (
        request.headers.get("Sec-Fetch-Site") or request.headers.get("Origin")
    ):
        abort(403)
