"""The chart: how far each figure lies on the good side of its bar, drawn by hand as SVG.

Every row has the same scale: 1 is the bar, to the right is better. The scale is logarithmic.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log2

from .figures import Figure

_WIDTH, _ROW, _TOP, _LEFT = 860, 30, 52, 380
_SPAN = 5.0  # doublings shown to the right of the bar …
_BELOW = 1.0  # … and to the left
_MET, _MISSED, _LINE, _INK = "#2f7d5b", "#b3412f", "#8a8f98", "#24292f"


def draw(figures: Sequence[Figure]) -> str:
    """`docs/benchmarks.svg`."""
    height = _TOP + _ROW * len(figures) + 16
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
            'font-family="system-ui, sans-serif" font-size="13">'
        ),
        "<title>How many times better than its bar each figure is</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(16, 22, "How many times better than its bar each figure is", weight=600),
        *_scale(height),
    ]
    for place, figure in enumerate(figures):
        parts += _bar(_TOP + _ROW * place, figure)
    return "\n".join([*parts, "</svg>"]) + "\n"


def times_better(figure: Figure) -> float:
    """1 where the bar is just met. Where several bars are given, the one that is met best."""
    bar, value = figure.bar, figure.value
    found = []
    if bar.at_least is not None:
        found.append(value / bar.at_least)
    if bar.at_most is not None:
        found.append(bar.at_most / value)
    if bar.share is not None and figure.limit is not None:
        found.append(value / (bar.share * figure.limit))
    return max(found)


def _bar(top: float, figure: Figure) -> list[str]:
    times = times_better(figure)
    start, end = sorted((_across(1), _across(times)))
    colour = _MET if figure.met else _MISSED
    label, width = f"{times:.1f}×", max(end - start, 1)
    return [
        _text(_LEFT - 12, top + 19, figure.title, anchor="end"),
        (
            f'<rect x="{start:.1f}" y="{top + 6}" width="{width:.1f}" height="18" rx="2" '
            f'fill="{colour}"/>'
        ),
        _text(end + 6, top + 19, label, colour=colour, weight=600),
    ]


def _scale(height: int) -> list[str]:
    lines = []
    for power in range(int(-_BELOW), int(_SPAN) + 1):
        x = _across(2**power)
        width = 1.6 if power == 0 else 0.5
        lines.append(
            f'<line x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{height - 10}" '
            f'stroke="{_LINE}" stroke-width="{width}"/>'
        )
        name = "bar" if power == 0 else f"{2**power:g}×"
        lines.append(_text(x, _TOP - 14, name, anchor="middle", colour=_LINE))
    return lines


def _across(times: float) -> float:
    """Where a ratio lies, cut at both ends of the scale."""
    power = min(max(log2(times), -_BELOW), _SPAN)
    return _LEFT + (power + _BELOW) / (_SPAN + _BELOW) * (_WIDTH - _LEFT - 60)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", colour: str = _INK, weight: int = 400
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )
