"""How the story is told: headings, sentences, tables, and something that moves while one waits.

On a terminal with colour and motion; in a pipe as plain text of 80 columns, without control codes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, TextIO

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from accord.base.messages import Arg, Message, say, translate

_WIDTH = 80
_MARGIN = 4
# What must not begin a line, in any of the languages.
_CLOSING = frozenset("，。、；：？！）》」』”’…,.;:?!)]}»%")
_OPENING = frozenset("（《「『“‘([{«")

Row = Sequence[str]


class Teller:
    """Says everything in one language. Names stand where identifiers would."""

    def __init__(self, language: str, stream: TextIO | None = None) -> None:
        out = stream if stream is not None else sys.stdout
        moving = out.isatty()
        self.language = language
        self.console = Console(
            file=out,
            width=min(Console(file=out).width, 100) if moving else _WIDTH,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self._moving = moving and not self.console.is_dumb_terminal
        self._names: dict[str, str] = {}
        self._chapter = 0
        self.between: Callable[[], None] = lambda: None  # called before each chapter but the first
        self._block = ""

    def word(self, key: str, **arguments: Arg) -> str:
        """A text by its key."""
        return self.text(say(key, **arguments))

    def text(self, message: Message) -> str:
        """A message in the reader's language, with names in the place of identifiers."""
        text = translate(message, self.language)
        for identifier, name in self._names.items():
            if self.language == "zh":  # around an identifier there are blanks, around a name not
                text = text.replace(f" {identifier}", identifier).replace(f"{identifier} ", name)
            text = text.replace(identifier, name)
        return text

    def call(self, identifier: str, name: str) -> None:
        """From here on, say `name` for `identifier`."""
        self._names[identifier] = name

    def title(self, title: str, about: str) -> None:
        """The first line, and what the story is about."""
        self._begin("title")
        self._line(self.word(title), "bold", 0)
        self._begin("prose")
        self._paragraph(self.word(about), indent=0)

    def chapter(self, title: str, about: str, **arguments: Arg) -> None:
        """A heading, and the sentence under it."""
        if self._chapter:
            self.between()
        self._chapter += 1
        self._begin("title")
        self._line(f"{self._chapter:>2}  {self.word(title)}", "bold", 0)
        self._block = "prose"
        self.say(about, **arguments)

    def say(self, key: str, /, **arguments: Arg) -> None:
        """A sentence of the story."""
        self._begin("prose")
        self._paragraph(self.word(key, **arguments))

    def done(self, message: Message) -> None:
        """What came about, measured."""
        self._begin("done")
        self._paragraph(self.text(message), mark="✓ ", style="green")

    def seconds(self, seconds: float) -> str:
        """A duration with one decimal, as the language writes it."""
        text = f"{seconds:.1f}"
        return text.replace(".", ",") if self.language == "ru" else text

    def command(self, *words: str) -> None:
        """The command with which a person does the same; long ones go on in the next line."""
        self._begin("commands")
        line = ""
        for word in ("$ accord", *words):
            if line and cell_len(f"{line} {word}") > self._room - 2:
                self._line(f"{line} \\", "dim")
                line = f"    {word}"
            else:
                line = f"{line} {word}" if line else word
        self._line(line, "dim")

    def quote(self, text: str) -> None:
        """A text that is not ours to break into sentences: words of a fingerprint, a name."""
        self._begin("prose")
        self._paragraph(text, indent=_MARGIN + 2)

    def table(self, headings: Sequence[str], rows: Sequence[Row]) -> None:
        """Rows under headings, set apart; columns of numbers are set to the right."""
        table = _indented(self._table(headings, rows))
        self._begin("table")
        if self._moving:
            self.console.print(table)
        else:
            with self.console.capture() as captured:
                self.console.print(table)
            for line in captured.get().splitlines():
                self._line(line.rstrip(), "", 0)

    def link(self, text: str) -> None:
        """A line that is to be copied: never broken, wherever the screen ends."""
        self._begin("link")
        self._line(text, "")

    def line_break(self) -> None:
        """Leave the line on which the terminal shows what was typed."""
        if self._moving:
            self._line("", "", 0)

    @contextmanager
    def busy(self, key: str) -> Iterator[None]:
        """On a terminal, say what one is waiting for while one waits."""
        if not self._moving:
            yield
            return
        self._begin("table")
        with self.console.status(Text(self.word(key), style="dim")):
            yield

    @contextmanager
    def watching(
        self, headings: Sequence[str], rows: Callable[[], Sequence[Row]], share: Callable[[], float]
    ) -> Iterator[Callable[[], None]]:
        """A table that is drawn anew while something goes on, with a bar for how far it is.

        Gives what is to be called now and then. The last state stays; a pipe sees only that.
        """
        if not self._moving:
            yield lambda: None
            self.table(headings, rows())
            return
        self._begin("table")
        with Live(console=self.console, auto_refresh=False, transient=True) as live:

            def draw() -> None:
                bar = ProgressBar(total=1.0, completed=share(), width=40, complete_style="green")
                table = self._table(headings, rows())
                live.update(Group(_indented(table), _indented(bar)), refresh=True)

            yield draw
        self.table(headings, rows())

    def _begin(self, block: str) -> None:
        """Set off each kind of block from the one before by an empty line."""
        if block != self._block:
            self._line("", "", 0)
        self._block = block

    @property
    def _room(self) -> int:
        return self.console.width - _MARGIN

    def _table(self, headings: Sequence[str], rows: Sequence[Row]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for place, heading in enumerate(headings):
            numbers = bool(rows) and all(_is_number(row[place]) for row in rows)
            justify: Literal["left", "right"] = "right" if numbers else "left"
            table.add_column(Text(self.word(heading)), justify=justify, overflow="fold")
        widest = self._room - sum(
            2 + max([cell_len(self.word(heading)), *(cell_len(row[place]) for row in rows)])
            for place, heading in enumerate(headings[:-1])
        )
        for row in rows:
            last = "\n".join(wrapped(row[-1], max(widest, 20)))
            table.add_row(*[Text(cell) for cell in (*row[:-1], last)])
        return table

    def _paragraph(self, text: str, indent: int = _MARGIN, mark: str = "", style: str = "") -> None:
        width = self.console.width - indent - len(mark)
        for number, line in enumerate(wrapped(text, width)):
            lead = mark if number == 0 else " " * len(mark)
            self._line(lead + line, style, indent)

    def _line(self, text: str, style: str, indent: int = _MARGIN) -> None:
        self.console.print(Text(" " * indent + text, style=style), soft_wrap=True)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns. Chinese is broken between characters, but no line begins
    with a closing mark or ends with an opening one.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _pieces(paragraph):
            if line and cell_len((line + piece).rstrip()) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
    return lines


def _pieces(text: str) -> Iterator[str]:
    """What is never broken: a word with the blank after it, a wide character with its marks."""
    piece = ""
    for char in text:
        breaks = piece and (piece[-1] == " " or cell_len(char) == 2 or cell_len(piece[-1]) == 2)
        if breaks and char not in _CLOSING and char != " " and piece[-1] not in _OPENING:
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _is_number(text: str) -> bool:
    return text.replace("\u202f", "").replace("\u00a0", "").isdigit() or text in ("", "—")


def _indented(content: RenderableType) -> RenderableType:
    from rich.padding import Padding

    return Padding(content, (0, 0, 0, _MARGIN))
