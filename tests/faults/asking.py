"""What one visitor asks of a served site, and is answered."""

import itertools
import urllib.error
import urllib.parse
import urllib.request
from datetime import timedelta

from clinic_app import clock
from clinic_app.web import form_token
from clinic_app.web.times import start_text

NUMBERS = itertools.count(1)  # of people, none of whom comes twice


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(_Stay)


def read(site, path: str, cookie: str = "") -> tuple[int, str]:
    """The status and the page."""
    return _ask(urllib.request.Request(site.server.url + path, headers=_headers(cookie)))[:2]


def send(site, path: str, form: dict, cookie: str = "") -> tuple[int, str, str]:
    """The status, the page, and where it leads."""
    body = urllib.parse.urlencode(form).encode()
    return _ask(urllib.request.Request(site.server.url + path, body, headers=_headers(cookie)))


def _headers(cookie: str) -> dict:
    return {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"} if cookie else {}


def _ask(request) -> tuple[int, str, str]:
    try:
        with _opener.open(request, timeout=120) as answer:
            return answer.status, answer.read().decode(), ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers.get("Location", "")


def enquiry_form() -> tuple[str, dict]:
    """The address and the fields of an enquiry, as somebody new would send them."""
    number = next(NUMBERS)
    message = f"I’d come by car, with {number} friends. Do you have parking?"
    return "/contact", _person(number) | {"topic": "A question", "message": message}


def appointment_form() -> tuple[str, dict]:
    """The same of an appointment with Robin, at a time that nobody else has asked for."""
    number = next(NUMBERS)
    start = clock.instant_of(clock.today() + timedelta(days=3)) + timedelta(minutes=15 * number)
    return f"/book/visit/robin/{start_text(start)}", _person(number) | {"visits": "new"}


def _person(number: int) -> dict:
    return {"name": "Kit Example", "email": f"kit{number}@example.org", "phone": "", "token": form_token.new()}
