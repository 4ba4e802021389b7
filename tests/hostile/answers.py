"""What has to hold of every answer, whatever was sent."""

import csv
import io
import re
from urllib.parse import urljoin, urlsplit

from lxml import html

from clinic_app.csv_files import FORMULA_SIGNS
from tests.page import faults_of

from .texts import HOSTILE

RUN = "982007569"  # 31337 * 31337: an expression of ours that somebody has evaluated
LEAKS = re.compile(r"Traceback \(most recent|sqlalchemy\.|psycopg|werkzeug\.|jinja2\.|/clinic_app/")
ADDRESSES = ("href", "src", "action", "formaction")
ALWAYS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy")
REDIRECTS = (301, 302, 303, 308)


def faults(answer, *, method: str, path: str) -> list[str]:
    """What is wrong with the answer, each with the request that brought it."""
    found = [*_status(answer), *_headers(answer, path), *_body(answer)]
    return [f"{method} {path[:300]!a}: {fault}" for fault in found]


def _status(answer):
    if answer.status_code >= 500:
        yield f"status {answer.status_code}"


def _headers(answer, path):
    for name, value in answer.headers:
        if "\r" in value or "\n" in value or HOSTILE in name.lower():
            yield f"header {name}: {value!a}"
    yield from (f"no {name}" for name in ALWAYS if name not in answer.headers)
    if "Set-Cookie" in answer.headers and not path.startswith("/staff"):
        yield "a cookie outside the staff area"
    if location := answer.headers.get("Location"):
        here = "http://localhost/staff/sign-in"
        if (
            urlsplit(urljoin(here, location.strip().replace("\\", "/"))).netloc != "localhost"
        ):  # as browsers read it
            yield f"leads to {location!a}"


def _body(answer):
    if "Content-Encoding" in answer.headers or answer.mimetype.startswith(("image/", "font/")):
        return
    text = answer.get_data(as_text=True)
    if RUN in text:
        yield "evaluates what was sent"
    if leak := LEAKS.search(text):
        yield f"tells of the program: {leak[0]}"
    if answer.mimetype == "text/html" and answer.status_code not in REDIRECTS:
        page = html.document_fromstring(text)
        if not answer.request.path.endswith("/body"):  # a mail, which has rules of its own
            yield from faults_of(page)
        if HOSTILE in text:
            yield from _reflected(page)
    if answer.mimetype == "text/csv":
        yield from _formulas(text)


def _reflected(page):
    """What was sent, as markup. Event handlers and scripts are looked for on every page besides: tests.page."""
    if page.xpath(f"//*[@id='{HOSTILE}'] | //svg[@onload]"):
        yield "shows what was sent as markup"
    if page.xpath(f"//script[not(@type='application/ld+json')][contains(., '{HOSTILE}')]"):
        yield "what was sent stands in a script"
    for name in ADDRESSES:
        for value in page.xpath(f"//@{name}"):
            if re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE):
                yield f"{name}={value!a}"


def _formulas(text):
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))):
        for cell in row:
            if cell and cell[0] in FORMULA_SIGNS and not re.fullmatch(r"-?[\d.]+", cell):
                yield f"a formula in a cell: {cell!a}"
