"""Lists in parts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from accord.base.paging import part_of


@given(st.sets(st.text(min_size=1)), st.integers(1, 7))
def test_the_parts_one_after_another_are_the_list(names: set[str], most: int) -> None:
    rows, found, after = sorted(names), list[str](), ""
    while True:
        part = part_of(rows, str, after, most)
        assert len(part.rows) <= most
        assert part.after == after
        found += part.rows
        after = part.next
        if not after:
            break
    assert found == rows


def test_what_came_before_the_row_moves_nothing_and_without_the_row_the_list_begins() -> None:
    assert part_of(["a", "b", "b2", "c"], str, "b", 1).rows == ["b2"]
    assert part_of(["0", "a", "b", "c"], str, "b", 1).rows == ["c"]
    gone = part_of(["a", "c"], str, "b", 1)
    assert (gone.rows, gone.after) == (["a"], "")
