# SPDX-License-Identifier: BSD-3-Clause
"""Tables as reStructuredText, and pages of which a script writes parts.

A part stands between two comments:

    .. figures: NAME

    ...

    .. end of figures
"""
import re

PART = re.compile(r"^\.\. figures: (\S+)\n(.*?)^\.\. end of figures\n", re.MULTILINE | re.DOTALL)


def table(head, rows):
    """A simple table; every cell is text. An empty first cell would join its row to the one before."""
    cells = [head] + rows
    if any(not row[0] for row in rows) or any(len(row) != len(head) for row in rows):
        raise ValueError("a row without a first cell, or of another length than the head")
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in cells]
    return "\n".join([rule, lines[0], rule] + lines[1:] + [rule]) + "\n"


def names(page):
    """Of the parts that a page has."""
    return [found.group(1) for found in PART.finditer(page)]


def fill(page, parts):
    """The page with its parts written anew. A part of the page that nobody wrote is an error."""
    return PART.sub(lambda found: f".. figures: {found.group(1)}\n\n{parts[found.group(1)].strip()}\n\n"
                                  ".. end of figures\n", page)
