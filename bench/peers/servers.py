"""OpenTAXII and medallion as they are served, with the settings that suit them best.

Both are WSGI applications under gunicorn with one worker, as Accord has one process. Its threads
let it keep connections open, which gunicorn's plain worker does not.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import uuid
from pathlib import Path

from bench.processes import HOST, TAXII, Server, free_port

from .environments import Unavailable, environment

OPENTAXII = "OpenTAXII 0.10.0b1"
MEDALLION = "medallion 3.0.0"
TITLE = "Bench"
PAGE_MOST = 1000  # what medallion is told to allow
_NAME, _SECRET = "bench", "bench-password"
_BASIC = "Basic " + base64.b64encode(f"{_NAME}:{_SECRET}".encode()).decode()
_THREADS = 4  # as many as there are clients at once
_PATIENCE = 60.0  # seconds for a command


class Peer(Server):
    """A peer that is set up in a folder of its own, with one empty collection called `TITLE`."""

    basic = _BASIC

    def __init__(
        self,
        folder: Path,
        port: int,
        program: Path,
        app: list[str],
        authorization: str,
        environment: dict[str, str] | None = None,
    ) -> None:
        command = [
            *(str(program / "bin" / "gunicorn"), "--bind", f"{HOST}:{port}", "--workers", "1"),
            *("--threads", str(_THREADS), "--timeout", "600", "--keep-alive", "60", *app),
        ]
        super().__init__(folder, port, command, authorization, environment)


class OpenTaxii(Peer):
    """OpenTAXII on a database given as a SQLAlchemy URL; its TAXII 1 half is switched off.

    `authorization` is a token of its own making, which costs it far less than `basic`.
    """

    def __init__(self, folder: Path, db: str) -> None:
        program = environment("opentaxii")
        folder.mkdir()
        port = free_port()
        settings = folder / "opentaxii.yml"
        settings.write_text(json.dumps(_opentaxii_settings(folder, db, port)))  # JSON is YAML
        variables = {"OPENTAXII_CONFIG": str(settings)}
        root = str(uuid.uuid4())
        tool = program / "bin"
        _run([tool / "opentaxii-add-api-root", "-t", TITLE, "--default", "-i", root], variables)
        _run([tool / "opentaxii-add-collection", "-r", root, "-t", TITLE], variables)
        account = ["-u", _NAME, "-p", _SECRET, "--admin"]
        said = _run([tool / "opentaxii-create-account", *account], variables)
        token = said.rpartition("token: ")[2].strip()
        app = ["--config", "python:opentaxii.http", "opentaxii.http:app"]
        super().__init__(folder, port, program, app, f"Bearer {token}", variables)


class Medallion(Peer):
    """medallion with its store in memory: what is posted is gone when it stops."""

    def __init__(self, folder: Path) -> None:
        program = environment("medallion")
        folder.mkdir()
        port = free_port()
        settings, data = folder / "medallion.json", folder / "data.json"
        data.write_text(json.dumps(_medallion_data(port)))
        settings.write_text(json.dumps(_medallion_settings(data)))
        app = [f"medallion:load_app('{settings}')"]
        super().__init__(folder, port, program, app, _BASIC)


def _opentaxii_settings(folder: Path, db: str, port: int) -> dict[str, object]:
    return {
        "domain": f"{HOST}:{port}",
        "support_basic_auth": True,
        "auth_api": {
            "class": "opentaxii.auth.sqldb.SQLDatabaseAPI",
            "parameters": {
                "db_connection": f"sqlite:///{folder / 'auth.db'}",
                "create_tables": True,
                "secret": "a secret of this run alone, and long enough",
            },
        },
        "taxii1": None,
        "taxii2": {
            "persistence_api": {
                "class": "opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI",
                "parameters": {"db_connection": db, "create_tables": True},
            },
            "title": TITLE,
            "public_discovery": True,
        },
        "logging": {"opentaxii": "warning", "root": "warning"},
    }


def _medallion_settings(data: Path) -> dict[str, object]:
    return {
        "backend": {
            "module": "medallion.backends.memory_backend",
            "module_class": "MemoryBackend",
            "filename": str(data),
        },
        "users": {_NAME: _SECRET},
        "taxii": {"max_page_size": PAGE_MOST},
    }


def _medallion_data(port: int) -> dict[str, object]:
    root = f"http://{HOST}:{port}/bench/"
    return {
        "/discovery": {"title": TITLE, "default": root, "api_roots": [root]},
        "bench": {
            "information": {
                "title": TITLE,
                "versions": [TAXII],
                "max_content_length": 100_000_000,
            },
            "status": [],
            "collections": [
                {
                    "id": str(uuid.uuid4()),
                    "title": TITLE,
                    "can_read": True,
                    "can_write": True,
                    "media_types": [],
                    "objects": [],
                    "manifest": [],
                }
            ],
        },
    }


def _run(command: list[Path | str], variables: dict[str, str]) -> str:
    """A command of the peer's, which must end well; what it said."""
    done = subprocess.run(
        command, env=os.environ | variables, capture_output=True, text=True, timeout=_PATIENCE
    )
    if done.returncode:
        raise Unavailable(f"{Path(command[0]).name} failed: {done.stderr.strip()[-300:]}")
    return done.stdout
