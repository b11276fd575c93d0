# SPDX-License-Identifier: BSD-3-Clause
"""Figures that were measured: named series, each with one number of each run."""
import json
import statistics


class Figures:
    """`series` is {name: [number of each run]}, `machine` says where they come from."""

    def __init__(self, machine=None, series=None):
        self.machine = machine or {}
        self.series = series or {}

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            kept = json.load(f)
        return cls(kept["machine"], kept["figures"])

    def save(self, path):
        lines = ",\n".join(
            f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in self.series.items())
        with open(path, "w", encoding="utf-8") as f:
            f.write(f'{{\n "machine": {json.dumps(self.machine)},\n "figures": {{\n{lines}\n }}\n}}\n')

    def add(self, name, value):
        self.series.setdefault(name, []).append(round(float(value), 4))  # as it is kept

    def median(self, name):
        return statistics.median(self.series[name])

    def limits(self, name):
        return min(self.series[name]), max(self.series[name])

    def find(self, prefix):
        """Names that begin so, in the order in which they were measured."""
        return [name for name in self.series if name.startswith(prefix)]

    def compare(self, baseline=None):
        """Lines of all figures, and how they are to those of another run."""
        yield f"{'':56} {'median':>10} {'least':>10} {'most':>10}" + (
            f" {'to baseline':>12}" if baseline else "")
        for name in self.series:
            median, (least, most) = self.median(name), self.limits(name)
            line = f"{name:56} {median:10.2f} {least:10.2f} {most:10.2f}"
            if baseline and name in baseline.series and baseline.median(name):
                line += f" {median / baseline.median(name):12.2f}"
            yield line


def text(number):
    """Three digits that count, with thousands set apart."""
    if number == 0 or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"


def spread(figures, name, digits=text):
    """Median, and in brackets the least and the most of several runs."""
    if name not in figures.series:
        return "–"
    median, (least, most) = digits(figures.median(name)), map(digits, figures.limits(name))
    return median if least == most else f"{median} ({least} to {most})"
