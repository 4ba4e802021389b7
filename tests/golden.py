"""Mails as files that a person can read: tests/emails/<name>.txt. `WRITE_EMAILS=1 pytest` writes them anew."""

import os
import re
from pathlib import Path

from .email_html import check_email_html

FOLDER = Path(__file__).parent / "emails"


def as_text(mail, **words: str) -> str:
    """A row of the outbox as a person would read it; `words` (NAME="what it is now") are written as NAME."""
    head = [f"To: {mail.to_name} <{mail.to_address}>".replace(":  <", ": <"), f"Subject: {mail.subject}"]
    if mail.reply_to_address:
        head.append(f"Reply-To: {mail.reply_to_name} <{mail.reply_to_address}>")
    text = "\n".join(head) + "\n\n" + mail.text_body
    if mail.calendar_text:
        text += f"\n---- calendar, {mail.calendar_method} ----\n" + mail.calendar_text.replace("\r\n", "\n")
    text = re.sub(r"(?m)^DTSTAMP:\d{8}T\d{6}Z$", "DTSTAMP:NOW", text)
    for name, word in words.items():
        text = text.replace(word, name)
    return text


def check_email(mail, name: str, **words: str) -> None:
    """Fail unless the mail reads as its golden file does, and its HTML part holds in mail programs."""
    check_email_html(mail.html_body, text=mail.text_body)
    path, text = FOLDER / f"{name}.txt", as_text(mail, **words)
    if os.environ.get("WRITE_EMAILS"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"tests/emails/{name}.txt is missing; WRITE_EMAILS=1 writes it"
    assert text == path.read_text(encoding="utf-8")
