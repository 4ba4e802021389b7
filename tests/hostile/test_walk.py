"""Every address is fed by who gets furthest there, in each name that it reads."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_app.extensions import db

from ..stored import OWN
from ..tally import LONG
from . import answers, doors, feeding, mails, texts
from .site import Site

TEXTS, EACH = (texts.ALL, None) if LONG else (texts.QUICK, 1)  # so many of them for each name
CONTROLS = st.characters(codec=None, categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
SIGNS = st.sampled_from("<>&'\"{}%/\\=")
TEXT = st.text(st.one_of(st.characters(codec=None), CONTROLS, SIGNS), max_size=60)
SOME = settings(
    max_examples=20_000 if LONG else 60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PAGES = ("/", "/contact", "/blog/search?q=x", "/book", "/a/x", "/staff", "/staff/sign-in")

# A file that a form brings in place of text is let go of unread.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def site(app):
    return Site(app)


@pytest.fixture
def found(site, looked_for):
    """All doors, which are looked for once on each database: asking at every one of them takes long."""
    kind = db.engine.dialect.name
    if kind not in looked_for:
        looked_for[kind] = doors.find_all(site), site.harvested
    doors_found, site.harvested = looked_for[kind]
    for door in doors_found:
        door.arguments = site.arguments(door.rule)
    return doors_found


@pytest.fixture(scope="session")
def looked_for():
    """(doors, what their pages told of further addresses) by kind of database."""
    return {}


def test_whatever_is_sent_is_answered_and_nothing_comes_back_raw(site, found, tally):
    assert len(found) > 190
    assert sum(len(door.names) for door in found) > 400
    faults = [fault for door in found for fault in feeding.feed(site, door, TEXTS, each=EACH)]
    faults += [fault for door in found for fault in feeding.feed_with_odd_bodies(site, door, each=EACH)]
    mails.check_all()
    assert not faults, "\n".join(faults)
    figures = {"faults": len(TEXTS), "tried": site.asked, "survived": site.asked}
    tally("texts and bodies that mean no good", db.engine.dialect.name, **figures, remarks="requests answered")


@SOME
@given(data=st.data())
def test_any_text_is_answered_in_any_place(site, found, data):
    door = data.draw(st.sampled_from([door for door in found if door.names]))
    fed = {name: data.draw(TEXT) for name in door.names}
    assert not feeding.send(site, door, *feeding.request(door, fed))


def test_what_is_put_back_is_all_that_was_there(site):
    before = everything()
    site.open("owner", "POST", "/staff/enquiries/templates", data={"name": "x", "text": "x"})
    assert everything() != before
    site.put_back()
    assert everything() == before


def everything() -> dict[str, list]:
    """The rows of all tables, but for the version of the content, which goes on."""
    with db.engine.connect() as connection:
        tables = [table for table in db.metadata.sorted_tables if table.name not in OWN]
        return {table.name: sorted(map(str, connection.execute(table.select()))) for table in tables}


def test_no_text_becomes_a_header_of_a_mail(site):
    stranger, sent = site.client("stranger"), [*texts.HEADERS, *texts.MARKUP, *texts.ENCODINGS]
    typed = {path: site.typed(path) for path in ("/contact", f"/book/visit/robin/{site.free_start()}")}
    for text in sent:
        for path, fields in typed.items():
            fed = fields | {"name": f"Kit {text}"[:150], "message": f"{text}x", "note": text}
            stranger.post(path, data=feeding.body(fed), content_type=feeding.FORM)
    assert mails.check_all() >= len(sent)


def test_no_header_of_a_request_does_harm(site):
    """Headers are read before any database is asked: half of the pages are asked for on each."""
    client, faults = site.client("stranger"), []
    for path in PAGES[db.engine.dialect.name == "sqlite" :: 2]:
        for name in texts.REQUEST_HEADERS:
            for text in texts.IN_HEADERS:
                answer = client.get(path, headers={name: text.encode().decode("latin-1")})
                faults += answers.faults(answer, method=f"{name}: {text[:60]!a}", path=path)
    assert not faults, "\n".join(faults)
