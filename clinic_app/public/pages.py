"""Home, privacy, and what machines ask for."""

from flask import Blueprint

bp = Blueprint("pages", __name__)


@bp.get("/healthz")
def healthz():
    return {"status": "ok"}
