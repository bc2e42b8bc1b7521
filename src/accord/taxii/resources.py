"""Discovery, API root and collection resources (TAXII 2.1 sections 4 and 5)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from accord.base.messages import say, translate
from accord.node.collections import Collection
from accord.node.drafts import default_order
from accord.node.listing import EVERYTHING
from accord.node.node import Node
from accord.rules.community.circles import is_group

from .media import STIX, TAXII

API_ROOT = "/api/"
DISCOVERY = "/taxii2/"
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)


class Discovery(msgspec.Struct, frozen=True):
    """Section 4.1.1."""

    title: str
    description: str
    default: str
    api_roots: tuple[str, ...]


class ApiRoot(msgspec.Struct, frozen=True):
    """Section 4.2.1."""

    title: str
    description: str
    max_content_length: int
    versions: tuple[str, ...] = (TAXII,)


class CollectionResource(msgspec.Struct, frozen=True, kw_only=True):
    """Section 5.2.1."""

    id: str
    title: str
    description: str
    alias: str
    can_read: bool
    can_write: bool
    media_types: tuple[str, ...] = (STIX,)


def discovery(node: Node, language: str, scheme: str, host: str) -> Discovery:
    """What is here. `scheme` and `host` (with port) are those by which the tool came."""
    name = node.settings.name
    root = _root_url(node.settings.url, scheme, host)
    return Discovery(name, translate(say("taxii.discovery", name=name), language), root, (root,))


def _root_url(own: str, scheme: str, host: str) -> str:
    """The API root as a whole address, since not every tool knows what to do with a relative one.

    The address by which the tool came leads back here. Where it is the node's own, that one counts:
    behind a proxy that ends TLS the scheme we see is not the tool's.
    """
    if not _HOST.fullmatch(host):
        return own + API_ROOT
    return (own if urlsplit(own).netloc == host else f"{scheme}://{host}") + API_ROOT


def api_root(node: Node, language: str) -> ApiRoot:
    """The one API root of a node."""
    name = node.settings.name
    described = translate(say("taxii.api-root", name=name), language)
    return ApiRoot(name, described, node.limits.upload_bytes)


def collection_resource(collection: Collection, language: str) -> CollectionResource:
    """A collection, with the handling that it gives to what is written into it."""
    return CollectionResource(
        id=collection.id,
        title=_title(collection, language),
        description=_description(collection, language),
        alias=collection.alias,
        can_read=collection.can_read,
        can_write=collection.can_write,
    )


def _title(collection: Collection, language: str) -> str:
    if collection.terms is not None:
        title = collection.terms.titles[language]
        group = is_group(collection.alias)
        return translate(say("taxii.group", title=title), language) if group else title
    if collection.alias == EVERYTHING:
        return translate(say("taxii.everything"), language)
    return translate(say("taxii.private"), language)


def _description(collection: Collection, language: str) -> str:
    terms = collection.terms
    if terms is None or collection.agreement is None:
        if collection.alias == EVERYTHING:
            return translate(say("taxii.everything-about"), language)
        return translate(say("taxii.private-about"), language)
    if is_group(collection.alias):
        return translate(say("taxii.group-about", name=terms.name), language)
    if not collection.in_force:
        return translate(say("taxii.agreement-over", name=terms.name), language)
    order = default_order(collection.agreement, terms)
    asks = terms.neutrality is not None or (terms.evaluation and terms.evaluation.required)
    more = f" {translate(say('taxii.agreement-asks'), language)}" if asks else ""
    said = translate(
        say(
            "taxii.agreement-about",
            name=terms.name,
            area=order.area or "",
            purpose=order.purpose or "",
            tlp=(order.unmarked_tlp or "").upper(),
            ceiling=terms.tlp_ceiling.upper(),
        ),
        language,
    )
    return said + more
