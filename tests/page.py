"""Checks that hold for every HTML page of the site."""

from bs4 import BeautifulSoup

LABELLED = ("input", "select", "textarea")


def check_page(html: str, *, url: str) -> BeautifulSoup:
    """Fail, naming the page and the fault; give the parsed page."""
    page = BeautifulSoup(html, "html.parser")
    faults = [*_head(page), *_ids(page), *_forms(page), *_inline(page), *_images(page)]
    assert not faults, f"{url}: " + "; ".join(faults)
    return page


def _head(page):
    if not html_lang(page):
        yield "no language on <html>"
    headings = page.find_all("h1")
    if len(headings) != 1:
        yield f"{len(headings)} h1"
        return
    title, heading = _text(page.title), _text(headings[0])
    if not title.removeprefix("Error: ").startswith(heading):
        yield f"title {title!r} does not start with the h1 {heading!r}"


def html_lang(page) -> str | None:
    return page.html.get("lang") if page.html else None


def _ids(page):
    ids = [tag["id"] for tag in page.find_all(id=True)]
    for name in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"id {name!r} stands twice"
    for tag in page.find_all(attrs={"aria-describedby": True}):
        for name in tag["aria-describedby"].split():
            if name not in ids:
                yield f"aria-describedby names {name!r}, which is not there"
    for link in page.find_all("a", href=True):
        if link["href"].startswith("#") and link["href"][1:] not in ids:
            yield f"link to {link['href']}, which is not there"


def _forms(page):
    labels = {label.get("for") for label in page.find_all("label")}
    for form in page.find_all("form"):
        if not form.get("action"):
            yield "a form without an action"
    for control in page.find_all(LABELLED):
        if control.get("type") in ("hidden", "submit"):
            continue
        if control.get("id") not in labels and not control.get("aria-label") and not control.find_parent("label"):
            yield f"control {control.get('name')!r} has no label"


def _inline(page):
    for tag in page.find_all(style=True):
        yield f"inline style on <{tag.name}>"
    for tag in page.find_all(["script", "style"]):
        data = tag.get("type") in ("application/ld+json", "speculationrules")
        if tag.name == "style" or (not tag.get("src") and not data):
            yield f"inline <{tag.name}>"
    for tag in page.find_all(True):
        yield from (f"event handler {name} on <{tag.name}>" for name in tag.attrs if name.startswith("on"))
    for tag in page.find_all(src=True):
        if tag["src"].startswith(("http:", "https:", "//", "data:")):
            yield f"<{tag.name}> loads {tag['src']}"


def _images(page):
    for image in page.find_all("img"):
        if image.get("alt") is None:
            yield f"image {image.get('src')} without alt"


def _text(tag) -> str:
    return " ".join(tag.get_text().split()) if tag else ""
