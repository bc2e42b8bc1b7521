"""Acknowledging a restriction (code H3) before what it restricts is read."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath

from accord.base.messages import say
from accord.node.acknowledging import acknowledge
from accord.web.forms import Form
from accord.web.naming import address
from accord.web.room import act
from accord.web.visit import Visit


@act("/intelligence/objects/{id:str}/acknowledge", "read", example="object")
def acknowledging(visit: Visit, form: Form, id: FromPath[str]) -> Response[bytes]:  # noqa: A002
    """Put on record that this reader knows the restriction, and show the object."""
    acknowledge(visit.node, id, visit.reader)
    return visit.go(address(id), say("intelligence.acknowledged"))
