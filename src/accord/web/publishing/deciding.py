"""A releaser decides about a draft: it goes, with what was still missing, or it is dropped."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.base.messages import say
from accord.node.drafts import SOURCE, Draft, discard_draft, release_draft
from accord.node.entering import prove_again
from accord.node.tokens import Reader
from accord.web.forms import Form
from accord.web.room import act
from accord.web.visit import Visit

from .drafts import draft_for, show_one
from .offers import offer_for
from .ordering import addition_in
from .send import published, where_told


@act("/drafts/{draft:str}/release", "approve", example="draft")
def release(visit: Visit, form: Form, draft: FromPath[str]) -> Response[bytes]:
    """Publish it. The visitor is a releaser and not its author; both stand in the envelope."""
    found = draft_for(visit, draft)
    if found.author == visit.reader.name:
        raise DeniedError("node.draft-own", name=visit.reader.name)
    offer = offer_for(visit, found.agreement)
    try:
        added, second = addition_in(visit, form, offer), _second(visit, form, found)
        done = release_draft(visit.node, found.id, visit.reader, added, second=second)
    except NotFoundError:
        raise  # another releaser was faster: there is nothing left to show
    except (InputError, DeniedError, ConflictError) as error:
        typed = {name: each for name, each in form.typed().items() if name != "second_password"}
        return show_one(visit, found, typed, error.message)
    return visit.go(where_told(found.agreement, found.objects), published(visit, done))


@act("/drafts/{draft:str}/discard", "draft", example="draft")
def discard(visit: Visit, draft: FromPath[str]) -> Response[bytes]:
    """Drop it; its author may, and any releaser."""
    discard_draft(visit.node, draft_for(visit, draft).id, visit.reader)
    return visit.go("/drafts", say("publishing.draft-dropped"))


def _second(visit: Visit, form: Form, draft: Draft) -> Reader | None:
    """The further releaser that what came from a source needs, who signs at the same desk."""
    if not draft.author.startswith(SOURCE) or not form.maybe("second_name"):
        return None
    name = form.text("second_name", visit.t("publishing.second-name")).lower()
    password = form.secret("second_password", visit.t("publishing.second-password"))
    return prove_again(visit.node, name, password)
