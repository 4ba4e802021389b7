"""Security headers on every answer. docs/security.md says what each is for."""

from flask import Flask, Response, request

from ..paths import SECRET_PATHS, SHARED_PATHS, is_staffs
from . import speculation

# Nothing, but for what pages really use. No page has a script or style of its own in it, so there are no nonces:
# the one inline block, the rules for fetching ahead, is the same on all pages and allowed by its hash.
_SOURCES = {
    "default-src": "'none'",
    "script-src": f"'self' {speculation.SOURCE}",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "connect-src": "'self'",  # the editor's preview; tools that read robots.txt from within a page
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# The player of a post's video, loaded only when a visitor presses play.
_OF_PAGES = {"blog.post": {"frame-src": "https://www.youtube-nocookie.com"}}

# What the site's pages never use, so that nothing in them ever can.
_NEVER_USED = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS = ", ".join(f"{feature}=()" for feature in _NEVER_USED)
A_YEAR = 365 * 24 * 3600


def policy(**sources: str) -> str:
    """The Content-Security-Policy of a page that needs these sources besides: `policy(frame_src="'self'")`."""
    directives = _SOURCES | {name.replace("_", "-"): source for name, source in sources.items()}
    return "; ".join(f"{name} {source}" for name, source in directives.items())


def add_headers(response: Response) -> Response:
    path, headers = request.path, response.headers
    if path.startswith(SECRET_PATHS) or is_staffs(path):
        headers["Cache-Control"] = "no-store"
        headers["X-Robots-Tag"] = "noindex, nofollow"
    if path.startswith(SECRET_PATHS):
        headers["Referrer-Policy"] = "no-referrer"
    # What nobody has said may be shared: a form's token, say. Browsers keep it to go back to.
    headers.setdefault("Cache-Control", "private, no-cache")
    for name, value in _headers(path).items():
        headers.setdefault(name, value)
    return response


def _headers(path: str) -> dict[str, str]:
    """The headers of every answer, where its view has not said otherwise."""
    headers = {
        "Content-Security-Policy": policy(**_OF_PAGES.get(request.endpoint, {})),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin" if is_staffs(path) else "strict-origin-when-cross-origin",
        "Permissions-Policy": PERMISSIONS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "cross-origin" if path.startswith(SHARED_PATHS) else "same-origin",
    }
    if request.is_secure:  # browsers take it from no other connection (RFC 6797, 7.2)
        headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    return headers


def init_app(app: Flask) -> None:
    """Add the headers to all answers, error pages included."""
    app.after_request(add_headers)
