"""Where a person or a program gives a command: their node, their language, and what they read."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from accord.base.errors import InputError
from accord.base.messages import Message, translate

from .shared import Shared, home_of, language_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from typer import Context

    from accord.node.home import Home
    from accord.node.node import Node

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NARROW = 80  # columns, where no terminal says otherwise


class Desk:
    """Given to every command. Sentences go to people, JSON to programs, never both at once."""

    def __init__(self, shared: Shared) -> None:
        self._home = home_of(shared)
        self.as_json = shared.as_json
        self.language = language_of(shared)
        self._names: Mapping[str, str] = {}  # of the members that the opened node knows

    @property
    def folder(self) -> Path:
        """The home folder. Raises `InputError` when none was named."""
        if self._home is None:
            raise InputError("cli.home-unnamed")
        return self._home

    @property
    def home(self) -> Home:
        from accord.node.home import Home

        return Home(self.folder)

    @contextmanager
    def node(self, *, lost_keys: bool = False) -> Iterator[Node]:
        """The node, open while the command runs."""
        from accord.node.names import Names
        from accord.node.node import open_node

        node = open_node(self.folder, lost_keys=lost_keys)
        try:
            self._names = Names(node).by_member
            yield node
        finally:
            node.close()

    def text(self, message: Message) -> str:
        """What a message says in the reader's language, with members by their names."""
        known = self._names
        args = {
            name: known.get(value, value) if isinstance(value, str) else value
            for name, value in message.args.items()
        }
        return translate(Message(message.key, args), self.language)

    def word(self, key: str) -> str:
        """A message without arguments: a heading, the name of a state."""
        return translate(Message(key), self.language)

    def tell(self, message: Message) -> None:
        """A sentence for a person; a program that asked for JSON is not told."""
        self.quote(self.text(message))

    def quote(self, text: str = "") -> None:
        """A line of text as it is, for a person: an object, a word list."""
        if not self.as_json:
            write_line(sys.stdout, text)

    def line_break(self) -> None:
        """An empty line, for a person."""
        self.quote()

    def answer(self, value: Any) -> None:
        """A value for a program, when it asked for JSON."""
        if self.as_json:
            write_line(sys.stdout, as_json_text(value))

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows under headings (keys of messages). Nothing in a cell is taken for markup."""
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for place, heading in enumerate(headings):
            widest = _longest_word(row[0] for row in rows) if place == 0 else None
            table.add_column(Text(self.word(heading)), overflow="fold", min_width=widest)
        for row in rows:
            table.add_row(*[Text(clean(cell)) for cell in row])
        self.show(table)

    def details(self, rows: Sequence[tuple[str, str]]) -> None:
        """Named values (keys of messages and texts), one below the other."""
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for heading, text in rows:
            table.add_row(Text(self.word(heading)), Text(clean(text)))
        self.show(table)

    def show(self, content: RenderableType) -> None:
        """Something drawn by Rich: in colour on a terminal; plain, without padding, in a pipe."""
        if self.as_json:
            return
        if sys.stdout.isatty():
            console(sys.stdout).print(content)
            return
        paper = StringIO()
        console(paper).print(content)
        sys.stdout.writelines(f"{line.rstrip()}\n" for line in paper.getvalue().splitlines())

    @contextmanager
    def progress(self, heading: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """A bar on a terminal, nothing elsewhere. Gives what is to be told of each step done."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda done: None
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
        with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
            task = bar.add_task(self.word(heading), total=total)
            yield lambda done: bar.advance(task, done)


def at(context: Context) -> Desk:
    """The desk at which the command of this context was given."""
    desk = context.find_root().obj
    if not isinstance(desk, Desk):
        raise TypeError("a command is run through accord.cli.main.run")
    return desk


def _longest_word(cells: Iterable[str]) -> int:
    """So wide is a column in which an id is not broken: it is there to be copied."""
    return max((len(word) for cell in cells for word in cell.split()), default=0)


def console(stream: TextIO, width: int | None = None) -> Console:
    """Where Rich draws. Our own texts hold square brackets and numbers: neither is special."""
    from rich.console import Console

    if width is None and not stream.isatty():
        width = _NARROW
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def write_line(stream: TextIO, text: str) -> None:
    """A line without what could command the terminal."""
    stream.write(clean(text) + "\n")


def clean(text: str) -> str:
    """What others wrote, harmless on a terminal: no control characters, no turned direction."""
    if text.isprintable():
        return text
    return "".join(
        char
        if char in "\n\t" or (unicodedata.category(char) not in ("Cc", "Cs") and char not in _BIDI)
        else "\ufffd"
        for char in text
    )


def as_json_text(value: Any) -> str:
    """JSON as it is shown: indented, in UTF-8."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
