# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of `weirctl decode` share: running it, and telling differences.

A test script gets the path of weirctl as its first argument. Its exit code is 0, 1, or 77 where
something was skipped: a skip never looks like a success. WEIR_DECODE_SEEDS is how many seeds to
try, WEIR_DECODE_MOST how many differences to show.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import expected

SOURCE = os.path.abspath(os.environ.get(
    "WEIR_SOURCE_ROOT", os.path.join(os.path.dirname(__file__), "..", "..")))
CORPUS = os.environ.get("WEIR_CORPUS", os.path.join(SOURCE, "..", "shared", "corpus"))
TIMEOUT = 60  # s for anything that is waited for
SKIP = 77
SEEDS = range(int(os.environ.get("WEIR_DECODE_SEEDS", "8")))
MOST = int(os.environ.get("WEIR_DECODE_MOST", "12"))  # differences that are shown
DAMAGE = re.compile(r"ERROR: \w+Sanitizer|runtime error:|Assertion .* failed|\*\*\* ")
PROGRAM = []


def corpus():
    """Paths of the captures; skips where there are none."""
    files = sorted(glob.glob(os.path.join(CORPUS, "*.pcap")))
    if not files:
        raise unittest.SkipTest(f"no captures in {CORPUS}: set WEIR_CORPUS")
    return files


def lines_of(text):
    """Lines of an output; other characters that some take for the end of a line are none here."""
    return text.split("\n")[:-1]


def environment(zone="UTC"):
    return {**os.environ, "TZ": zone, "LC_ALL": "C.UTF-8"}


def first_difference(want, got):
    """Where two texts differ, with the lines around it."""
    wanted, found = want.split("\n"), got.split("\n")
    for number, (a, b) in enumerate(zip(wanted, found), 1):
        if a != b:
            before = "\n".join(f"    {line}" for line in wanted[max(0, number - 12):number - 1])
            return f"line {number}\n{before}\n  - {a}\n  + {b}"
    shorter = min(len(wanted), len(found))
    return f"line {shorter + 1}: {len(found)} lines, not {len(wanted)}"


class Case(unittest.TestCase):
    """A test with a folder of its own that goes away with it."""

    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="weir-decode-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name, data=None):
        path = os.path.join(self.folder, name)
        if data is not None:
            with open(path, "wb") as f:
                f.write(data)
        return path

    def decode(self, *words, code=0, given=None, zone="UTC"):
        """Run weirctl decode to its end: (stdout, stderr)."""
        done = subprocess.run([*PROGRAM, "decode", *words], input=given, capture_output=True,
                              check=False, timeout=TIMEOUT, env=environment(zone))
        errors = done.stderr.decode(errors="replace")
        if done.returncode != code or DAMAGE.search(errors):
            self.fail(f"decode {' '.join(words)}: exit {done.returncode}, not {code}\n"
                      f"{errors[-3000:]}")
        return done.stdout, errors

    def text(self, *words, **more):
        """Its stdout as text; bytes that are none stay visible."""
        return self.decode(*words, **more)[0].decode(errors="surrogateescape")

    def objects(self, *words, **more):
        """Its stdout as JSON objects, one a line."""
        return [expected.load(line) for line in lines_of(self.text("--json", *words, **more))]

    def assert_same_text(self, want, got, what=""):
        if want != got:
            self.fail(f"{what}: {first_difference(want, got)}")

    def assert_same_objects(self, wanted, got, names):
        """Objects of datagrams are as they should be; the first differences of each are shown."""
        self.assertEqual(len(got), len(wanted), "datagrams")
        found = []
        for name, a, b in zip(names, wanted, got):
            found += [f"{name} {line}" for line in expected.differences(a, b)]
        if found:
            shown = "\n".join(line[:400] for line in found[:MOST])
            self.fail(f"{len(found)} differences, such as\n{shown}")


def main():
    """Run the tests of the script."""
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} WEIRCTL [TEST...]")
    PROGRAM[:] = [os.path.abspath(sys.argv.pop(1))]
    result = unittest.main(exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIP if result.skipped else 0)
