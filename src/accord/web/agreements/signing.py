"""What a delegate does about a text: sign it, with a reservation or without, object, leave."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast, get_args

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import ConflictError, DeniedError, InputError
from accord.base.messages import Message, say
from accord.node.agreements import object_to, sign, withdraw
from accord.rules.acts import ObjectionSubject
from accord.rules.areas import area_name
from accord.rules.fields import Refused, as_input_error
from accord.rules.narrowing import NARROWABLE, ONWARD_ORDER
from accord.rules.purposes import purpose_name
from accord.rules.reserving import Direction, Reservation, reservation_of
from accord.stix.markings import PAP_ORDER, TLP_ORDER
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .known import text_of, title_of
from .showing import articles

_REASON = 2_000
_LISTS = ("areas", "purposes", "object_types")
_LEVELS = ("tlp_ceiling", "pap_ceiling", "onward")
_FLAGS = ("personal_data", "exercise")


@page("/agreements/{agreement:str}/sign", "sign", example="agreement")
def sign_form(visit: Visit, agreement: FromPath[str], sha256: str = "") -> Response[bytes]:
    """Who signs, in which office, and what is reserved."""
    return _form(visit, "sign", agreement, sha256, {})


@act("/agreements/{agreement:str}/sign", "sign", example="agreement")
def sign_text(visit: Visit, form: Form, agreement: FromPath[str]) -> Response[bytes]:
    """Sign the text that was read, by its hash."""

    def do() -> Message:
        sign(
            visit.node,
            agreement,
            sha256=form.text("sha256"),
            person=form.text("person", visit.t("agreements.person")),
            office=form.text("office", visit.t("agreements.office")),
            reservation=_reservation(visit, form),
        )
        return say("agreements.signed")

    return _done(visit, "sign", agreement, form, do)


@page("/agreements/{agreement:str}/object", "sign", example="agreement")
def object_form(
    visit: Visit, agreement: FromPath[str], sha256: str = "", about: str = "", member: str = ""
) -> Response[bytes]:
    """Against whose reservation or accession, or against the renewal, and why."""
    typed = {"about": [about], "member": [member]}
    return _form(visit, "object", agreement, sha256, typed)


@act("/agreements/{agreement:str}/object", "sign", example="agreement")
def object_to_act(visit: Visit, form: Form, agreement: FromPath[str]) -> Response[bytes]:
    """Say so to every party."""

    def do() -> Message:
        about = form.choice("about", get_args(ObjectionSubject), visit.t("agreements.about"))
        object_to(
            visit.node,
            agreement,
            about=cast("ObjectionSubject", about),
            member=form.maybe("member") or None,
            reason=form.text("reason", visit.t("agreements.reason"), most=_REASON),
            precludes=form.ticked("precludes"),
            sha256=form.maybe("sha256") or None,
        )
        return say("agreements.objected")

    return _done(visit, "object", agreement, form, do)


@page("/agreements/{agreement:str}/withdraw", "withdraw", example="agreement")
def withdraw_form(visit: Visit, agreement: FromPath[str]) -> Response[bytes]:
    """What leaving means, and why one leaves."""
    return _form(visit, "withdraw", agreement, "", {})


@act("/agreements/{agreement:str}/withdraw", "withdraw", example="agreement")
def withdraw_act(visit: Visit, form: Form, agreement: FromPath[str]) -> Response[bytes]:
    """Leave. What was received stays bound by the text."""

    def do() -> Message:
        reason = form.text("reason", visit.t("agreements.reason"), most=_REASON)
        withdraw(visit.node, agreement, reason=reason)
        return say("agreements.withdrawn")

    return _done(visit, "withdraw", agreement, form, do)


def _done(
    visit: Visit, what: str, agreement: str, form: Form, do: Callable[[], Message]
) -> Response[bytes]:
    text_of(visit, agreement, form.maybe("sha256"))  # one that the visitor may know
    try:
        said = do()
    except (InputError, DeniedError, ConflictError) as error:
        sha256 = form.maybe("sha256")
        return _form(visit, what, agreement, sha256, form.typed(), error.message)
    return visit.go(f"/agreements/{agreement}", said)


def _reservation(visit: Visit, form: Form) -> Reservation | None:
    """What the form narrows; null where nothing is reserved. Raises `InputError`."""
    if not form.ticked("reserve"):
        return None
    narrows: dict[str, Any] = {name: form.all(name) for name in _LISTS if form.all(name)}
    narrows |= {name: form.maybe(name) for name in _LEVELS if form.maybe(name)}
    narrows |= {name: False for name in _FLAGS if form.ticked(f"no_{name}")}
    label = visit.t("agreements.reservation-text")
    try:
        return reservation_of(
            {
                "text": form.text("reservation", label, most=5_000),
                "direction": form.choice("direction", get_args(Direction)),
                "narrows": narrows,
            }
        )
    except Refused as refused:
        raise as_input_error(refused) from None


def _named(visit: Visit, kind: str, word: str) -> str:
    """A word of the terms in the visitor's language; types stay as the standard writes them."""
    if kind == "areas":
        return area_name(word, visit.language)
    return purpose_name(word, visit.language) if kind == "purposes" else word


def _form(
    visit: Visit,
    what: str,
    agreement: str,
    sha256: str,
    typed: dict[str, list[str]],
    fault: Message | None = None,
) -> Response[bytes]:
    view = text_of(visit, agreement, sha256)
    terms = view.terms
    return visit.show(
        f"agreements/{what}.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        view=view,
        title=title_of(visit, view),
        typed=typed,
        fault=fault,
        articles=articles,
        named=lambda kind, word: _named(visit, kind, word),
        open_terms=[each for each in terms.reservations or NARROWABLE if each in NARROWABLE],
        tlp=TLP_ORDER[: TLP_ORDER.index(terms.tlp_ceiling)],
        pap=PAP_ORDER[: PAP_ORDER.index(terms.pap_ceiling)] if terms.pap_ceiling else PAP_ORDER,
        onward=ONWARD_ORDER[: ONWARD_ORDER.index(terms.onward)],
        subjects=get_args(ObjectionSubject),
        others=[each for each in terms.circle if each != visit.node.member],
    )
