#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Names of the unit tests of some libraries, from the JSON of `meson introspect --tests`.

    meson introspect --tests build | devtools/test-names.py LIBRARY...
"""

import json
import sys


def main():
    for test in json.load(sys.stdin):
        library = test["name"].split("/")[0]
        if library in sys.argv[1:] and any(s.endswith("unit") for s in test["suite"]):
            print(test["name"])


if __name__ == "__main__":
    main()
