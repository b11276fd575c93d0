#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Make the tables of docs/reliability.rst of what the tests of faults printed.

    reliability.py [--page docs/reliability.rst] LOG...

A LOG is a log of meson test (meson-logs/functional.json), what a test printed, or a report of
perf/soak. Each line "figure {...}" in it (tests/functional/weirtest.py, Case.figures) is a row of the
table of its chapter. Chapters that the logs do not have stay as they are, so that a soak need not be
repeated with each run of the tests. Exit: 0, or 1 where no log has a figure.
"""

import argparse
import json
import os
import re
import sys

PAGE = os.path.join(os.path.dirname(__file__), "..", "docs", "reliability.rst")
MARK = ".. figures: {}"
END = ".. end of figures"


def lines(path):
    """Lines that tests printed, of a log of either form."""
    with open(path, encoding="utf-8") as log:
        for line in log:
            if line.startswith("{"):
                yield from json.loads(line).get("stdout", "").splitlines()
            else:
                yield line.rstrip("\n")


def figures(paths):
    """chapter → [(fault, values)] in the order of the logs; the last of a fault stands."""
    found = {}
    for path in paths:
        for line in lines(path):
            place = line.find("figure {")
            if place >= 0:
                figure = json.loads(line[place + len("figure "):])
                found.setdefault(figure["chapter"], {})[figure["fault"]] = figure["values"]
    return {chapter: list(rows.items()) for chapter, rows in found.items()}


def cell(name, value):
    if isinstance(value, float):
        value = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    elif isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:,}"
    return f"{name.replace('_', ' ')} {value}"


def table(rows):
    out = [".. list-table::", "   :header-rows: 1", "   :widths: 30 70", "",
           "   * - what is done", "     - what is seen"]
    for fault, values in rows:
        seen = "; ".join(cell(name, value) for name, value in values.items())
        out += [f"   * - {fault}", f"     - {seen}"]
    return "\n".join(out)


def fill(page, found):
    """The page with the tables of those chapters in it."""
    for chapter, rows in found.items():
        mark = MARK.format(chapter)
        pattern = re.compile(re.escape(mark) + r"\n.*?" + re.escape(END), re.DOTALL)
        if not pattern.search(page):
            sys.exit(f"the page has no place for {chapter}: {mark}")
        text = f"{mark}\n\n{table(rows)}\n\n{END}"
        page = pattern.sub(lambda _, text=text: text, page)
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", default=PAGE)
    parser.add_argument("logs", nargs="+", metavar="LOG")
    args = parser.parse_args()
    found = figures(args.logs)
    if not found:
        print("no figures in these logs", file=sys.stderr)
        return 1
    with open(args.page, encoding="utf-8") as f:
        page = f.read()
    page = fill(page, found)
    with open(args.page, "w", encoding="utf-8") as f:
        f.write(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
