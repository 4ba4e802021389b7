"""Is the site well? The checks of `flask doctor`, for who looks after it."""

from flask import render_template, request

from .area import area

bp = area("health", __name__, needs=("mail",))

WORST_FIRST = ("fail", "warn", "ok")


@bp.get("")
def index():
    """Other machines, such as the mail server, are asked only on demand: that can take seconds."""
    from ..health import report  # with all its checks, and only for who looks

    asking_others = "ask" in request.args
    found = sorted(
        report.findings(asking_others=asking_others), key=lambda finding: WORST_FIRST.index(finding.state)
    )
    return render_template(
        "staff/health/index.html", found=found, worst=report.worst(found), asking_others=asking_others
    )
