"""A file that a form carries from page to page, so that the server keeps nothing until it is decided on."""

import base64
import binascii
import zlib


def pack(content: bytes) -> str:
    """The file as a form's hidden field takes it: browsers would mend the line ends of plain text."""
    return base64.b64encode(zlib.compress(content)).decode()


def unpack(text: str, *, at_most: int) -> bytes | None:
    """The file; None for what `pack` did not make, or what is larger than so many bytes."""
    try:
        reader = zlib.decompressobj()
        content = reader.decompress(base64.b64decode(text, validate=True), at_most + 1)
    except (ValueError, binascii.Error, zlib.error):
        return None
    return content if reader.eof and len(content) <= at_most else None
