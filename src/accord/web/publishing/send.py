"""Publish what was previewed, or hand it to the releasers."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from litestar import Response

from accord.base.errors import ConflictError, DeniedError, InputError
from accord.base.messages import Message, say
from accord.node.drafts import make_draft
from accord.node.publish import Publication, publish
from accord.web.forms import Form
from accord.web.room import act
from accord.web.visit import Visit

from .compose import faults_of, show_form, typed_in
from .offers import offer_for
from .ordering import objects_in, order_in


@act("/publish/send", "publish")
def send(visit: Visit, form: Form) -> Response[bytes]:
    """Append, grant, wake the peers. What would reach nobody stops the whole set."""
    offer = offer_for(visit, form.text("agreement"))
    try:
        raws = objects_in(visit, form)
        done = publish(visit.node, raws, order_in(visit, form, offer))
    except (InputError, DeniedError, ConflictError) as error:
        faults = faults_of(error)
        return show_form(visit, offer, typed_in(form), fault=error.message, faults=faults)
    return visit.go(where_told(offer.id, raws), published(visit, done))


@act("/publish/draft", "draft")
def hand_over(visit: Visit, form: Form) -> Response[bytes]:
    """Keep it as a draft until a releaser, who is not its author, lets it go."""
    offer = offer_for(visit, form.text("agreement"))
    try:
        raws = objects_in(visit, form)
        draft = make_draft(visit.node, visit.reader, raws, order_in(visit, form, offer))
    except (InputError, DeniedError, ConflictError) as error:
        faults = faults_of(error)
        return show_form(visit, offer, typed_in(form), fault=error.message, faults=faults)
    return visit.go(f"/drafts/{draft.id}", say("publishing.handed", count=len(draft.objects)))


def where_told(agreement: str, raws: Sequence[bytes]) -> str:
    """Where one sees who got it and why: for one object on its own page, else in the list."""
    if len(raws) == 1:
        found = _read_id.decode(raws[0]).id
        return f"/intelligence/objects/{quote(found, safe='')}?view=given"
    return f"/intelligence?agreement={agreement}"


class _Named(msgspec.Struct):
    id: str


_read_id = msgspec.json.Decoder(_Named)


def published(visit: Visit, done: Publication) -> Message:
    """What was published, and who is granted how much."""
    given = [f"{visit.names[member]} ({n})" for member, n in done.granted.items() if n]
    members = ", ".join(given[:10]) + (" …" if len(given) > 10 else "")
    if not done.published:
        return say("publishing.sent-before", count=done.already)
    return say("publishing.sent", count=done.published, members=members or "–")
