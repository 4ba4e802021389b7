"""What changed between two texts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.blog.diff import ADDED, REMOVED, SAME, Skipped, folded, lines

LINES = st.lists(
    st.sampled_from(["", "a", "b", "one two three", "one two four", "## Head", "- item", "ü 🙂"]), max_size=12
)


@settings(max_examples=300)
@given(LINES, LINES)
def test_both_texts_can_be_read_from_the_difference(before, after):
    found = lines("\n".join(before), "\n".join(after))
    old = [line for line in found if line.kind != ADDED]
    new = [line for line in found if line.kind != REMOVED]
    assert [line.text for line in old] == "\n".join(before).splitlines()
    assert [line.text for line in new] == "\n".join(after).splitlines()
    assert [line.before for line in old] == list(range(1, len(old) + 1))
    assert [line.after for line in new] == list(range(1, len(new) + 1))


def test_the_words_that_changed_in_a_line_are_marked():
    found = lines("Stay.\nRun ten slow kilometres.", "Stay.\nRun nine slow kilometres!")
    assert [line.kind for line in found] == [SAME, REMOVED, ADDED]
    assert [[piece.text for piece in line.pieces if piece.changed] for line in found] == [
        [],
        ["ten", "."],
        ["nine", "!"],
    ]


def test_changed_words_beside_each_other_are_one_change():
    found = lines("Roll slowly, both ways. Then rest.", "Roll slowly, to the left first. Then rest.")
    assert [[piece.text for piece in line.pieces if piece.changed] for line in found] == [
        ["both ways"],
        ["to the left first"],
    ]


def test_lines_that_are_nothing_alike_go_and_come_whole():
    found = lines("Shoes and laces.", "A hill at dawn?")
    assert [(line.kind, line.pieces[0].changed) for line in found] == [(REMOVED, True), (ADDED, True)]


def test_a_line_that_moved_among_new_ones_finds_its_partner():
    found = lines("one two three four", "brand new\none two three five\nnewer still")
    assert [(line.kind, line.before, line.after) for line in found] == [
        (ADDED, None, 1),
        (REMOVED, 1, None),
        (ADDED, None, 2),
        (ADDED, None, 3),
    ]


def test_lines_far_from_any_change_are_only_counted():
    before = [f"line {n}" for n in range(20)]
    after = [*before[:10], "changed", *before[11:]]
    shown = folded(lines("\n".join(before), "\n".join(after)))
    assert [each.count if isinstance(each, Skipped) else each.kind for each in shown] == [
        8,
        *(SAME, SAME, REMOVED, ADDED, SAME, SAME),
        7,
    ]
    assert folded(lines("a\nb", "a\nb")) == [Skipped(2)] and folded([]) == []


def test_long_texts_are_compared_in_moderate_time():
    before = "\n\n".join(f"Paragraph {n} " + "with some words " * 30 for n in range(1500))
    after = before.replace("with some", "with other")
    assert len(lines(before, after)) > 3000
