"""Appointments are asked for through the contact form."""

from flask import Blueprint, redirect, url_for

bp = Blueprint("booking", __name__)


@bp.get("/book")
def services():
    return redirect(url_for("contact.form", topic="An appointment"))
