"""Propose a text, from a form or a file, or an amendment of one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import ConflictError, DeniedError, InputError
from accord.base.messages import Message, say
from accord.node.agreements import amend, propose
from accord.node.registers import as_file
from accord.rules.agreement_file import agreement_to_toml
from accord.rules.areas import AREAS, area_name
from accord.rules.narrowing import ONWARD_ORDER
from accord.rules.purposes import PURPOSES, purpose_name
from accord.stix.markings import TLP_ORDER
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .known import text_of, texts_of, title_of

_FILE = 256 * 1024  # characters of a text and all its terms
_LANGUAGES = ("zh", "ru", "en")
KINDS = ("bilateral", "multilateral", "cyber", "event-security")


@page("/agreements/propose", "propose")
def propose_form(visit: Visit, how: str = "form") -> Response[bytes]:
    """A form for a plain agreement, or the file with everything an agreement can say."""
    return _form(visit, "file" if how == "file" else "form", {})


@act("/agreements/propose", "propose")
def propose_act(visit: Visit, form: Form) -> Response[bytes]:
    """Propose it to the parties it names."""
    how = form.choice("how", ("form", "file"))
    try:
        view = propose(visit.node, _given(form) if how == "file" else _composed(visit, form))
    except (InputError, DeniedError, ConflictError) as error:
        return _form(visit, how, _typed(form), error.message)
    return visit.go(f"/agreements/{view.id}", say("agreements.proposed"))


@page("/agreements/{agreement:str}/amend", "propose", example="agreement-in-force")
def amend_form(visit: Visit, agreement: FromPath[str]) -> Response[bytes]:
    """The file of the newest text, to be changed."""
    view = text_of(visit, agreement, "")
    if all(each.standing.state != "in-force" for each in texts_of(visit, agreement)):
        raise ConflictError("agreements.nothing-to-amend")
    typed = {"file": [as_file(visit.node, agreement, view.sha256)]}
    return _amendment(visit, agreement, typed)


@act("/agreements/{agreement:str}/amend", "propose", example="agreement")
def amend_act(visit: Visit, form: Form, agreement: FromPath[str]) -> Response[bytes]:
    """Propose a text that is to take the place of the one in force; adopted like the first."""
    text_of(visit, agreement, "")
    try:
        view = amend(visit.node, agreement, _given(form))
    except (InputError, DeniedError, ConflictError) as error:
        return _amendment(visit, agreement, _typed(form), error.message)
    where = f"/agreements/{agreement}/changes?sha256={view.sha256}"
    return visit.go(where, say("agreements.amended"))


def _given(form: Form) -> str:
    return form.written("file", "upload", most=_FILE)


def _typed(form: Form) -> dict[str, list[str]]:
    return form.typed_or_uploaded("file", "upload")


def _composed(visit: Visit, form: Form) -> str:
    """The TOML of what the form says: so that one way of reading checks both."""
    zone = visit.moments.zone
    start = form.moment("valid_from", zone, visit.t("agreements.valid-from"))
    end = form.moment("valid_until", zone, visit.t("agreements.valid-until"))
    fields: dict[str, Any] = {
        "name": form.text("name", visit.t("agreements.short-name")),
        "kind": form.choice("kind", KINDS, visit.t("agreements.kind")),
        "parties": sorted({visit.node.member, *form.all("parties")}),
        "areas": form.all("areas"),
        "purposes": _purposes(visit, form),
        "tlp_ceiling": form.choice("tlp_ceiling", TLP_ORDER, visit.t("agreements.ceiling")),
        "onward": form.choice("onward", ONWARD_ORDER, visit.t("agreements.onward")),
        "valid_from": start or visit.now,
        "adoption": "all-sign",
        "titles": _in_all(visit, form, "title", "agreements.title"),
        "texts": _in_all(visit, form, "text", "agreements.text"),
    }
    if end is not None:
        fields["valid_until"] = end
    if form.maybe("retention_days"):
        days = form.text("retention_days", visit.t("agreements.retention"))
        fields["retention_days"] = int(days) if days.isascii() and days.isdigit() else days
    return agreement_to_toml(fields)


def _purposes(visit: Visit, form: Form) -> list[str]:
    """Those ticked, and the others in their own words; each once."""
    written = [each.strip() for each in form.maybe("purposes").split(",")]
    found = list(dict.fromkeys(each for each in [*form.all("purpose"), *written] if each))
    if not found:
        raise InputError("web.form-missing", field=visit.t("agreements.purposes"))
    return found


def _in_all(visit: Visit, form: Form, name: str, key: str) -> dict[str, str]:
    label = visit.t(key)
    return {
        language: form.text(f"{name}_{language}", f"{label} ({language})", most=_FILE)
        for language in _LANGUAGES
    }


def _form(
    visit: Visit, how: str, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    states = visit.names.states
    others = [each for each in visit.names.sorted() if each[0] in states]
    return visit.show(
        "agreements/propose.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        how=how,
        typed=typed,
        fault=fault,
        peers=[(*each, "") for each in others if states[each[0]] == "confirmed"],
        waiting=[id_ for id_, _ in others if states[id_] in ("added", "suspended")],
        states=states,
        areas=[(area, area_name(area, visit.language), "") for area in AREAS],
        purposes=[(each, purpose_name(each, visit.language), "") for each in PURPOSES],
        kinds=KINDS,
        onward=ONWARD_ORDER,
        tlp=TLP_ORDER,
        tongues=_LANGUAGES,
    )


def _amendment(
    visit: Visit, agreement: str, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    view = text_of(visit, agreement, "")
    return visit.show(
        "agreements/amend.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        view=view,
        title=title_of(visit, view),
        typed=typed,
        fault=fault,
    )
