#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sum up the logs of meson test: devtools/tally.py FILE.json...

A log that is not there stands for a run that did not come to its tests: one failure.
With CI=true in the environment a skip is a failure, too.
Last line: "N passed, N failed, N skipped". Exit: 0 where nothing failed, else 1.
"""

import json
import os
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}


def results(path):
    """(name, result) of each test in a log: one JSON object a line."""
    with open(path, encoding="utf-8") as log:
        for line in log:
            if line.strip():
                test = json.loads(line)
                yield test["name"], test["result"]


def main():
    passed, failed, skipped = 0, [], []
    for path in sys.argv[1:]:
        try:
            for name, result in results(path):
                if result in PASSED:
                    passed += 1
                elif result in SKIPPED:
                    skipped.append(f"{path}: {name}")
                else:
                    failed.append(f"{path}: {name}: {result}")
        except (OSError, ValueError) as e:
            failed.append(f"{path}: no results: {e}")
    for line in skipped:
        print(f"skipped  {line}")
    for line in failed:
        print(f"FAILED   {line}")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    if failed or (skipped and os.environ.get("CI") == "true"):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
