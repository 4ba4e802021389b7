"""Serves the pictures kept in `instance/media/`."""

from pathlib import Path

from flask import Blueprint, send_from_directory

from ..pictures import media

bp = Blueprint("media", __name__)
# Said here, so that no start reads the system's list of kinds, which need not know WebP and AVIF.
KINDS = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}


@bp.get(f"{media.URL_PREFIX}<name>")
def picture(name: str):
    """A picture; its name changes with its content, so browsers keep it for good."""
    response = send_from_directory(
        media.folder(), name, mimetype=KINDS.get(Path(name).suffix), max_age=365 * 24 * 3600
    )
    response.cache_control.public = response.cache_control.immutable = True
    # An SVG opened by itself is a document: it may bring its styles, and run and fetch nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
