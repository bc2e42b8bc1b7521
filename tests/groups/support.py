"""Four members under a charter and an agreement; the council authorises a group of two of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from accord.node import groups, rosters
from accord.node.agreements import AgreementView
from accord.node.groups import GroupView
from accord.node.node import Node
from accord.rules.decisions.bodies import group_id_of
from accord.rules.decisions.effects import Effect, History
from tests.node.council import chartered, move, run
from tests.node.support import Community

OPEN = 52  # hours for which a motion is open
NAMES = ("Alfa", "Bravo", "Charlie", "Delta")


class Council:
    """The community, its agreement, and what its members do about groups."""

    def __init__(self, community: Community, agreement: AgreementView) -> None:
        self.community, self.agreement = community, agreement

    @classmethod
    def convened(cls, community: Community) -> Council:
        """A charter of all, who decide by silence, and an agreement between all."""
        chartered(community)
        return cls(community, community.agree())

    def __getitem__(self, name: str) -> Node:
        return self.community[name]

    def authorise(self, *names: str, history: History = "all") -> str:
        """The council authorises a group with these first members; its id."""
        what = ("authorise", names, history)
        return self.community.staged(what, lambda: self._authorise(names, history))

    def _authorise(self, names: tuple[str, ...], history: History) -> str:
        effect = Effect(
            does="authorise-group",
            agreement=self.agreement.id,
            members=tuple(sorted(self[name].member for name in names)),
            rule={"by": "silence"},
            history=history,
        )
        sha256 = move(self["Delta"], effect, hours=OPEN)
        self.wait()
        return group_id_of(sha256)

    def wait(self) -> None:
        """A motion that nobody speaks against has become final."""
        run(self.community, 60, step=12)
        run(self.community, 12, step=4)
        self.community.settle(rounds=1)

    def closing(self) -> datetime:
        """When motions close here: so late that witnesses have seen in time who has them."""
        return self.community.clock.moment + timedelta(hours=OPEN)

    def exclude(self, group: str, by: str, member: str) -> None:
        """One member of the group moves that another no longer belongs."""
        groups.exclude(self[by], group, self[member].member, self.closing())
        self.wait()

    def admit(self, group: str, by: str, member: str, *, joins: bool = True) -> None:
        """One member of the group moves that it admit another, which joins."""
        groups.invite(self[by], group, self[member].member, self.closing())
        self.wait()
        if joins:
            groups.join(self[member], group)
            self.community.settle()

    def places(self, name: str, group: str) -> dict[str, str]:
        """Who is in the group as one member of it sees it, by name."""
        named = {node.member: name for name, node in self.community.nodes.items()}
        return {named[each.member]: each.place for each in groups.group(self[name], group).members}


def view(node: Node, group: str) -> GroupView:
    return groups.group(node, group)


def knows_nothing(node: Node) -> bool:
    """Whether a node has no fact about any group, and none is due."""
    return not node.facts_now().groups and not rosters.learn_rosters(node)
