"""Templates: where they are, and what they may call."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

import accord
from accord.base.messages import LANGUAGES
from accord.rules.case import TLP_RANK

from .assets import Assets
from .room import GROUPS

if TYPE_CHECKING:
    from .visit import Visit

_HERE = Path(__file__).parent
_BREAK = 0.01  # seconds between two templates that are compiled beside requests
LANGUAGE_NAMES = {"en": "English", "ru": "Русский", "zh": "中文"}


class Templates:
    """The templates of the shell and of every room: `<room>/<page>.html`."""

    def __init__(self, assets: Assets, rooms: Sequence[str]) -> None:
        folders = [_HERE / "templates", *(_HERE / room / "templates" for room in rooms)]
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._environment.globals.update(
            asset=assets.url,
            has_asset=assets.has,
            languages=[(each, LANGUAGE_NAMES[each]) for each in LANGUAGES],
            query=query,
            tlp_levels=[level for level in TLP_RANK if level is not None],
            version=accord.__version__,
        )

    def compile_all(self) -> None:
        """Compile what nobody has asked for yet, with breaks in which requests are answered."""
        for name in self._environment.list_templates():
            self._environment.get_template(name)
            time.sleep(_BREAK)

    def render(self, visit: Visit, template: str, values: Mapping[str, Any]) -> str:
        """`values` come beside what every page knows: `visit`, `t`, `text`, `may` and the menu."""
        return self._environment.get_template(template).render(
            visit=visit, t=visit.t, text=visit.text, may=visit.may, menu=menu_of(visit), **values
        )


def menu_of(visit: Visit) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Groups of (word key, path, whether we are there); only what the visitor may open."""
    found = []
    here = max(
        (item.path for item in visit.shell.menu if _within(visit.path, item.path)),
        key=len,
        default="",
    )
    for group in GROUPS:
        items = [
            (item.word, item.path, item.path == here)
            for item in visit.shell.menu
            if item.group == group and visit.may(item.needs)
        ]
        if items:
            found.append((f"web.group-{group}", items))
    return found


def _within(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(f"{place}/"))


def query(**values: Any) -> str:
    """A query string of what is not empty, with its question mark; "" for nothing."""
    kept = {name: value for name, value in values.items() if value not in (None, "", [], ())}
    return f"?{urlencode(kept, doseq=True)}" if kept else ""
