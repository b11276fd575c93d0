# SPDX-License-Identifier: BSD-3-Clause
"""What the output for a capture has other than sflowtool's, and which rules account for it."""

from rules import RULES

START = "startDatagram "


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def datagrams(text):
    """Lines of each datagram; of -l, which has none, all lines as one."""
    found = []
    for line in text.split("\n")[:-1]:
        if START in line or not found:
            found.append([])
        found[-1].append(line)
    return found


def expected(want, model):
    """(lines that weir has to print, rules that were needed), from what sflowtool and the model
    print for one datagram."""
    used = []
    for name, rule in RULES.items():
        if want == model:
            break
        right = rule.explain and rule.explain(want, model)
        if right:
            want = right
            used.append(name)
    return want, used


def unexplained(want_text, model_text, got_text):
    """(differences that no rule accounts for, names of the rules that were needed)."""
    if got_text and not got_text.endswith("\n"):
        return ["the last line has no end"], set()
    wanted, models, found = map(datagrams, (want_text, model_text, got_text))
    if not len(wanted) == len(models) == len(found):
        return [f"{len(found)} datagrams, not {len(wanted)}; {len(models)} of the model"], set()
    left, used = [], set()
    for number, (want, model, got) in enumerate(zip(wanted, models, found)):
        right, rules = expected(want, model)
        used.update(rules)
        if right != got:
            pairs = [(x, y) for x, y in zip(right, got) if x != y] or [
                (f"{len(right)} lines", f"{len(got)} lines")]
            left.append(f"datagram {number}: {pairs[0][1]!r} is not {pairs[0][0]!r}")
    return left, used
