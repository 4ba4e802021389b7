"""Which request carries which text: one field at a time, all others as they should be, and all at once."""

import json
import zlib
from collections.abc import Iterable, Iterator

from . import answers
from .doors import Door, encoded
from .site import Site

FORM = "application/x-www-form-urlencoded"


def turns(door: Door, texts: Iterable[str], *, each: int | None = None) -> Iterator[tuple[str, dict]]:
    """(path, form) of requests to feed a door: every name of it gets `each` of the texts (None: all).

    Which ones differs from name to name, and is the same at each run.
    """
    texts = list(texts)
    for kind, name in door.names:
        at = zlib.crc32(f"{door.endpoint} {kind} {name}".encode())
        count = len(texts) if each is None else each
        for number in range(count):
            yield request(door, {(kind, name): texts[(at + number * 7919) % len(texts)]})


def request(door: Door, fed: dict[tuple[str, str], str]) -> tuple[str, dict]:
    """(path with query, form) with these texts in place of valid ones."""
    changes = {name: text for (kind, name), text in fed.items() if kind == "argument"}
    queries = {name: text for (kind, name), text in fed.items() if kind == "query"}
    fields = {name: text for (kind, name), text in fed.items() if kind == "field"}
    path = door.path(**changes)
    if queries or door.queries:
        given = {name: text for name, text in door.queries.items() if text} | queries
        path += "?" + "&".join(f"{encoded(name)}={encoded(text)}" for name, text in given.items())
    return path, door.fields | fields


def body(fields: dict[str, str]) -> bytes:
    """A form as a program writes it that cares for no encoding."""
    return "&".join(f"{encoded(name)}={encoded(text)}" for name, text in fields.items()).encode()


def feed(site: Site, door: Door, texts: Iterable[str], *, each: int | None = None) -> Iterator[str]:
    """Send them all; the faults of the answers. What the door before has changed is put back first."""
    site.put_back()
    door.arguments = site.arguments(door.rule)
    for path, fields in turns(door, texts, each=each):
        yield from send(site, door, path, fields)


def send(site: Site, door: Door, path: str, fields: dict[str, str]) -> list[str]:
    """The faults of the answer to one request."""
    form = {"data": body(fields), "content_type": FORM}
    answer = site.open(door.who, door.method, path, **(form if door.method == "POST" else {}))
    return answers.faults(answer, method=door.method, path=path)


def feed_with_odd_bodies(site: Site, door: Door, *, each: int | None = None) -> Iterator[str]:
    """Send a door what is no form, or an odd one; the faults of the answers."""
    if door.method != "POST":
        return
    site.put_back()
    door.arguments = site.arguments(door.rule)
    path, at = door.path(), zlib.crc32(door.endpoint.encode())
    for number in range(len(ODD_BODIES) if each is None else each):
        kind, content = ODD_BODIES[(at + number) % len(ODD_BODIES)]
        answer = site.open(door.who, "POST", path, data=content(door), content_type=kind)
        yield from answers.faults(answer, method=f"POST {kind[:80]}", path=path)


def _files(door: Door) -> bytes:
    """A file in place of each text."""
    head = 'Content-Disposition: form-data; name="{0}"; filename="../{0}\\0.svg"'
    parts = (f"--x\r\n{head.format(name)}\r\n\r\n<svg onload=hostile()>\r\n" for name in door.fields)
    return ("".join(parts) + "--x--\r\n").encode()


ODD_BODIES = [
    ("application/json", lambda door: b'{"a": ' * 5_000),
    ("application/json", lambda door: json.dumps(door.fields).encode()),
    ("multipart/form-data", lambda door: b"--x\r\n"),
    ("multipart/form-data; boundary=x", lambda door: _files(door)),
    ("multipart/form-data; boundary=x", lambda door: _files(door)[:-20]),
    ("multipart/form-data; boundary=" + "x" * 5_000, lambda door: b"--" + b"x" * 5_000),
    (FORM, lambda door: b"&".join(b"x%d=1" % number for number in range(3_000))),
    (FORM, lambda door: b"&".join([body(door.fields)] * 30)),
    (FORM, lambda door: b"%ff%fe=%ff&=&&&;%zz=%" + body(door.fields).replace(b"=", b"=%c0%80")),
    (f"{FORM}; charset=utf-7", lambda door: body(door.fields)),
    (f"{FORM}; charset=\u00ff", lambda door: body(door.fields)),
    ("", lambda door: body(door.fields)),
]
