"""`python -m tests.pictures [NAME...]`: draws docs/pictures/, all or the named ones.

To add one, add a line to PICTURES: its path may hold what `demo.addresses` gives, such as {enquiry}.
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import time_machine
from flask import Flask
from PIL import Image

from clinic_app import create_app
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.browser import launched, new_context
from tests.server import served_here

from . import demo

FOLDER = Path(__file__).parent.parent.parent / "docs" / "pictures"
SERIFS = "Iowan Old Style|Palatino|URW Palladio|P052"  # see --serif in static/css/site.css


@dataclass(frozen=True)
class Picture:
    """A page, or the mail of a template, as the file `name`.png shows it."""

    name: str
    path: str
    scheme: str = "light"
    role: str = ""
    width: int = 1280
    height: int = 900


PICTURES = (
    Picture("home", "/", height=760),
    Picture("home-dark", "/", scheme="dark", height=760),
    Picture("times", "/book/follow-up/anyone", height=760),
    Picture("times-dark", "/book/follow-up/anyone", scheme="dark", height=760),
    Picture("slip", "/a/{link}?note=booked"),
    Picture("queue", "/staff", role="owner"),
    Picture("queue-dark", "/staff", scheme="dark", role="owner"),
    Picture("calendar", "/staff/calendar", scheme="dark", role="owner"),
    Picture("enquiry", "/staff/enquiries/{enquiry}", role="owner"),
    Picture("post", "/staff/posts/{post}", scheme="dark", role="owner"),
    Picture("mail", "mail:appointment_booked", width=640, height=720),
    Picture("mail-dark", "mail:appointment_booked", scheme="dark", width=640, height=720),
)


def main(names: list[str]) -> None:
    """Draw the pictures; a name that is none ends it."""
    known = {picture.name: picture for picture in PICTURES}
    if unknown := set(names) - set(known):
        sys.exit(f"No picture is called {', '.join(sorted(unknown))}. There are: {', '.join(known)}")
    _tell_of_missing_fonts()
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(demo.NOW), launched() as browser:
        app = site(Path(folder))
        facts, sessions = demo.addresses(app), {}
        with served_here(app) as url:
            for picture in [known[name] for name in names or known]:
                if picture.role and picture.role not in sessions:
                    sessions[picture.role] = demo.cookie_of(app, picture.role) | {"url": url}
                _draw(app, browser, url, picture, facts, sessions.get(picture.role))


def _tell_of_missing_fonts() -> None:
    found = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=False).stdout
    if not any(name in found for name in SERIFS.split("|")):
        print("No serif of the site's is on this machine, so headings look plain: apt install fonts-urw-base35")


def site(instance: Path) -> Flask:
    """The site with its starter content and the demo's people."""
    environ = {"CLINIC_RATE_LIMITS": "off", "CLINIC_PUBLIC_URL": "http://127.0.0.1"}
    app = create_app(instance=instance, environ=environ)
    app.test_cli_runner().invoke(args=["setup"], catch_exceptions=False)
    demo.fill(app)
    return app


def _draw(app: Flask, browser, url: str, picture: Picture, facts: dict, cookie: dict | None) -> None:
    size = {"width": picture.width, "height": picture.height}
    context = new_context(browser, base_url=url, viewport=size, color_scheme=picture.scheme)
    if cookie:
        context.add_cookies([cookie])
    page = context.new_page()
    kind, _, rest = picture.path.partition(":")
    if kind == "mail":
        page.set_content(mail_html(app, rest))
    else:
        answer = page.goto(picture.path.format(**facts))
        assert answer.status == 200, f"{picture.path} answered {answer.status}"
    page.wait_for_load_state("networkidle")
    _save(picture.name, page.screenshot())
    context.close()


def mail_html(app: Flask, name: str) -> str:
    with app.app_context():
        query = db.select(OutboxMail.html_body).filter_by(name=name)
        return db.session.scalars(query.order_by(OutboxMail.id)).first()


def _save(name: str, content: bytes) -> None:
    """As a PNG of 256 colours: a third of the bytes, and no eye tells them apart."""
    image = Image.open(BytesIO(content)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    FOLDER.mkdir(parents=True, exist_ok=True)
    image.save(FOLDER / f"{name}.png", optimize=True)
    print(f"docs/pictures/{name}.png", (FOLDER / f"{name}.png").stat().st_size)


if __name__ == "__main__":
    main(sys.argv[1:])
