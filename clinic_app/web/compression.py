"""Pages go out compressed. Those that are kept are compressed once (`page_cache`), static files at start
(`static_files`).

Staff's pages are not: they show patients' words beside what an address may bring in, and the length of the two
compressed together would tell of the one to who can guess at the other (BREACH).
"""

from flask import Flask, Response, request
from flask_compress import Compress

from ..paths import is_staffs
from . import page_cache

MIMETYPES = ["text/html", "text/plain", "text/calendar", "application/atom+xml", "application/xml"]

compress = Compress()


def init_app(app: Flask) -> None:
    """Compress what visitors' browsers are sent."""
    app.config.from_mapping(
        COMPRESS_REGISTER=False,
        COMPRESS_MIMETYPES=MIMETYPES,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_STREAMS=False,  # pictures are sent as they lie on disk
    )
    compress.init_app(app)

    @app.after_request
    def compressed(response: Response) -> Response:
        if is_staffs(request.path) or page_cache.keeps(response):
            return response
        return compress.after_request(response)
