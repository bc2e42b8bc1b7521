"""The community that pages are tested with holds what its story says. No browser is needed."""

from __future__ import annotations

from accord.node import agreements, councils
from accord.node.drafts import list_drafts
from accord.node.permissions import list_permissions
from accord.node.recalling import recall_tables
from accord.node.waiting import list_waiting
from tests.browser.seeding import Story


def test_meridia_finds_something_of_everything(story: Story) -> None:
    node, made = story["meridia"], story.made
    states = {
        name: [view.standing.state for view in agreements.show(node, agreement)]
        for name, agreement in made.agreements.items()
    }
    assert states["in-force"] == ["in-force", "proposed"]
    assert states["proposed"] == ["proposed"]
    assert {views[0] for views in states.values()} >= {"in-force", "proposed"}
    motions = {name: councils.motion(node, motion).state for name, motion in made.motions.items()}
    assert motions["adopted"] == "adopted"
    assert motions["rejected"] == "rejected"
    assert motions["open"] == motions["ours"] == motions["admission"] == "open"
    assert len(list_drafts(node)) == 3
    assert len(list_waiting(node)) == 3
    assert {asked.state for asked in list_permissions(node)} == {"granted", "open"}
    table = recall_tables(node)[-1]  # the first: tests of living parts order further ones
    assert (table.count("done"), table.count("refused")) == (3, 1)
    assert len(node.read(lambda tx: tx.peers.all())) == 3
