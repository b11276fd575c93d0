#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What devtools/reliability.py makes of what tests printed."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.environ.get(
    "WEIR_SOURCE_ROOT", os.path.join(os.path.dirname(__file__), "..", "..")))
SCRIPT = os.path.join(ROOT, "devtools", "reliability.py")
PAGE = os.path.join(ROOT, "docs", "reliability.rst")


def figure(chapter, fault, **values):
    return "figure " + json.dumps({"chapter": chapter, "fault": fault, "values": values})


class Reliability(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def run_on(self, page, *logs):
        return subprocess.run([sys.executable, SCRIPT, "--page", page, *logs], check=False,
                              capture_output=True, text=True)

    def page(self):
        with open(PAGE, encoding="utf-8") as f:
            return self.write("page.rst", f.read())

    def test_rows_of_both_kinds_of_log(self):
        meson = self.write("m.json", json.dumps({"name": "x", "stdout": "a word\n" + figure(
            "redis", "gone", back_s=0.5, commands=12345) + "\n"}) + "\n")
        plain = self.write("p.txt", "test_x ... " + figure("soak", "all", lost=0) + "\n")
        page = self.page()
        self.assertEqual(self.run_on(page, meson, plain).returncode, 0)
        with open(page, encoding="utf-8") as f:
            text = f.read()
        self.assertIn("   * - gone\n     - back s 0.5; commands 12,345\n", text)
        self.assertIn("   * - all\n     - lost 0\n", text)

    def test_other_chapters_stay(self):
        page = self.page()
        self.run_on(page, self.write("1", figure("soak", "first", n=1) + "\n"))
        self.run_on(page, self.write("2", figure("tls", "second", n=2) + "\n"))
        self.run_on(page, self.write("3", figure("tls", "third", n=3) + "\n"))
        with open(page, encoding="utf-8") as f:
            text = f.read()
        self.assertIn("* - first", text)
        self.assertNotIn("* - second", text)
        self.assertIn("* - third", text)

    def test_nothing_to_show(self):
        page = self.page()
        self.assertEqual(self.run_on(page, self.write("1", "no words\n")).returncode, 1)
        unknown = self.run_on(page, self.write("2", figure("weather", "rain", mm=3) + "\n"))
        self.assertIn("weather", unknown.stderr)
        self.assertNotEqual(unknown.returncode, 0)


if __name__ == "__main__":
    unittest.main()
