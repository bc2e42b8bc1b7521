"""What a browser is called by people, out of what it calls itself."""

from __future__ import annotations

# The first that occurs: most browsers also name those that they want to be taken for.
_PROGRAMS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser/", "Yandex Browser"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """Program and system, as “Firefox, Windows”; what is not known stays as it is."""
    found = [
        next((name for mark, name in known if mark in agent), "") for known in (_PROGRAMS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or agent
