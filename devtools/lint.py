#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Check what a compiler does not: format, SPDX lines, blanks, the order of lib/.

    devtools/lint.py            all checks
    devtools/lint.py --fix      format the C files in place, first

Exit: 0 clean, 1 findings, 77 clang-format is not installed (and all else is clean).
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SPDX = "SPDX-License-Identifier: BSD-3-Clause"
SKIP = 77
MOST_LINES = 700

# Files that hold bytes, or text that is not ours to lay out.
NO_TEXT = re.compile(r"^(LICENSE$|tests/fuzz/corpus/|tests/data/)")
NEEDS_SPDX = re.compile(r"(\.(c|h|py|sh|bash)|/meson\.build|^meson\.build|^GNUmakefile|^quickstart"
                        r"|^\.ci/run|^devtools/[a-z-]+)$")
CONFLICT = re.compile(r"(<{7}|>{7}|\|{7})( |$)")
HIDDEN = {".git", "__pycache__"}


def walk():
    """Files below the root, where git does not tell."""
    for folder, dirs, files in os.walk(ROOT):
        dirs[:] = [d for d in dirs if d not in HIDDEN and not d.startswith("build")]
        for name in files:
            yield os.path.relpath(os.path.join(folder, name), ROOT)


def tree():
    """Files of the project: tracked ones, and new ones that are not ignored."""
    try:
        git = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others",
                              "--exclude-standard"], capture_output=True, text=True, check=True)
        names = git.stdout.split("\0")
    except (FileNotFoundError, subprocess.CalledProcessError):  # no git, or no checkout
        names = walk()
    return sorted(n for n in set(names) if n and os.path.isfile(os.path.join(ROOT, n))
                  and not os.path.islink(os.path.join(ROOT, n)))


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as f:
        return f.read()


def is_c(name):
    return name.endswith((".c", ".h"))


def is_conflict(line, before):
    """Whether git has marked a conflict here; a heading is never longer than what underlines it."""
    return bool(CONFLICT.match(line)) or (line == "=" * 7 and len(before) > 7)


def check_text(name):
    """Blanks at the ends of lines and of the file, the SPDX line, the size of a file."""
    try:
        text = read(name)
    except UnicodeDecodeError:
        yield 1, "not UTF-8"
        return
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
        if is_conflict(line, lines[number - 2] if number > 1 else ""):
            yield number, "a merge conflict that was not resolved"
    if text and not text.endswith("\n"):
        yield len(lines), "no newline at the end of the file"
    if text.endswith("\n\n"):
        yield len(lines) - 1, "empty lines at the end of the file"
    if NEEDS_SPDX.search(name) and SPDX not in "\n".join(lines[:3]):
        yield 1, f"no line '{SPDX}'"
    if is_c(name) and len(lines) > MOST_LINES + 1:
        yield MOST_LINES, f"longer than {MOST_LINES} lines: split it by concern"


def libraries():
    """Names in lib/meson.build, in the order of the data flow."""
    inside = re.search(r"^libs = \[(.*?)\]", read("lib/meson.build"), re.S | re.M)
    return re.findall(r"'(\w+)'", inside.group(1))


def check_includes(name, order):
    """A library includes itself and those above it; nothing in lib/ includes app/."""
    own = name.split("/")[1]
    for number, line in enumerate(read(name).split("\n"), 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not found:
            continue
        path = found.group(1)
        other = path.split("/")[0]
        if ".." in path.split("/"):
            yield number, f'"{path}": include by the path from lib/'
        elif "/" in path and other not in order:
            yield number, f'"{path}": lib/ has no {other}'
        elif "/" in path and order.index(other) > order.index(own):
            yield number, f'"{path}": {other} stands below {own} in lib/meson.build'


def check_format(names):
    """clang-format, as .clang-format says."""
    run = subprocess.run(["clang-format", "--dry-run", "-Werror", "--ferror-limit=1"] + names,
                         cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return
    for line in run.stderr.split("\n"):
        if ": error:" in line:
            place = line.split(":")
            yield place[0], int(place[1]), "not as clang-format has it (make format)"


def all_findings(names):
    order = libraries()
    for name in names:
        if not NO_TEXT.search(name):
            for line, text in check_text(name):
                yield name, line, text
        if name.startswith("lib/") and name.count("/") == 2 and is_c(name):
            for line, text in check_includes(name, order):
                yield name, line, text


def main():
    parser = argparse.ArgumentParser(description="Check what a compiler does not.")
    parser.add_argument("--fix", action="store_true", help="format the C files in place, first")
    args = parser.parse_args()
    names = tree()
    code = [n for n in names if is_c(n)]
    formatter = shutil.which("clang-format")
    if args.fix:
        if not formatter:
            sys.exit("lint: clang-format is not installed: apt-get install clang-format")
        subprocess.run([formatter, "-i"] + code, cwd=ROOT, check=True)
    findings = list(all_findings(names))
    if formatter:
        findings += check_format(code)
    for name, line, text in findings:
        print(f"{name}:{line}: {text}")
    print(f"lint: {len(names)} files, {len(findings)} findings")
    if findings:
        return 1
    if not formatter:
        print("lint: clang-format is not installed, so the format was not checked")
        return SKIP
    return 0


if __name__ == "__main__":
    sys.exit(main())
