"""The chart: how far each figure lies on the good side of its bar, drawn by hand as SVG.

Every row has the same scale: 1 is the bar, to the right is better. The scale is logarithmic. Rows
stand under the part that they were measured in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import log2

from .figures import Figure

_WIDTH, _ROW, _TOP, _LEFT = 900, 24, 52, 430
_SPAN = 5.0  # doublings shown to the right of the bar …
_BELOW = 2.0  # … and to the left
_LONGEST = 62  # characters of a title that there is room for
_MET, _MISSED, _LINE, _INK = "#2f7d5b", "#b3412f", "#8a8f98", "#24292f"
_TITLE = "How many times better than its bar each figure is"


def draw(parts: Mapping[str, Sequence[Figure]]) -> str:
    """`docs/benchmarks.svg`: the figures of each part under its heading."""
    shown = {
        heading: [figure for figure in figures if figure.better is not None]
        for heading, figures in parts.items()
    }
    rows = sum(len(figures) + 1 for figures in shown.values() if figures)
    height = _TOP + _ROW * rows + 16
    drawn = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
            'font-family="system-ui, sans-serif" font-size="13">'
        ),
        f"<title>{_TITLE}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(16, 22, _TITLE, weight=600),
        *_scale(height),
    ]
    top = float(_TOP)
    for heading, figures in shown.items():
        if figures:
            drawn.append(_text(16, top + 17, heading, weight=600))
            for place, figure in enumerate(figures, start=1):
                drawn += _bar(top + _ROW * place, figure)
            top += _ROW * (len(figures) + 1)
    return "\n".join([*drawn, "</svg>"]) + "\n"


def _bar(top: float, figure: Figure) -> list[str]:
    times = figure.better or 0.0
    start, end = sorted((_across(1), _across(times)))
    colour = _MET if figure.met else _MISSED
    label, width = f"{times:.1f}×" if times >= 1 else f"{times:.2g}×", max(end - start, 1)
    title = figure.title
    if len(title) > _LONGEST:
        title = title[: _LONGEST - 1] + "…"
    return [
        _text(_LEFT - 12, top + 16, title, anchor="end"),
        (
            f'<rect x="{start:.1f}" y="{top + 4:.0f}" width="{width:.1f}" height="{_ROW - 8}" '
            f'rx="2" fill="{colour}"/>'
        ),
        _text(end + 6, top + 16, label, colour=colour, weight=600),
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
    power = min(max(log2(max(times, 1e-9)), -_BELOW), _SPAN)
    return _LEFT + (power + _BELOW) / (_SPAN + _BELOW) * (_WIDTH - _LEFT - 60)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", colour: str = _INK, weight: int = 400
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )
