"""The page to open in the morning: what waits, and today's appointments."""

from flask import Blueprint, render_template

bp = Blueprint("queue", __name__)


@bp.get("")
def index():
    return render_template("staff/queue.html")
