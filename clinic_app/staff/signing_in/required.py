"""Where the setting `staff_second_factor` is "required": who has no second factor gets nowhere else."""

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user

from ...paths import is_staffs

SETTING_UP = {
    "staff.account.second_step",
    "staff.account.changed",
    "security.logout",
    "security.verify",
    "security.two_factor_setup",
    "security.two_factor_setup_validate",
    "security.wan_register",
    "security.wan_register_response",
    "security.wan_delete",
}


def init_app(app: Flask) -> None:
    """Ask at every door of staff's."""
    app.before_request(_ask)


def _ask():
    if not is_staffs(request.path) or current_app.config["CLINIC"].staff_second_factor != "required":
        return None
    if not current_user.is_authenticated or current_user.has_second_factor or request.endpoint in SETTING_UP:
        return None
    return redirect(url_for("staff.account.second_step"))
