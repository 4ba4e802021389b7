"""Pages and feeds go out compressed; static files are compressed once, at start: see `static_files`.

Staff's pages are not: they show patients' words beside what an address may bring in, and the length of the two
compressed together would tell of the one to who can guess at the other (BREACH).
"""

from flask import Flask, Response, request
from flask_compress import Compress

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
        return response if request.path.startswith("/staff") else compress.after_request(response)
