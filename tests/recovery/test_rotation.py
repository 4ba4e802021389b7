"""Backups that are kept: enough days, enough weeks, never none."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinic_app.recovery import rotation

NIGHT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
INSTANTS = st.integers(-5000, 5000).map(lambda hours: NIGHT + timedelta(hours=hours))


def nightly(count: int) -> list[datetime]:
    return [NIGHT - timedelta(days=n) for n in range(count)]


def test_a_nights_backup_is_kept_for_so_many_days_and_then_one_of_each_week():
    kept = sorted(rotation.kept(nightly(400), days=7, weeks=4), reverse=True)
    assert kept[:7] == nightly(7)
    sundays = [instant for instant in nightly(400) if instant.isoweekday() == 7]
    assert set(kept[7:]) | {kept[0]} >= set(sundays[1:3])
    assert len(kept) == 9  # of the four weeks, two have their newest among the seven days


@given(st.lists(INSTANTS, unique=True), st.integers(0, 20), st.integers(0, 20))
def test_the_newest_is_always_kept_and_no_more_than_asked(instants, days, weeks):
    kept = rotation.kept(instants, days=days, weeks=weeks)
    assert kept <= set(instants)
    assert not instants or max(instants) in kept
    assert len(kept) <= days + weeks + 1


@given(st.lists(INSTANTS, unique=True), st.integers(1, 9), st.integers(0, 9))
def test_rotating_twice_removes_no_more_than_rotating_once(instants, days, weeks):
    once = rotation.kept(instants, days=days, weeks=weeks)
    assert rotation.kept(once, days=days, weeks=weeks) == once


@given(st.lists(INSTANTS, unique=True, min_size=1), st.integers(1, 9), st.integers(0, 9))
def test_each_of_the_last_days_that_has_any_keeps_its_newest(instants, days, weeks):
    kept = rotation.kept(instants, days=days, weeks=weeks)
    for day in sorted({instant.date() for instant in instants}, reverse=True)[:days]:
        assert max(instant for instant in instants if instant.date() == day) in kept


@given(INSTANTS, st.booleans())
def test_a_name_tells_when(instant, encrypted):
    name = rotation.name_for(instant, encrypted=encrypted)
    assert rotation.made_at(name) == instant.replace(microsecond=0)


def test_other_files_in_the_folder_are_left_alone(tmp_path):
    others = [
        "clinic.tar.gz",
        "clinic-20269924T160000Z.tar.gz",
        "clinic-20261124T160000Z.tar.gz.part",
        "notes.txt",
    ]
    names = [rotation.name_for(instant, encrypted=True) for instant in nightly(30)]
    for name in others + names:
        (tmp_path / name).touch()
    gone = rotation.rotate(tmp_path, {*names, *others}, days=3, weeks=0)
    assert len(gone) == 27
    assert {path.name for path in tmp_path.iterdir()} == {*others, *names[:3]}


def test_backups_of_another_database_are_left_alone_and_count_for_nothing(tmp_path):
    others, ours = (
        [rotation.name_for(instant, encrypted=encrypted) for instant in nightly(30)] for encrypted in (True, False)
    )
    for name in others + ours:
        (tmp_path / name).touch()
    assert len(rotation.rotate(tmp_path, ours, days=3, weeks=0)) == 27
    assert {path.name for path in tmp_path.iterdir()} == {*others, *ours[:3]}


def test_what_a_killed_backup_left_long_ago_goes_and_no_other_file(tmp_path):
    left, other = (f".{rotation.name_for(at, encrypted=True)}.a1b2c3d4" for at in nightly(2)[::-1])
    others = {
        other,
        ".clinic-notes",
        ".clinic-20269924T160000Z.tar.gz.a1b2c3d4",
        rotation.name_for(NIGHT, encrypted=True),
    }
    for name in {left, *others}:
        (tmp_path / name).touch()
    rotation.remove_unfinished(tmp_path, before=NIGHT)
    assert {path.name for path in tmp_path.iterdir()} == others
