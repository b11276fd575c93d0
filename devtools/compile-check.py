#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Whether lib/ and app/ compile without assertions, and without a warning:

    devtools/compile-check.py BUILD clang -fsyntax-only
    devtools/compile-check.py --asserting BUILD gcc -S -o /dev/null

Commands are those of BUILD/compile_commands.json, with that compiler and -DNDEBUG. Headers that
are made must be there. With --asserting only files that have assertions are compiled, which is
enough for the compiler of the build itself: to it, the others are what they were.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DROPPED = ("-flto", "-ffat-lto-objects", "-mmemcpy-strategy", "-mmemset-strategy", "-MD")
DROPPED_PAIRS = ("-o", "-MQ", "-MF")


def asserting(path):
    return re.search(r"\bassert\(", path.read_text(encoding="utf-8"))


def sources(build, all_files):
    """(folder, arguments) of each C file of the libraries and programs."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        commands = json.load(f)
    folders = [ROOT / "lib", ROOT / "app"]
    all_files = all_files or any(asserting(h) for f in folders for h in f.rglob("*.h"))
    for command in commands:
        path = pathlib.Path(command["directory"], command["file"]).resolve()
        if any(f in path.parents for f in folders) and (all_files or asserting(path)):
            yield command["directory"], shlex.split(command["command"])


def arguments(words):
    """Without the compiler, and without what makes files or needs a certain compiler."""
    kept, words = [], iter(words[1:])
    for word in words:
        if word in DROPPED_PAIRS:
            next(words)
        elif not word.startswith(DROPPED):
            kept.append(word)
    return kept


def main():
    words = sys.argv[1:]
    all_files = "--asserting" not in words[:1]
    build, *compiler = words if all_files else words[1:]

    failed, count = 0, 0
    for folder, words in sources(build, all_files):
        done = subprocess.run([compiler[0], *arguments(words), "-Werror", "-DNDEBUG",
                               *compiler[1:]],
                              cwd=folder, capture_output=True, text=True, check=False)
        count += 1
        if done.returncode != 0:
            failed += 1
            print(done.stderr, flush=True)
    print(f"{' '.join(compiler)}: {count} files, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
