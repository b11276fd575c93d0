#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Real captures: `weirctl decode` prints what sflowtool prints, but for what rules.py tells."""

import functools
import os
import re
import unittest

import captures
import decodetest
import differences
import sflowtext
from rules import RULES
from sflowtext import FULL, LINE

PAGE = os.path.join(decodetest.SOURCE, "docs", "decode.rst")
OUTPUTS = ((FULL, (), ".sflowtool.txt"), (LINE, ("-l",), ".line.txt"))


def sflowtool(path, suffix):
    return differences.read(path[:-len(".pcap")] + suffix)


@functools.lru_cache(maxsize=None)
def model(path, form):
    return sflowtext.text_of(captures.packets(path), form)


def spoilt(text):
    """A text with each of its lines left out, twice, changed, and with its end cut off there."""
    lines = [line + "\n" for line in decodetest.lines_of(text)]
    for i, line in enumerate(lines):
        before, after = "".join(lines[:i]), "".join(lines[i + 1:])
        yield before + after
        yield before + 2 * line + after
        yield before + line[:-1] + "0\n" + after
        yield before
        yield before + line[:-1]


class Captures(decodetest.Case):

    def test_captures(self):
        """No difference without a rule, and no rule without a difference."""
        used = {}
        for path in decodetest.corpus():
            name = os.path.basename(path)
            for form, flags, suffix in OUTPUTS:
                with self.subTest(capture=name, flags=flags):
                    left, rules = differences.unexplained(
                        sflowtool(path, suffix), model(path, form), self.text(*flags, path))
                    self.assertEqual(left, [])
                    for rule in rules:
                        used.setdefault(rule, []).append(name)
        for rule, names in sorted(used.items()):
            print(f"    {RULES[rule].title}: {len(names)} outputs, such as {names[0]}")
        self.assertEqual(set(used), {name for name, rule in RULES.items() if rule.explain})

    def test_spoilt(self):
        """Where a rule applies any other difference is found, and so is sflowtool's own mistake."""
        tried = set()
        for path in sorted(decodetest.corpus(), key=os.path.getsize):
            want, right = sflowtool(path, ".sflowtool.txt"), model(path, FULL)
            _, rules = differences.unexplained(want, right, right)
            if rules <= tried:
                continue
            tried |= rules
            with self.subTest(capture=os.path.basename(path), rules=rules):
                got = self.text(path)
                self.assertEqual(differences.unexplained(want, right, got)[0], [])
                for bad in [want, *spoilt(got)]:
                    self.assertNotEqual(differences.unexplained(want, right, bad)[0], [], bad)
        self.assertEqual(tried, {name for name, rule in RULES.items() if rule.explain})


class Model(unittest.TestCase):
    """The model of test_text.py against what sflowtool prints: who checks the checker."""

    def test_captures(self):
        for path in decodetest.corpus():
            for form, _, suffix in OUTPUTS:
                with self.subTest(capture=os.path.basename(path), form=form):
                    right = model(path, form)
                    left, _ = differences.unexplained(sflowtool(path, suffix), right, right)
                    self.assertEqual(left, [])


class Page(unittest.TestCase):

    def test_titles(self):
        """The page tells of each rule, in its words."""
        if not os.path.exists(PAGE):
            self.fail(f"no {PAGE}")
        words = " ".join(re.sub(r"[`*]", "", differences.read(PAGE)).split()).lower()
        for name, rule in RULES.items():
            with self.subTest(rule=name):
                self.assertIn(rule.title.lower(), words)


if __name__ == "__main__":
    decodetest.main()
