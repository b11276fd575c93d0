# SPDX-License-Identifier: BSD-3-Clause
"""Curves as SVG: small, the same for the same figures, readable on light and on dark pages."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 66, 16, 40, 74
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # told apart by the colour-blind, too
DARK = ("#56b4e9", "#e69f00", "#2ecc9a", "#e3a6c6")
STYLE = """text{font:12px sans-serif;fill:#222}.b{fill:#fff}.g{stroke:#ddd}.a{stroke:#222}.n{font-size:10px}
%s@media(prefers-color-scheme:dark){text{fill:#ddd}.b{fill:#1a1a1a}.g{stroke:#3a3a3a}.a{stroke:#ddd}
%s}"""


def nice_step(most, steps=5):
    """1, 2 or 5 times a power of ten, so that about `steps` of them reach `most`."""
    if most <= 0:
        return 1
    size = 10 ** math.floor(math.log10(most / steps))
    return next(size * k for k in (1, 2, 5, 10) if size * k * steps >= most * 0.999)


def number(value):
    """A short text: 1 k, 10 M, 0.5."""
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def colours(list_):
    return "\n".join(f".c{i}{{stroke:{c};fill:{c}}}.l{i}{{stroke:{c};fill:none}}"
                     for i, c in enumerate(list_))


class Axes:
    """Where a point is. Of x the logarithm counts, where it spans more than a factor of 30."""

    def __init__(self, lines):
        points = [p for _, line in lines for p in line]
        xs = [p[0] for p in points]
        self.log = min(xs) > 0 and max(xs) / min(xs) > 30
        self.low, self.high = self.scaled(min(xs)), self.scaled(max(xs))
        if self.low == self.high:
            self.low, self.high = self.low - 1, self.high + 1
        self.step = nice_step(max(p[3] for p in points))
        self.most = self.step * math.ceil(max(p[3] for p in points) / self.step * 0.999)
        self.marks = sorted(set(xs))

    def scaled(self, x):
        return math.log10(x) if self.log else x

    def x(self, value):
        share = (self.scaled(value) - self.low) / (self.high - self.low)
        return round(LEFT + 12 + share * (WIDTH - LEFT - RIGHT - 24), 1)

    def y(self, value):
        return round(HEIGHT - BOTTOM - max(value, 0) / self.most * (HEIGHT - TOP - BOTTOM), 1)


def grid(axes):
    bottom = HEIGHT - BOTTOM
    for i in range(round(axes.most / axes.step) + 1):
        value, y = i * axes.step, axes.y(i * axes.step)
        yield f'<path class="g" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{number(round(value, 9))}</text>'
    yield f'<path class="a" d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}" fill="none"/>'
    last = -math.inf
    for value in axes.marks:
        x = axes.x(value)
        yield f'<path class="a" d="M{x} {bottom}v5"/>'
        if x - last >= 26:
            yield f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{number(value)}</text>'
            last = x


def curve(axes, i, name, line):
    path = "L".join(f"{axes.x(x)} {axes.y(y)}" for x, y, _, _ in line)
    yield f'<path class="l{i}" stroke-width="2" d="M{path}"/>'
    for x, y, least, most in line:
        yield f'<path class="l{i}" d="M{axes.x(x)} {axes.y(least)}V{axes.y(most)}"/>'
        yield f'<circle class="c{i}" cx="{axes.x(x)}" cy="{axes.y(y)}" r="3"/>'
    at = LEFT + 10 + i * (WIDTH - LEFT - RIGHT) // 3
    yield f'<path class="l{i}" stroke-width="2" d="M{at} {TOP - 12}h18"/>'
    yield f'<text x="{at + 23}" y="{TOP - 8}">{escape(name)}</text>'


def svg(title, x_label, y_label, lines, note):
    """
    `lines` is [(name, [(x, median, least, most)])], at most four, `note` where the figures come from.
    """
    axes, middle = Axes(lines), (LEFT + WIDTH - RIGHT) // 2
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
             f'height="{HEIGHT}" role="img"><title>{escape(title)}</title>',
             f"<style>{STYLE % (colours(COLOURS), colours(DARK))}</style>",
             f'<rect class="b" width="{WIDTH}" height="{HEIGHT}"/>',
             f'<text x="{middle}" y="16" text-anchor="middle">{escape(title)}</text>',
             *grid(axes)]
    for i, (name, line) in enumerate(lines):
        parts += curve(axes, i, name, line)
    parts += [f'<text x="{middle}" y="{HEIGHT - 36}" text-anchor="middle">{escape(x_label)}</text>',
              f'<text transform="translate(16 {(TOP + HEIGHT - BOTTOM) // 2}) rotate(-90)" '
              f'text-anchor="middle">{escape(y_label)}</text>',
              f'<text class="n" x="{WIDTH - RIGHT}" y="{HEIGHT - 10}" text-anchor="end">'
              f"{escape(note)}</text>", "</svg>"]
    return "\n".join(parts) + "\n"
