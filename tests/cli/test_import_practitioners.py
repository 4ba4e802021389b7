"""`flask import markdown` of practitioners and services."""

from datetime import time

import pytest

from clinic_app.booking import profiles

KIT = """---
name: Kit Example
role: Chiropractor
photo: ../images/kit.svg
photo_alt: Kit, smiling
position: 2
hours:
  tuesday: ["12:00-16:00", "16:30-20:00"]
  friday: ["22:00-01:00"]
---
Kit *likes* runners.
"""
VISIT = """---
name: First visit
minutes: 45
price: "120.50"
first_visit: true
position: 1
confirm: staff
---
For **anyone** new.
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("practitioners", "services", "images"):
        (tmp_path / name).mkdir()
    (tmp_path / "practitioners" / "kit-example.md").write_text(KIT)
    (tmp_path / "services" / "first-visit.md").write_text(VISIT)
    (tmp_path / "images" / "kit.svg").write_text("<svg><!-- kit --></svg>")
    return tmp_path


def change(path, old, new):
    path.write_text(path.read_text().replace(old, new))


def test_practitioners_and_services_come_in_whole(bring):
    result = bring()
    assert result.exit_code == 0, result.output
    kit, visit = profiles.practitioner("kit-example"), profiles.service("first-visit")
    assert kit.bio_html == "<p>Kit <em>likes</em> runners.</p>\n"
    assert kit.photo_url.startswith("/media/kit.")
    assert [(h.weekday, h.starts, h.ends) for h in kit.hours] == [
        (1, time(12), time(16)),
        (1, time(16, 30), time(20)),
        (4, time(22), time(1)),
    ]
    assert (visit.minutes, visit.price_cents, visit.first_visit, visit.confirm) == (45, 12050, True, "staff")
    assert kit.services == [visit]


def test_what_a_file_says_and_nothing_uses_is_told(bring, folder):
    assert "Not used" not in bring().output
    change(folder / "services" / "first-visit.md", "confirm: staff", "confirm: staff\nretierd: true\nkeys: [C]")
    change(folder / "practitioners" / "kit-example.md", "position: 2", "position: 2\ncancel_cutoff_hours: 12")
    told = bring().output.splitlines()
    assert "Not used of services: retierd (did you mean retired?), keys." in told
    assert "Not used of practitioners: cancel_cutoff_hours." in told


def test_again_nothing_changes_and_edits_are_updates(bring, folder):
    bring()
    assert "2 unchanged" in bring().output
    change(folder / "practitioners" / "kit-example.md", "22:00-01:00", "21:00-01:00")
    change(folder / "services" / "first-visit.md", "120.50", "$125")
    assert "2 updated" in bring().output
    assert profiles.service("first-visit").price_cents == 12500
    assert profiles.practitioner("kit-example").hours[-1].starts == time(21)


def test_a_practitioner_may_offer_some_services_only(bring, folder):
    (folder / "services" / "follow-up.md").write_text(VISIT)
    change(folder / "practitioners" / "kit-example.md", "position: 2", "position: 2\nservices: [follow-up]")
    assert bring().exit_code == 0
    assert [s.slug for s in profiles.practitioner("kit-example").services] == ["follow-up"]
    change(folder / "practitioners" / "kit-example.md", "[follow-up]", "[surgery]")
    assert "there is no service 'surgery'" in bring().output


@pytest.mark.parametrize(
    "file, old, new, reason",
    [
        (
            "services/first-visit.md",
            "minutes: 45",
            "minutes: many",
            "minutes should be a whole number from 5 to 720",
        ),
        ("services/first-visit.md", "minutes: 45", "", "minutes is empty"),
        ("services/first-visit.md", '"120.50"', "cheap", "price 'cheap' should be an amount"),
        ("services/first-visit.md", '"120.50"', "NaN", "price 'NaN' should be an amount"),
        ("services/first-visit.md", "confirm: staff", "confirm: later", 'confirm should be "instant" or "staff"'),
        ("practitioners/kit-example.md", "tuesday", "someday", "'someday' is not a day"),
        ("practitioners/kit-example.md", "12:00-16:00", "noon", "hours of tuesday should be periods"),
        ("practitioners/kit-example.md", "16:30-20:00", "15:30-20:00", "periods of a day in order"),
        ("practitioners/kit-example.md", "name: Kit Example", "", "name is empty"),
        (
            "practitioners/kit-example.md",
            "name: Kit Example",
            "name: Yes",
            "YAML takes for true; put it in quotes",
        ),
        (
            "practitioners/kit-example.md",
            "position: 2",
            "slug: anyone",
            "slug 'anyone' stands for every practitioner",
        ),
        ("practitioners/kit-example.md", "position: 2", "slug: all", "slug 'all' stands for every practitioner"),
        ("practitioners/kit-example.md", "position: 2", "left_on: 9999-12-31", "date of the years 1900 to 2999"),
    ],
)
def test_a_bad_file_is_named_with_its_reason_and_nothing_is_written(bring, folder, file, old, new, reason):
    change(folder / file, old, new)
    result = bring()
    assert result.exit_code != 0
    assert file in result.output and reason in result.output
    assert not profiles.services() and not profiles.practitioners()


def test_who_left_and_what_is_retired_is_offered_no_more(bring, folder):
    bring()
    change(folder / "practitioners" / "kit-example.md", "position: 2", "position: 2\nleft_on: 2026-01-31")
    change(folder / "services" / "first-visit.md", "position: 1", "position: 1\nretired: true")
    assert "2 updated" in bring().output
    assert (profiles.practitioners(), profiles.services()) == ([], [])


def test_a_nul_in_any_value_is_refused_by_the_dry_run(bring, folder):
    change(folder / "practitioners" / "kit-example.md", "role: Chiropractor", 'role: "Chiro\\0practor"')
    result = bring("--dry-run")
    assert result.exit_code == 1
    assert "practitioners/kit-example.md: rejected: holds a NUL character" in result.output
