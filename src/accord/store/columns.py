"""Column types: what a record holds is what its table holds, so that rows map one to one."""

from __future__ import annotations

import msgspec
from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

from accord.base.messages import Message

# SQLite makes a column the row's own key only when its type reads INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")

# Text compares by its bytes on both databases, whatever the language of the server: versions and
# names must sort alike everywhere.
Name = Text().with_variant(Text(collation="C"), "postgresql")

_message = msgspec.json.Decoder(Message)
_messages = msgspec.json.Decoder(tuple[Message, ...])
_names = msgspec.json.Decoder(tuple[str, ...])


class MessageText(TypeDecorator[Message]):
    """One message to a person, as JSON."""

    impl = Name
    cache_ok = True

    def process_bind_param(self, value: Message | None, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Message | None:
        return None if value is None else _message.decode(value)


class MessageList(TypeDecorator[tuple[Message, ...]]):
    """The reasons for something, as a JSON list of messages."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(
        self, value: tuple[Message, ...] | None, dialect: Dialect
    ) -> bytes | None:
        return None if value is None else msgspec.json.encode(value)

    def process_result_value(
        self, value: bytes | None, dialect: Dialect
    ) -> tuple[Message, ...] | None:
        return None if value is None else _messages.decode(value)


class NameList(TypeDecorator[tuple[str, ...]]):
    """Identifiers, as a JSON list."""

    impl = Name
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else _names.decode(value)
