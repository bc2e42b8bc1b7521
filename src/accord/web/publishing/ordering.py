"""From the form to an order: what is to travel, how, and for whom."""

from __future__ import annotations

from typing import cast

from accord.base.errors import InputError
from accord.ledger.envelope import PARTIES, Evaluation, Pap, Tlp
from accord.node.completing import Addition
from accord.node.prepare import Order
from accord.stix.split import split_objects
from accord.web.forms import Form
from accord.web.visit import Visit

from .offers import Offer, values


def objects_in(visit: Visit, form: Form) -> list[bytes]:
    """The objects of the chosen file, else of the text field. Raises `InputError`."""
    limits = visit.node.limits
    data = form.file("file") or form.maybe("objects", most=limits.upload_bytes).encode()
    if not data.strip():
        raise InputError("publishing.nothing-given")
    raws = split_objects(data, limits)
    if len(raws) > limits.upload_objects:
        raise InputError("stix.too-many-objects", found=len(raws), limit=limits.upload_objects)
    return raws


def order_in(visit: Visit, form: Form, offer: Offer) -> Order:
    """How the objects are to travel. Raises `InputError` for what the agreement does not offer."""
    given = set(form.all("to"))
    chosen = tuple(sorted(given & set(offer.parties)))
    if given - set(offer.parties):
        raise InputError("publishing.not-a-party", member=min(given - set(offer.parties))[:100])
    whom = form.choice("whom", ("all", "some", *dict(offer.groups)), visit.t("publishing.whom"))
    if whom == "some" and not chosen:
        raise InputError("publishing.nobody-chosen")
    if whom in dict(offer.groups):
        chosen = (whom,)
    tlp = form.choice("tlp", values(offer.tlp), "TLP")
    pap = form.choice("pap", values(offer.pap), "PAP")
    return Order(
        agreement=offer.id,
        tlp=cast("Tlp | None", tlp or None),
        pap=cast("Pap | None", pap or None),
        area=form.choice("area", values(offer.areas), visit.t("publishing.area")) or None,
        purpose=form.choice("purpose", values(offer.purposes), visit.t("publishing.purpose"))
        or None,
        audience=(PARTIES,) if whom == "all" else chosen,
        named=names_in(visit, form),
        urgent=form.ticked("urgent"),
        status="exercise" if form.ticked("exercise") else "actual",
        expires=form.moment("expires", visit.moments.zone, visit.t("publishing.expires")),
        incident=form.maybe("incident", visit.t("publishing.incident")) or None,
        codes=tuple(form.all("codes")),
        restriction=form.maybe("restriction", visit.t("publishing.restriction")) or None,
        evaluation=evaluation_in(form, offer),
    )


def addition_in(visit: Visit, form: Form, offer: Offer) -> Addition:
    """What a releaser says of a draft."""
    return Addition(
        named=names_in(visit, form),
        purpose=form.choice("purpose", values(offer.purposes), visit.t("publishing.purpose"))
        or None,
        retain_until=form.moment(
            "retain_until", visit.moments.zone, visit.t("publishing.retain-until")
        ),
        incident=form.maybe("incident", visit.t("publishing.incident")) or None,
        codes=tuple(form.all("codes")),
        restriction=form.maybe("restriction", visit.t("publishing.restriction")) or None,
        evaluation=evaluation_in(form, offer),
        review=form.maybe("review", visit.t("publishing.review"), most=2_000),
    )


def names_in(visit: Visit, form: Form) -> tuple[str, ...]:
    """Persons for TLP:RED, one a line."""
    text = form.maybe("named", visit.t("publishing.named"), most=4_000)
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def evaluation_in(form: Form, offer: Offer) -> Evaluation | None:
    """`admiralty:B2`, as the agreement's schemes have it."""
    grade = form.choice("grade", values(offer.grades))
    if not grade:
        return None
    scheme, _, letters = grade.partition(":")
    return Evaluation(scheme=scheme, source=letters[0], information=letters[1])
