"""The home folder of a node: its settings, its three daily keys, its store.

    accord.toml         who this is, where it is reached, limits that differ from the built-in
    keys/*.key          ledger, witness, transport, token: readable by their owner alone;
                        source-NAME: with what this node signs in at another TAXII server
    accord.db           the store, unless `db` in accord.toml names another

The recovery key is never written here: `init` shows it once.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from pathlib import Path

import msgspec

from accord.base.errors import ConflictError, InputError, MachineFault
from accord.base.limits import Limits
from accord.ledger.keys import LedgerKey, TransportKey, WitnessKey

SETTINGS = "accord.toml"
KEYS = "keys"
_KEY_NAMES = ("ledger", "witness", "transport", "token")
_STAGED = "-staged"
SECRETS = "source-"  # how the names of secrets begin


class HomeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The content of `accord.toml`."""

    name: str
    language: str = "en"
    url: str = ""
    db: str = ""
    db_read: str = ""  # a replica of the store, for large reads
    limits: Limits = Limits()


class NodeKeys(msgspec.Struct, frozen=True):
    """The private keys a serving node needs."""

    ledger: LedgerKey
    witness: WitnessKey
    transport: TransportKey
    token: bytes  # 32 bytes: keys the hash of access tokens


class Home:
    """A node's folder. Reading checks that no one else can read the keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def database(self) -> str:
        """The URL of the store."""
        return self.settings().db or f"sqlite:///{self.folder / 'accord.db'}"

    @property
    def has_staged_keys(self) -> bool:
        """Whether a key change was begun and its files not yet taken up."""
        return any(self.key_path(name + _STAGED).exists() for name in _KEY_NAMES)

    @property
    def exists(self) -> bool:
        return (self.folder / SETTINGS).is_file()

    def settings(self) -> HomeSettings:
        path = self.folder / SETTINGS
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise InputError("node.home-missing", folder=str(self.folder)) from None
        except OSError as error:
            raise MachineFault("node.home-unreadable", path=str(path), problem=str(error)) from None
        try:
            return msgspec.convert(tomllib.loads(text), HomeSettings)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise InputError("node.home-settings", path=str(path), problem=str(error)) from None

    def keys(self) -> NodeKeys:
        """The private keys. Refuses key files that others may read."""
        texts = {name: self._read_key(name) for name in _KEY_NAMES}
        return NodeKeys(
            ledger=LedgerKey.from_pem(texts["ledger"]),
            witness=WitnessKey.from_pem(texts["witness"]),
            transport=TransportKey.from_pem(texts["transport"]),
            token=bytes.fromhex(texts["token"].strip()),
        )

    def keys_left(self) -> NodeKeys:
        """The private keys, with fresh ones for those whose files are gone.

        Enough for the recovery key to announce new ones, and for nothing else: peers know none of
        the fresh.
        """
        fresh = new_keys()
        there = {name for name in _KEY_NAMES if self.key_path(name).exists()}
        texts = {name: self._read_key(name) for name in there}
        return NodeKeys(
            ledger=LedgerKey.from_pem(texts["ledger"]) if "ledger" in there else fresh.ledger,
            witness=WitnessKey.from_pem(texts["witness"]) if "witness" in there else fresh.witness,
            transport=TransportKey.from_pem(texts["transport"])
            if "transport" in there
            else fresh.transport,
            token=bytes.fromhex(texts["token"].strip()) if "token" in there else fresh.token,
        )

    def create(self, settings: HomeSettings, keys: NodeKeys) -> None:
        """Make the folder. `accord.toml` comes last: without it the folder is no home yet.

        A crash before that leaves keys nobody has seen; `init` may be run again and makes new ones.
        """
        if self.exists:
            raise ConflictError("node.home-exists", folder=str(self.folder))
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.folder / KEYS).mkdir(exist_ok=True, mode=0o700)
            self.write_keys(keys)
        except OSError as error:
            raise MachineFault(
                "node.home-unwritable", path=str(self.folder), problem=str(error)
            ) from None

    def write_keys(self, keys: NodeKeys, suffix: str = "") -> None:
        """Write the key files, each in one step."""
        texts = {
            "ledger": keys.ledger.to_pem(),
            "witness": keys.witness.to_pem(),
            "transport": keys.transport.to_pem(),
            "token": keys.token.hex() + "\n",
        }
        for name, text in texts.items():
            _write_private(self.key_path(name + suffix), text)

    def stage_keys(self, keys: NodeKeys) -> None:
        """Keep new keys beside the ones in use, until a commit makes them the right ones."""
        self.write_keys(keys, _STAGED)

    def staged_ledger_key(self) -> LedgerKey | None:
        """The staged ledger key. It is staged first and taken up first: null means the latter."""
        if not self.key_path("ledger" + _STAGED).exists():
            return None
        return LedgerKey.from_pem(self._read_key("ledger" + _STAGED))

    def take_staged_keys(self) -> None:
        """Put staged keys in the place of the ones in use; after a crash, done again."""
        for name in _KEY_NAMES:
            staged = self.key_path(name + _STAGED)
            if staged.exists():
                staged.replace(self.key_path(name))

    def drop_staged_keys(self) -> None:
        """Forget staged keys, the ledger key last, so that a crash in between changes nothing."""
        for name in reversed(_KEY_NAMES):
            self.key_path(name + _STAGED).unlink(missing_ok=True)

    def write_secret(self, name: str, text: str) -> None:
        """Keep a secret of someone else's beside the keys, in one step. Raises `MachineFault`."""
        path = self.key_path(name)
        try:
            _write_private(path, text)
        except OSError as error:
            raise MachineFault("node.home-unwritable", path=str(path), problem=str(error)) from None

    def read_secret(self, name: str) -> str | None:
        """A secret that `write_secret` kept; null where there is none. Refuses loose files."""
        return self._read_key(name) if self.key_path(name).exists() else None

    def drop_secret(self, name: str) -> None:
        self.key_path(name).unlink(missing_ok=True)

    def write_settings(self, settings: HomeSettings) -> None:
        _write_private(self.folder / SETTINGS, _to_toml(settings))

    def key_path(self, name: str) -> Path:
        return self.folder / KEYS / f"{name}.key"

    def loose_keys(self) -> list[Path]:
        """Key files that others than the owner may read or change."""
        paths = [self.key_path(name) for name in _KEY_NAMES]
        paths += sorted((self.folder / KEYS).glob(f"{SECRETS}*.key"))
        return [path for path in paths if path.exists() and path.stat().st_mode & 0o077]

    def _read_key(self, name: str) -> str:
        path = self.key_path(name)
        try:
            mode = path.stat().st_mode
            if mode & 0o077:
                raise InputError("node.key-loose", path=str(path), found=oct(mode & 0o777))
            return path.read_text(encoding="ascii")
        except OSError as error:
            raise MachineFault("node.key-unreadable", path=str(path), problem=str(error)) from None


def new_keys() -> NodeKeys:
    """Fresh keys for a new member."""
    return NodeKeys(
        ledger=LedgerKey.generate(),
        witness=WitnessKey.generate(),
        transport=TransportKey.generate(),
        token=secrets.token_bytes(32),
    )


def _write_private(path: Path, text: str) -> None:
    """Write a file only its owner may read; a crash leaves the old or the new one, whole."""
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _to_toml(settings: HomeSettings) -> str:
    lines = [
        f"{name} = {msgspec.json.encode(value).decode()}"
        for name, value in (
            ("name", settings.name),
            ("language", settings.language),
            ("url", settings.url),
            ("db", settings.db),
            ("db_read", settings.db_read),
        )
        if name != "db_read" or value
    ]
    builtin = Limits()
    changed = [
        f"{name} = {getattr(settings.limits, name)}"
        for name in Limits.__struct_fields__
        if getattr(settings.limits, name) != getattr(builtin, name)
    ]
    if changed:
        lines += ["", "[limits]", *changed]
    return "\n".join(lines) + "\n"
