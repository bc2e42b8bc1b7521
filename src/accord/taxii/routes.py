"""The endpoints of TAXII 2.1 (sections 4 and 5) on Litestar.

Each request runs in a thread, since the store is synchronous. A collection's alias stands wherever
its id does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response, Router
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from accord.base.errors import DeniedError, NotFoundError
from accord.base.messages import Message, translate
from accord.node.collections import (
    Collection,
    collections_for,
    delete_private,
    find_collection,
)
from accord.node.node import Node
from accord.node.statuses import read_status
from accord.node.tokens import Reader
from accord.node.uploads import upload

from .answers import answer, tag_of
from .bodies import objects_in, read_body
from .entrance import enter
from .faults import EXCEPTION_HANDLERS, NOT_KEPT, AnyRequest, NotAllowed, language_of
from .filters import filters_of
from .media import TAXII
from .pages import (
    Find,
    Found,
    answer_page,
    find_manifest,
    find_objects,
    find_versions,
    refuse_unknown,
)
from .resources import API_ROOT, DISCOVERY, api_root, collection_resource, discovery

_GET, _POST, _DELETE = HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE
_COLLECTION = f"{API_ROOT}collections/{{name:str}}/"
_METHODS = frozenset(HttpMethod) - {HttpMethod.OPTIONS}  # Litestar answers that one itself
_OBJECT = f"{_COLLECTION}objects/{{object_id:str}}/"


def taxii_routes(node: Node) -> list[Router]:
    """The TAXII door of a node, to be mounted at the root of an application."""
    door = Door(node)
    handlers: list[HTTPRouteHandler] = []
    for path, endpoint in door.endpoints().items():
        methods = dict(endpoint)
        if _GET in methods:
            methods[HttpMethod.HEAD] = methods[_GET]  # the server leaves the body out
        handlers += [_handler(path, (method,), answer) for method, answer in methods.items()]
        others = tuple(sorted(_METHODS - set(methods)))
        handlers.append(_handler(path, others, _refusal(", ".join(sorted(methods)))))
    router = Router(
        "/",
        route_handlers=handlers,
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=None,  # `read_body` holds the limit that is announced
        include_in_schema=False,
    )
    return [router]


class Door:
    """One method an endpoint."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def __deepcopy__(self, memo: dict[int, Any]) -> Door:
        """Litestar copies its handlers; the node behind them stays one."""
        return self

    def endpoints(self) -> dict[str, dict[HttpMethod, Callable[..., Any]]]:
        """Every path, and what answers each method there."""
        return {
            DISCOVERY: {_GET: self.discovery},
            API_ROOT: {_GET: self.api_root},
            f"{API_ROOT}status/{{status:str}}/": {_GET: self.status},
            f"{API_ROOT}collections/": {_GET: self.collections},
            _COLLECTION: {_GET: self.collection},
            f"{_COLLECTION}manifest/": {_GET: self.manifest},
            f"{_COLLECTION}objects/": {_GET: self.objects, _POST: self.add_objects},
            _OBJECT: {_GET: self.object, _DELETE: self.delete_object},
            f"{_OBJECT}versions/": {_GET: self.versions},
        }

    def discovery(self, request: AnyRequest) -> Response[bytes]:
        """Section 4.1."""
        enter(self._node, request)
        scheme, host = request.scope["scheme"], request.headers.get("host", "")
        return _resource(request, discovery(self._node, self._language(request), scheme, host))

    def api_root(self, request: AnyRequest) -> Response[bytes]:
        """Section 4.2."""
        enter(self._node, request)
        return _resource(request, api_root(self._node, self._language(request)))

    def status(self, request: AnyRequest, status: FromPath[str]) -> Response[bytes]:
        """Section 4.3: only for the token that made the request."""
        reader = enter(self._node, request)
        document = None if "\x00" in status else read_status(self._node, reader, status)
        if document is None:
            raise NotFoundError("taxii.status-unknown", id=status[:80])
        return answer(request, tag_of(document), lambda: document)

    def collections(self, request: AnyRequest) -> Response[bytes]:
        """Section 5.1."""
        reader = enter(self._node, request)
        language = self._language(request)
        found = [
            collection_resource(each, language) for each in collections_for(self._node, reader)
        ]
        return _resource(request, {"collections": found} if found else {})

    def collection(self, request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        """Section 5.2."""
        _, found = self._enter(request, name)
        return _resource(request, collection_resource(found, self._language(request)))

    def manifest(self, request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        """Section 5.3."""
        return self._listing(request, name, find_manifest)

    def objects(self, request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        """Section 5.4."""
        return self._listing(request, name, find_objects)

    async def add_objects(self, request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        """Section 5.5."""
        await asyncio.to_thread(self._may_add, request, name)
        body = await read_body(request, self._node.limits)
        return await asyncio.to_thread(self._add, request, name, body)

    def object(
        self, request: AnyRequest, name: FromPath[str], object_id: FromPath[str]
    ) -> Response[bytes]:
        """Section 5.6."""
        return self._one(request, name, object_id, find_objects, ("id", "type"))

    def delete_object(
        self, request: AnyRequest, name: FromPath[str], object_id: FromPath[str]
    ) -> Response[bytes]:
        """Section 5.7: all versions, unless the filter says which. Only in `private`."""
        reader, collection = self._enter(request, name)
        filters = filters_of(
            _query(request), self._node.limits, without=("id", "type"), versions="all"
        )
        query = msgspec.structs.replace(filters.query, ids=(_plain(object_id),), after=0)
        gone = 0 if filters.nothing else delete_private(self._node, reader, collection, query)
        if not gone:
            raise NotFoundError("taxii.object-unknown", id=object_id[:120])
        return Response(b"", media_type=TAXII, headers=NOT_KEPT)

    def versions(
        self, request: AnyRequest, name: FromPath[str], object_id: FromPath[str]
    ) -> Response[bytes]:
        """Section 5.8."""
        return self._one(
            request, name, object_id, find_versions, ("id", "type", "version"), versions="all"
        )

    def _enter(self, request: AnyRequest, name: str) -> tuple[Reader, Collection]:
        """Who asks, and the collection."""

        def find() -> tuple[Reader, Collection]:
            reader = enter(self._node, request)
            return reader, find_collection(self._node, reader, _plain(name))

        return self._node.store.read_together(find)

    def _listing(self, request: AnyRequest, name: str, find: Find) -> Response[bytes]:
        def read() -> Found:
            reader, collection = self._enter(request, name)
            filters = filters_of(_query(request), self._node.limits)
            return find(self._node, reader, collection, filters)

        return answer_page(self._node.store.read_together(read), request)

    def _one(
        self,
        request: AnyRequest,
        name: str,
        object_id: str,
        find: Find,
        without: tuple[str, ...],
        versions: str = "last",
    ) -> Response[bytes]:
        def read() -> Found:
            reader, collection = self._enter(request, name)
            limits = self._node.limits
            filters = filters_of(_query(request), limits, without=without, versions=versions)
            refuse_unknown(self._node, reader, collection, object_id)
            query = msgspec.structs.replace(filters.query, ids=(object_id,))
            filters = msgspec.structs.replace(filters, query=query)
            return find(self._node, reader, collection, filters)

        return answer_page(self._node.store.read_together(read), request)

    def _may_add(self, request: AnyRequest, name: str) -> None:
        """Who may not write is told so before a large body is read."""
        if not self._enter(request, name)[1].can_write:
            raise DeniedError("taxii.read-only", collection=name[:80])

    def _add(self, request: AnyRequest, name: str, body: bytes) -> Response[bytes]:
        reader, collection = self._enter(request, name)
        coding = request.headers.get("content-encoding", "")
        objects = objects_in(body, coding, self._node.limits)
        language = self._language(request)

        def speak(message: Message) -> str:
            return translate(message, language)

        document = upload(self._node, reader, collection, objects, speak)
        code = HTTPStatus.ACCEPTED.value
        return Response(document, media_type=TAXII, status_code=code, headers=NOT_KEPT)

    def _language(self, request: AnyRequest) -> str:
        return language_of(request, self._node.settings.language)


def _handler(
    path: str, methods: Sequence[HttpMethod], function: Callable[..., Any]
) -> HTTPRouteHandler:
    in_thread = None if asyncio.iscoroutinefunction(function) else True
    made = HTTPRouteHandler(
        path, http_method=list(methods), sync_to_thread=in_thread, status_code=HTTPStatus.OK.value
    )
    return made(function)


def _refusal(allowed: str) -> Callable[..., Any]:
    """What answers the methods that a path does not have."""

    async def refuse(request: AnyRequest) -> Response[bytes]:
        raise NotAllowed(allowed)

    return refuse


def _resource(request: AnyRequest, document: Any) -> Response[bytes]:
    body = msgspec.json.encode(document)
    return answer(request, tag_of(body), lambda: body)


def _query(request: AnyRequest) -> bytes:
    query: bytes = request.scope["query_string"]
    return query


def _plain(name: str) -> str:
    """A name from the path; one that no database would take is nobody's."""
    if "\x00" in name or not name.isprintable():
        raise NotFoundError("node.collection-unknown", name=ascii(name[:40]))
    return name
