"""Every address that the site answers, with what each reads: found by asking, so that new ones are among them."""

import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from lxml import html
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from .answers import REDIRECTS
from .site import Site

METHODS = ("GET", "POST")
PLAUSIBLE = {
    "email": "kit@example.org",
    "tel": "0491 570 006",
    "date": "2026-12-01",
    "password": "a long enough password",
    "checkbox": "y",
    "file": "",
}
EVERYBODY = ("owner", "stranger", "halfway")
BEFORE_SIGN_IN = ("security.", "welcome.")  # doors that an owner who is in does not get through


@dataclass
class Door:
    """One way in: `arguments` of its address, `queries` it reads behind `?`, `fields` of its form, all valid."""

    rule: object
    method: str
    who: str = "owner"
    arguments: dict[str, str] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        return self.rule.endpoint

    @property
    def names(self) -> list[tuple[str, str]]:
        """What can be fed: (kind, name)."""
        kinds = {"argument": self.arguments, "query": self.queries, "field": self.fields}
        return [(kind, name) for kind, values in kinds.items() for name in sorted(values)]

    def path(self, **changes: str) -> str:
        """The address, percent-encoded."""
        values = self.arguments | changes
        return re.sub(r"<(?:[^<>:]+:)?([^<>]+)>", lambda match: encoded(str(values[match[1]])), self.rule.rule)


def encoded(text: str) -> str:
    """Percent-encoded, half characters too, as only broken programs send them."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


class Asked(ImmutableMultiDict):
    """What a form or an address brings, and which names of it were asked for."""

    names: set[str] = set()

    def __getitem__(self, key):
        self.names.add(key)
        return super().__getitem__(key)

    def get(self, key, *args, **kwargs):
        self.names.add(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key, *args, **kwargs):
        self.names.add(key)
        return super().getlist(key, *args, **kwargs)

    def __contains__(self, key):
        self.names.add(key)
        return super().__contains__(key)


def all_of(site: Site, methods: tuple[str, ...] = METHODS) -> list[Door]:
    """Every door that takes these, in the order of their addresses; what each reads is yet to be found."""
    rules = sorted(site.app.url_map.iter_rules(), key=lambda rule: rule.rule)
    doors = [Door(r, method) for r in rules if not r.build_only for method in methods if method in r.methods]
    for door in doors:
        door.arguments = site.arguments(door.rule)
    return doors


def find_all(site: Site) -> list[Door]:
    """Every door of the site, in the order of their addresses."""
    request_class = site.app.request_class
    site.app.request_class = type("AskedRequest", (request_class,), {"parameter_storage_class": Asked})
    try:
        doors = all_of(site)
        pages = [page for door in doors for page in _knocked(site, door)]
    finally:
        site.app.request_class = request_class
    _add_forms(site, doors, pages)
    for door in doors:
        door.arguments = site.arguments(door.rule)
    return doors


def _knocked(site: Site, door: Door) -> list[str]:
    """Ask with nothing, whoever it is; note what is read, and who gets furthest. Gives the pages seen."""
    pages, furthest = [], -1
    for who in EVERYBODY if door.endpoint.startswith(BEFORE_SIGN_IN) else ("owner",):
        door.arguments, Asked.names = site.arguments(door.rule), set()
        answer = site.open(who, door.method, door.path(), data={} if door.method == "POST" else None)
        read = dict.fromkeys((n for n in Asked.names if isinstance(n, str) and n.isprintable()), "")
        (door.queries if door.method == "GET" else door.fields).update(read)
        reached = 2 * len(read) + (answer.status_code == 200)
        if reached > furthest:
            door.who, furthest = who, reached
        if answer.mimetype == "text/html" and answer.status_code not in REDIRECTS:
            pages.append(answer.text)
        site.put_back()
    return pages


def _add_forms(site: Site, doors: list[Door], pages: list[str]) -> None:
    """What the pages' forms send, and where to."""
    by_name = {(door.endpoint, door.method): door for door in doors}
    for page in pages:
        for form in html.document_fromstring(page).forms:
            endpoint, arguments = _goes_to(site, form)
            if door := by_name.get((endpoint, form.method)):
                (door.fields if door.method == "POST" else door.queries).update(_values(form))
                if endpoint.startswith("security.") and arguments:
                    site.harvested |= {f"{endpoint}:{name}": value for name, value in arguments.items()}


def _goes_to(site: Site, form) -> tuple[str | None, dict]:
    try:
        return site.app.url_map.bind("localhost").match(urlsplit(form.action or "").path, method=form.method)
    except HTTPException:
        return None, {}


def _values(form) -> dict[str, str]:
    """What a browser would send, with something plausible in what is empty."""
    values = {}
    for control in form.xpath(".//input | .//select | .//textarea | .//button"):
        if name := control.get("name"):
            values[name] = values.get(name) or _value(control)
    return values


def _value(control) -> str:
    if control.tag == "select":
        return control.value or next(iter(control.value_options), "")
    if control.tag == "textarea":
        return (control.text or "").strip() or "Some words."
    return control.get("value") or PLAUSIBLE.get(control.get("type"), "Words")
