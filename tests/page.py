"""Checks that hold for every HTML page of the site."""

from collections import Counter

from lxml import html

LABELLED = "//input[not(@type='hidden' or @type='submit')] | //select | //textarea"
# What Chromium tells a screen reader to be wrong while it is empty and required, unless the page says otherwise.
WRONG_AT_ONCE = """//*[@required][not(@aria-invalid)]
    [self::select or self::input[contains('date time datetime-local file radio checkbox', @type)]]"""
NAMED_IDS = ("aria-describedby", "aria-labelledby", "aria-controls")
IN_LINE = ("a", "b", "bdi", "span", "strong", "time")
DATA = ("application/ld+json", "speculationrules")  # scripts that no browser runs
ELSEWHERE = ("http:", "https:", "//", "data:")


def check_page(text: str, *, url: str) -> None:
    """Fail, naming the page and the fault."""
    faults = faults_of(html.document_fromstring(text))
    assert not faults, f"{url}: " + "; ".join(faults)


def faults_of(page) -> list[str]:
    """What is wrong with the page, in words."""
    checks = (_head, _ids, _forms, _summary, _inline, _images, _marks, _words)
    return [fault for check in checks for fault in check(page)]


def _head(page):
    if not page.get("lang"):
        yield "no language on <html>"
    headings = page.xpath("//h1")
    if len(headings) != 1:
        yield f"{len(headings)} h1"
        return
    title, heading = _text(page.xpath("//head/title")), _text(headings)
    if not title.removeprefix("Error: ").startswith(heading):
        yield f"title {title!r} does not start with the h1 {heading!r}"


def _ids(page):
    ids = Counter(page.xpath("//@id"))
    yield from (f"id {name!r} stands twice" for name in sorted(ids) if ids[name] > 1)
    for attribute in NAMED_IDS:
        names = {name for value in page.xpath(f"//@{attribute}") for name in value.split()}
        yield from (f"{attribute} names {name!r}, which is not there" for name in sorted(names - set(ids)))
    for target in page.xpath("//a[starts-with(@href, '#')]/@href"):
        if target[1:] not in ids:
            yield f"link to {target}, which is not there"


def _forms(page):
    if page.xpath("//form[not(@action) or @action='']"):
        yield "a form without an action"
    labels = set(page.xpath("//label/@for"))
    for control in page.xpath(LABELLED):
        named = control.get("id") in labels or control.get("aria-label") or control.xpath("ancestor::label")
        if not named:
            yield f"control {control.get('name')!r} has no label"
    for control in page.xpath(WRONG_AT_ONCE):
        yield f"control {control.get('name')!r} is told to be wrong before anybody has touched it"


def _summary(page):
    """What is wrong is told in the order of the fields."""
    told = [link[1:] for link in page.xpath("//*[@data-error-summary]//a[starts-with(@href, '#')]/@href")]
    fields = [name for name in page.xpath("//@id") if name in told]
    if told != fields:
        yield f"the error summary tells of {', '.join(told)}; the fields are {', '.join(fields)}"


def _inline(page):
    yield from (f"inline style on <{tag.tag}>" for tag in page.xpath("//*[@style]"))
    for tag in page.xpath("//style | //script[not(@src)]"):
        if tag.get("type") not in DATA:
            yield f"inline <{tag.tag}>"
    for attribute in page.xpath("//@*[starts-with(name(), 'on')]"):
        yield f"event handler {attribute.attrname} on <{attribute.getparent().tag}>"
    for address in page.xpath("//@src"):
        if address.startswith(ELSEWHERE):
            yield f"<{address.getparent().tag}> loads {address}"


def _images(page):
    yield from (f"image {image.get('src')} without alt" for image in page.xpath("//img[not(@alt)]"))


def _marks(page):
    for mark in page.find_class("chip"):
        if not _text([mark]):
            yield f"a mark ({mark.get('class')}) without words"


def _words(page):
    """Words that only a style keeps apart run together in a browser's reading view."""
    for part in page.iter(*IN_LINE):
        after = part.getnext()
        if part.tail or after is None or after.tag not in IN_LINE or "button" in after.classes:
            continue
        ends = part.text_content()[-1:], after.text_content()[:1]
        if all(letter.isalnum() for letter in ends):
            yield f"words run together: {part.text_content()[-30:]}|{after.text_content()[:30]}"


def _text(tags) -> str:
    return " ".join(tags[0].text_content().split()) if tags else ""
