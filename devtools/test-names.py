#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Names of the unit tests of some libraries, from the JSON of `meson introspect --tests`.

    meson introspect --tests build | devtools/test-names.py [--programs] LIBRARY...

With --programs: their programs, as ninja knows them.
"""

import json
import sys


def main():
    programs, libraries = "--programs" in sys.argv, sys.argv[1:]
    for test in json.load(sys.stdin):
        library = test["name"].split("/")[0]
        if library in libraries and any(s.endswith("unit") for s in test["suite"]):
            program = test["cmd"][0]
            print(program[program.rindex("tests/unit/"):] if programs else test["name"])


if __name__ == "__main__":
    main()
