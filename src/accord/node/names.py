"""Members and agreements by the names that people gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .node import Node


class Names:
    """The names of all members this node has a card of; `states`: how we stand with each peer."""

    def __init__(self, node: Node) -> None:
        peers = node.read(lambda tx: tx.peers.all())
        self.states = {row.member: row.state for row in peers}
        self.by_member = {row.member: row.name for row in peers} | {node.member: node.settings.name}

    def __getitem__(self, member: str) -> str:
        return self.by_member.get(member, member)

    def sorted(self) -> list[tuple[str, str]]:
        """Every member and its name, in the order of the names."""
        return sorted(self.by_member.items(), key=lambda each: each[1].casefold())

    def like(self, words: str) -> set[str]:
        """The members whose name holds these words, or whose id begins so."""
        asked = words.strip().casefold()
        return {
            member
            for member, name in self.by_member.items()
            if asked in name.casefold() or member.startswith(asked)
        }

    def all(self, members: tuple[str, ...]) -> str:
        """Several of them, in one line."""
        return ", ".join(self[member] for member in members)


def agreement_names(node: Node) -> dict[str, str]:
    """The short name of each agreement, by id."""
    return {
        known.id: next(iter(known.texts.values())).proposal.terms.name
        for known in node.facts_now().agreements.values()
        if known.texts
    }


def agreement_titles(node: Node, language: str) -> dict[str, str]:
    """The title of each agreement's newest text in `language`, by id."""
    found = {}
    for known in node.facts_now().agreements.values():
        if known.texts:
            terms = next(reversed(known.texts.values())).proposal.terms
            found[known.id] = terms.titles.get(language, terms.name)
    return found
