"""Serves the pictures kept in `instance/media/`."""

import mimetypes

from flask import Blueprint, send_from_directory

from ..pictures import media

bp = Blueprint("media", __name__)
for kind in ("webp", "avif"):  # Python 3.11 knows them only where the system has a list of kinds
    mimetypes.add_type(f"image/{kind}", f".{kind}")


@bp.get(f"{media.URL_PREFIX}<name>")
def picture(name: str):
    """A picture; its name changes with its content, so browsers keep it for good."""
    response = send_from_directory(media.folder(), name, max_age=365 * 24 * 3600)
    response.cache_control.public = response.cache_control.immutable = True
    # An SVG opened by itself is a document: it may bring its styles, and run and fetch nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
