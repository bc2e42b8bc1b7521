"""One's own second step: set up, confirmed, taken away; recovery codes on paper."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import segno
from litestar import Response

from accord.base.errors import ConflictError, DeniedError, InputError
from accord.base.messages import Message, say
from accord.node.accounts import find_account
from accord.node.entering import prove_again
from accord.node.second_steps import (
    Enrolment,
    begin_second_step,
    begun_second_step,
    confirm_second_step,
    drop_second_step,
    renew_recovery_codes,
)
from accord.web.entrance import AnyRequest
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .places import place_of


@page("/account/second-step", "signed-in")
def show_own_second_step(visit: Visit) -> Response[bytes]:
    """Whether there is one, and what can be done about it."""
    return _form(visit)


@act("/account/second-step", "signed-in")
def do_begin(visit: Visit, form: Form, request: AnyRequest) -> Response[bytes]:
    """A new secret for the app. It is shown in this answer alone."""
    return _after_proof(
        visit, form, request, lambda name: _app(visit, begin_second_step(visit.node, name))
    )


@act("/account/second-step/confirm", "signed-in")
def do_confirm(visit: Visit, form: Form) -> Response[bytes]:
    """Take it into use when the app shows the right code."""
    name = visit.reader.name
    try:
        codes = confirm_second_step(visit.node, name, form.text("code", visit.t("people.code")))
    except InputError as error:
        enrolment = begun_second_step(visit.node, name)
        if enrolment is None:
            return _form(visit, error.message)
        return _app(visit, enrolment, error.message)
    except ConflictError as error:
        return _form(visit, error.message)
    return visit.show("people/recovery.html", codes=codes)


@act("/account/second-step/codes", "signed-in")
def do_renew(visit: Visit, form: Form, request: AnyRequest) -> Response[bytes]:
    """New recovery codes in the place of the old."""

    def renew(name: str) -> Response[bytes]:
        codes = renew_recovery_codes(visit.node, name)
        return visit.show("people/recovery.html", codes=codes)

    return _after_proof(visit, form, request, renew)


@act("/account/second-step/drop", "signed-in")
def do_drop(visit: Visit, form: Form, request: AnyRequest) -> Response[bytes]:
    """The password alone again."""

    def drop(name: str) -> Response[bytes]:
        drop_second_step(visit.node, name)
        return visit.go("/account", say("people.second-step-dropped"))

    return _after_proof(visit, form, request, drop)


def _after_proof(
    visit: Visit, form: Form, request: AnyRequest, do: Callable[[str], Response[bytes]]
) -> Response[bytes]:
    """A session that was left open changes nothing here: the password is asked for again."""
    name = visit.reader.name
    try:
        password = form.secret("password", visit.t("people.password"))
        prove_again(visit.node, name, password, place_of(request))
        return do(name)
    except (InputError, DeniedError, ConflictError) as error:
        return _form(visit, error.message)


def _app(visit: Visit, enrolment: Enrolment, fault: Message | None = None) -> Response[bytes]:
    secret = enrolment.secret
    picture = segno.make(enrolment.uri, micro=False).svg_inline(
        border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return visit.show(
        "people/app.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        picture=picture,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        fault=fault,
    )


def _form(visit: Visit, fault: Message | None = None) -> Response[bytes]:
    status = HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST
    account = find_account(visit.node, visit.reader.name)
    return visit.show("people/own-second-step.html", status, account=account, fault=fault)
