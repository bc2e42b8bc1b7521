"""From a request to the visit and the form that a handler is given."""

from __future__ import annotations

from litestar.datastructures import UploadFile
from litestar.utils.scope.state import ScopeState

from accord.base.errors import InputError

from .entrance import AnyRequest, manner_of, said_of
from .forms import Form
from .shell import Shell
from .visit import Visit


def visit_of(request: AnyRequest) -> Visit:
    """The visit that a request makes."""
    shell: Shell = request.app.state.shell
    csrf = ScopeState.from_scope(request.scope).csrf_token
    return Visit(
        shell,
        request.scope.get("user"),
        manner_of(request),
        path=request.scope["path"],
        query=request.scope["query_string"].decode("latin-1"),
        csrf=csrf if isinstance(csrf, str) else "",
        said=said_of(request),
        htmx=request.headers.get("hx-request") == "true",
    )


async def form_of(request: AnyRequest) -> Form:
    """The form that was sent. Raises `InputError` for a file that is too large."""
    most = request.app.state.shell.node.limits.upload_bytes
    fields = await request.form()
    files = {}
    for name, value in fields.multi_items():
        if isinstance(value, UploadFile):
            body = await value.read(most + 1)
            if len(body) > most:
                raise InputError("web.form-file", most=most)
            files[name] = body
    return Form(fields, files)
