"""Checks that hold for the HTML part of every mail: what common mail programs ask of it.

What a mail says is compared in tests/emails/, how it looks in tests/pictures/test_mails.py.
"""

import re

from bs4 import BeautifulSoup

from tests.reading import parsed

CLIPPED_FROM = 100_000  # bytes; Gmail cuts what is longer
# Outlook on Windows knows none of these.
UNKNOWN = re.compile(r"(?:^|[;\s])(?:display:\s*(?:flex|grid)|position:|float:|calc\(|var\()")
COLOURED = re.compile(r"(?:^|;)\s*(?:color|background|border(?:-\w+)?):[^;]*#")
LINKS = ("https://", "http://", "tel:", "mailto:")


def check_email_html(html: str, *, text: str) -> BeautifulSoup:
    """Fail, naming the faults; give the parsed mail."""
    mail = parsed(html)
    faults = [*_head(mail), *_preview(mail), *_foreign(mail), *_styles(mail), *_tables(mail)]
    faults += [*_links(mail, text), *_missing(mail, text)]
    if len(html.encode()) > CLIPPED_FROM:
        faults.append("longer than mail programs show")
    assert not faults, "; ".join(faults)
    return mail


def _head(mail):
    if not mail.html.get("lang"):
        yield "no language"
    if len(mail.find_all("h1")) != 1 or _words(mail.h1) != _words(mail.title):
        yield f"title {_words(mail.title)!r} is not its one heading"
    names = {meta.get("name") for meta in mail.find_all("meta")}
    yield from (f"no meta {name}" for name in {"viewport", "color-scheme"} - names)
    if "prefers-color-scheme: dark" not in mail.style.string:
        yield "no dark scheme"


def _preview(mail):
    first = mail.body.find("div")
    if "display:none" not in first.get("style", "") or not _words(first):
        yield "nothing to show after the subject in lists of mails"


def _foreign(mail):
    for tag in mail.find_all(["img", "script", "link", "iframe", "form", "video", "svg", "object"]):
        yield f"<{tag.name}>, which mail programs hide or refuse"
    if "url(" in str(mail):
        yield "something is loaded"


def _styles(mail):
    dark = set(re.findall(r"\.([\w-]+) {", mail.style.string))
    for tag in mail.find_all(style=True):
        if UNKNOWN.search(tag["style"]):
            yield f"<{tag.name}> has a style that few programs know: {tag['style']}"
        if COLOURED.search(tag["style"]) and not dark & set(tag.get("class", [])):
            yield f"<{tag.name}> has a colour that the dark scheme does not reach: {tag['style']}"
    for tag in mail.find_all(class_=True):
        yield from (f"class {name!r} stands for nothing" for name in set(tag["class"]) - dark)


def _tables(mail):
    for table in mail.find_all("table"):
        is_data = table.find("th") is not None and table.find("table") is None
        if is_data == (table.get("role") == "presentation"):
            yield "a table that readers are told wrongly of"


def _links(mail, text):
    for link in mail.find_all("a"):
        address = link.get("href", "")
        if not address.startswith(LINKS):
            yield f"a link to {address!r}, which leads nowhere from a mail"
        if address.startswith("http") and address not in text:
            yield f"the link to {address} is missing in the text"


def _missing(mail, text):
    """What the text part says and this one does not; labels, marks and spaces aside."""
    said = _letters(mail.get_text())
    for line in text.partition("\n-- \n")[0].splitlines():
        if "https://" not in line and _letters(line.partition(": ")[2] or line) not in said:
            yield f"it does not say {line!r}"


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _words(tag) -> str:
    return " ".join(tag.get_text().split()) if tag else ""
