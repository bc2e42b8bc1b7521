"""What of the council the visitor may know: accounts may be limited to some agreements."""

from __future__ import annotations

from accord.base.errors import NotFoundError
from accord.node.agreements import AgreementView, list_agreements
from accord.node.councils import (
    BodyView,
    MotionList,
    MotionView,
    community,
    group_titles,
    motion,
    motion_list,
)
from accord.node.groups import GroupView, group, groups
from accord.node.sessions import agenda_of, list_sessions
from accord.rules.community.sessions import Session
from accord.web.visit import Visit

_SETTLED = 30  # on a page


def motions_for(visit: Visit, after: str = "") -> MotionList:
    """The motions of the bodies that the visitor may know: what is settled in parts."""
    return motion_list(visit.node, lambda body: visit.knows(body), after, _SETTLED)


def motion_for(visit: Visit, name: str) -> MotionView:
    """One of them. Raises `NotFoundError`."""
    view = motion(visit.node, name)
    if not visit.knows(view.body):
        raise NotFoundError("node.motion-unknown", motion=name[:64])
    return view


def groups_for(visit: Visit) -> list[GroupView]:
    """The groups that the visitor may know: by their agreement, or by themselves."""
    return [view for view in groups(visit.node) if visit.knows(view.agreement, view.id)]


def group_for(visit: Visit, name: str) -> GroupView:
    """One of them. Raises `NotFoundError`."""
    view = group(visit.node, name)
    if not visit.knows(view.agreement, view.id):
        raise NotFoundError("node.group-unknown", group=name[:80])
    return view


def group_names(visit: Visit) -> dict[str, str]:
    """What the visitor calls the working groups: by the motion that authorised each."""
    return {
        group: titles.get(visit.language) or group
        for group, (body, titles) in group_titles(visit.node).items()
        if visit.knows(body)
    }


def sessions_for(visit: Visit) -> list[Session]:
    """The sessions of the bodies that the visitor may know, the last one first."""
    return [each for each in list_sessions(visit.node) if visit.knows(each.body)]


def session_for(visit: Visit, name: str) -> tuple[Session, list[str]]:
    """One of them with the hashes of its motions. Raises `NotFoundError`, `DeniedError`."""
    found, motions_of_it = agenda_of(visit.node, name)
    if not visit.knows(found.body):
        raise NotFoundError("node.session-unknown", session=name[:80])
    return found, motions_of_it


def bodies_for(visit: Visit) -> list[BodyView]:
    """Where the visitor may move something."""
    return [each for each in community(visit.node).bodies if visit.knows(each.body)]


def body_for(visit: Visit, body: str) -> str | None:
    """The body that is meant; without one the only one. Raises `NotFoundError`."""
    known = [each.body for each in bodies_for(visit)]
    if not known or (body and body not in known):
        raise NotFoundError("node.council-none")
    return body or (known[0] if len(known) == 1 else None)


def texts_for(visit: Visit) -> list[AgreementView]:
    """The texts of the agreements that the visitor may know."""
    return [view for view in list_agreements(visit.node) if visit.knows(view.id)]


def agreement_for(visit: Visit, agreement: str) -> str:
    """An agreement that the visitor may know. Raises `NotFoundError`."""
    if not visit.knows(agreement):
        raise NotFoundError("node.agreement-unknown", agreement=agreement[:100])
    return agreement
