"""Finding a person, seeing what is held of them, and giving it to them as a file."""

from collections.abc import Collection

from flask import redirect, render_template, url_for

from ... import database
from ...booking import privacy as appointments
from ...enquiries import privacy as enquiries
from ...enquiries import references
from ...mail import privacy as mails
from ...people import erasing, export, finding, links
from ...people.finding import Person
from ...people.identities import LONGEST, NAME, Identity, NotAnIdentity, parse
from ...web import downloads
from ...web.searches import words_asked
from ..area import record
from .area import bp, record_about, things, whose
from .forms import SearchForm

SHOWN = 30  # of each kind


@bp.route("", methods=["GET", "POST"])
def index():
    form = SearchForm(who=words_asked(longest=LONGEST))
    if form.validate_on_submit():
        try:
            identity = parse(form.who.data)
        except NotAnIdentity:
            form.who.errors = [SearchForm.UNREADABLE]
        else:
            with database.transaction():
                record("looked up a person")
            return redirect(url_for(".show", token=links.token_of([identity])), 303)
    return render_template("staff/people/index.html", form=form)


@bp.get("/<token>")
def show(token):
    identities = whose(token)
    with database.transaction():
        person = finding.find(identities)
        record_about("opened", person, what="all that is held")
    return render_template(
        "staff/people/show.html",
        token=token,
        person=person,
        enquiries=enquiries.newest(person.enquiries, count=SHOWN),
        appointments=appointments.newest(person.appointments, count=SHOWN),
        mails=mails.newest(person.mails, count=SHOWN),
        erased_before=erasing.erased_before(person),
        with_also=[(also, links.token_of([*identities, also])) for also in person.also_known_by],
        each_alone=[(one, links.token_of([one, *_named(person.only)])) for one in person.identities],
        **_by_name(person),
        shown=references.shown,
        things=things(person),
    )


def _by_name(person: Person) -> dict:
    """The names that are shown, each with a token for what is under it alone; the others, with one to add it."""

    def token(names: Collection[str]) -> str:
        return links.token_of([*person.identities, *_named(names)])

    is_last = len(person.others) == 1  # with it, nothing is left out
    return {
        "names": [(name, token([name])) for name in person.only or sorted(person.names())],
        "other_names": [(name, token(() if is_last else [*person.only, name])) for name in person.others],
    }


def _named(names: Collection[str]) -> list[Identity]:
    return [Identity(NAME, name) for name in names]


@bp.get("/<token>/export")
def file(token):
    identities = whose(token)
    with database.transaction():
        person = finding.find(identities)
        record_about("exported", person, what="all that is held")
    pieces = export.pieces(export.write(person))
    return downloads.attachment(pieces, name=export.file_name(), content_type="application/zip")
