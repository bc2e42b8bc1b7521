"""Several audiences for one object."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.ledger.envelope import Tlp
from accord.rules.community.shares import Share, check_shares, marking_for
from tests.rules.decisions.chamber import members

A, B, C, D = members(4)
LEVELS: tuple[Tlp, ...] = ("clear", "green", "amber", "amber+strict", "red")


def _share(tlp: Tlp, *audience: str) -> Share:
    return Share(frozenset(audience), tlp)


@pytest.mark.parametrize(
    "shares, keys",
    [
        ([_share("amber", A, B), _share("green", C, D)], []),
        ([_share("green", A), _share("amber", A, B, C)], []),
        ([_share("red", A), _share("amber", A, B, C)], ["rules.share-covered"]),
        ([_share("amber", A, B), _share("amber", B, A)], ["rules.share-covered"] * 2),
        ([_share("clear", A)], ["rules.share-looser"]),
        ([_share("amber")], ["rules.share-nobody"]),
    ],
)
def test_what_speaks_against_several_audiences_for_one_object(
    shares: list[Share], keys: list[str]
) -> None:
    assert [message.key for message in check_shares(shares, "green")] == keys


@given(
    st.lists(
        st.builds(Share, st.frozensets(st.sampled_from(members(4))), st.sampled_from(LEVELS)),
        max_size=4,
    ),
    st.sampled_from(members(4)),
)
def test_each_reader_has_the_loosest_marking_that_it_was_given_and_no_other(
    shares: list[Share], reader: str
) -> None:
    marking = marking_for(shares, reader)
    given_ = [share.tlp for share in shares if reader in share.audience]
    assert (marking is None) == (not given_)
    if marking is not None:
        assert marking in given_
        assert all(LEVELS.index(marking) <= LEVELS.index(each) for each in given_)
