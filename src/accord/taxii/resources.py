"""Discovery, API root and collection resources (TAXII 2.1 sections 4 and 5)."""

from __future__ import annotations

import msgspec

from accord.base.messages import say, translate
from accord.node.collections import Collection
from accord.node.drafts import default_order
from accord.node.listing import EVERYTHING
from accord.node.node import Node

from .media import STIX, TAXII

API_ROOT = "/api/"
DISCOVERY = "/taxii2/"


class Discovery(msgspec.Struct, frozen=True):
    """Section 4.1.1. API roots are relative (allowed there), so that a proxy changes nothing."""

    title: str
    description: str
    default: str = API_ROOT
    api_roots: tuple[str, ...] = (API_ROOT,)


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


def discovery(node: Node, language: str) -> Discovery:
    """What is here."""
    name = node.settings.name
    return Discovery(name, translate(say("taxii.discovery", name=name), language))


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
        return collection.terms.titles[language]
    if collection.alias == EVERYTHING:
        return translate(say("taxii.everything"), language)
    return translate(say("taxii.private"), language)


def _description(collection: Collection, language: str) -> str:
    terms = collection.terms
    if terms is None or collection.agreement is None:
        if collection.alias == EVERYTHING:
            return translate(say("taxii.everything-about"), language)
        return translate(say("taxii.private-about"), language)
    if not collection.in_force:
        return translate(say("taxii.agreement-over", name=terms.name), language)
    order = default_order(collection.agreement, terms)
    return translate(
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
