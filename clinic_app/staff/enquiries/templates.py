"""The texts that staff answer enquiries with again and again."""

from flask import flash, redirect, render_template, request, url_for

from ...database import transaction
from ...enquiries import refusals, reply_templates
from ...enquiries.models import ReplyTemplate
from ..area import area, lock, record, row
from ..gone import REMOVED, Gone
from ..meanwhile import SavedMeanwhile
from .forms import TemplateForm

bp = area("templates", __name__, needs=("enquiries",))

NAME_TAKEN = "There is a template of this name already"


@bp.route("", methods=["GET", "POST"])
def index():
    form = TemplateForm()
    if form.validate_on_submit():
        try:
            with transaction():
                template = reply_templates.create(name=form.name.data, text=form.text.data)
                record("wrote", "reply template", template.id)
        except refusals.NameTaken:
            form.name.errors = [NAME_TAKEN]
        else:
            flash("The template is saved.")
            return redirect(url_for(".index"), 303)
    return _index(form)


@bp.route("/<int:template_id>", methods=["GET", "POST"])
def edit(template_id):
    try:
        template = row(ReplyTemplate, template_id)
    except Gone:
        if request.method != "POST":
            raise
        flash(f"{REMOVED} What you typed is below, to be saved as a new template.", "error")
        return _index(TemplateForm())
    form = TemplateForm(obj=template)
    if form.validate_on_submit():
        try:
            with transaction():
                template = lock(row(ReplyTemplate, template_id))
                form.refuse_outdated(TemplateForm(obj=template, formdata=None))
                reply_templates.change(template, name=form.name.data, text=form.text.data)
                record("changed", "reply template", template.id)
        except refusals.NameTaken:
            form.name.errors = [NAME_TAKEN]
        except SavedMeanwhile:
            pass  # the page tells it
        else:
            flash("The template is changed.")
            return redirect(url_for(".index"), 303)
    return render_template("staff/enquiries/template.html", form=form, template_id=template_id)


def _index(form: TemplateForm) -> str:
    return render_template("staff/enquiries/templates.html", form=form, templates=reply_templates.in_order())


@bp.post("/<int:template_id>/delete")
def delete(template_id):
    with transaction():
        template = row(ReplyTemplate, template_id)
        record("deleted", "reply template", template.id)
        reply_templates.delete(template)
    flash("The template is deleted.")
    return redirect(url_for(".index"), 303)
