"""Refuses requests whose Host header names no host, before anything tries to build an address from it."""

import re

from .headers import PERMISSIONS

HOST = re.compile(r"(?:[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)
LONGEST = 260
ANSWER = b"The Host header of this request is wrong."


class HostCheck:
    """WSGI middleware: answers 400 to a Host (RFC 9110, 7.2) that cannot be one."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        host = environ.get("HTTP_HOST", "")
        if not host or (len(host) <= LONGEST and HOST.fullmatch(host)):
            return self.app(environ, start_response)
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(ANSWER))),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Permissions-Policy", PERMISSIONS),
        ]
        start_response("400 Bad Request", headers)
        return [ANSWER]
