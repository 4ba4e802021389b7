"""Where the links in mails to staff lead. Nobody signs in yet, so the page shows nothing of an enquiry."""

from flask import Blueprint, render_template

bp = Blueprint("staff", __name__, url_prefix="/staff")


@bp.get("/enquiries/<reference>")
def enquiry(reference):
    return render_template("staff/enquiry.html"), 200, {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
